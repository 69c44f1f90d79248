// Rebuilds the images of the catalogue: `node --import tsx guests/pup/images.ts`. With --check nothing is written; it ends
// with status 1 if an image or map in images/ is not, byte for byte, what the sources give.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPup } from './build.ts';
import type { PupSymbol, SymbolMap } from './symbols.ts';
import { EXPECTED_TOOLS, toolDifferences } from './toolchain.ts';
import { type PupVariant, VARIANTS } from './variants.ts';

const FOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), 'images');

/** Where a variant's ELF image lies. */
export const imagePath = (name: string): string => path.join(FOLDER, `${name}.elf`);

/** Where a variant's map lies: JSON of a SymbolMap. */
export const mapPath = (name: string): string => path.join(FOLDER, `${name}.map.json`);

// One line per symbol, so that a change shows as a few lines; otherwise as the project's formatter has it.
const mapText = ({ symbols, ...rest }: SymbolMap): string => {
  const line = ([name, { address, size }]: [string, PupSymbol]) =>
    `    ${JSON.stringify(name)}: { "address": ${address}, "size": ${size} }`;
  const lines = Object.entries(symbols).map(line).join(',\n');
  return `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "symbols": {\n${lines}\n  }\n}\n`;
};

/** The files of a variant, freshly built. */
async function variantFiles({ name, options }: PupVariant): Promise<[string, Uint8Array][]> {
  const { image, map } = await buildPup(options, name);
  return [
    [imagePath(name), image],
    [mapPath(name), new TextEncoder().encode(mapText(map))],
  ];
}

/**
 * Builds variants and compares them with what lies in images/.
 * @returns the files that differ or are missing
 */
export async function staleImages(variants: readonly PupVariant[] = VARIANTS): Promise<string[]> {
  const stale: string[] = [];
  for (const variant of variants) {
    for (const [file, built] of await variantFiles(variant)) {
      const kept = await readFile(file).catch(() => undefined);
      if (!kept || Buffer.compare(kept, built) !== 0) stale.push(path.relative(process.cwd(), file));
    }
  }
  return stale;
}

async function check(): Promise<void> {
  const differences = await toolDifferences();
  const stale = await staleImages();
  if (stale.length === 0) {
    console.log(`${VARIANTS.length} images are what the sources give, byte for byte`);
    return;
  }
  console.error(`not what the sources give: ${stale.join(', ')}`);
  console.error(
    differences.length > 0
      ? `These tools are not the ones the images were built with, which may be the reason:\n${differences.join('\n')}`
      : `The tools are the expected ones (${EXPECTED_TOOLS.map((tool) => tool.package).join(', ')}): run guests/pup/images.ts and commit the result`,
  );
  process.exitCode = 1;
}

async function rebuild(): Promise<void> {
  for (const difference of await toolDifferences()) console.warn(`warning: ${difference}`);
  await mkdir(FOLDER, { recursive: true });
  for (const variant of VARIANTS) {
    for (const [file, built] of await variantFiles(variant)) await writeFile(file, built);
    console.log(`${variant.name}: ${variant.shows}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await (process.argv.includes('--check') ? check() : rebuild());
