// Rebuilds the images of the villains for Linux: `node --import tsx guests/villains/linux/images.ts [--headers FOLDER]`, the kernel module
// only with --headers, the folder that Debian's header packages were unpacked into. With --check nothing is written; it ends with status 1
// if an image in images/ is not, byte for byte, what the sources give. Node only.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { toolDifferences } from '../../pup/toolchain.ts';
import { buildModule } from './module.ts';
import { buildPrograms } from './programs.ts';

const FOLDER = fileURLToPath(new URL('./images/', import.meta.url));

/** All images by name, freshly built; the module if there are headers for it. */
async function build(headers: string | undefined): Promise<Map<string, Uint8Array>> {
  const images = await buildPrograms();
  if (headers !== undefined) images.set('villains.ko', await buildModule(headers));
  return images;
}

/**
 * Builds images and compares them with what lies in images/.
 * @param headers folder of Debian's headers; without it the module is left out
 * @returns the files that differ or are missing
 */
export async function staleImages(headers?: string): Promise<string[]> {
  const stale: string[] = [];
  for (const [name, built] of await build(headers)) {
    const kept = await readFile(path.join(FOLDER, name)).catch(() => undefined);
    if (kept === undefined || Buffer.compare(kept, built) !== 0) stale.push(name);
  }
  return stale;
}

async function check(headers: string | undefined): Promise<void> {
  const stale = await staleImages(headers);
  if (stale.length === 0) return console.log('the images of the villains are what the sources give, byte for byte');
  console.error(`not what the sources give: ${stale.join(', ')}`);
  console.error((await toolDifferences()).join('\n') || 'The tools are the expected ones: run images.ts');
  process.exitCode = 1;
}

async function rebuild(headers: string | undefined): Promise<void> {
  for (const difference of await toolDifferences()) console.warn(`warning: ${difference}`);
  await mkdir(FOLDER, { recursive: true });
  for (const [name, image] of await build(headers)) {
    await writeFile(path.join(FOLDER, name), image);
    console.log(`${name}: ${image.length} bytes`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, headers: { type: 'string' } } });
  await (values.check ? check(values.headers) : rebuild(values.headers));
}
