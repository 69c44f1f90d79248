// Rebuilds the bootstrap task of the GNU Mach guest: `node --import tsx guests/mach/build.ts`. With --check nothing is
// written; it ends with status 1 if images/bootstrap.elf is not, byte for byte, what the sources give. Node only.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMON_FLAGS, compileAll } from '../pup/compile.ts';
import { EXPECTED_TOOLS, runTool, toolDifferences } from '../pup/toolchain.ts';

const FOLDER = path.dirname(fileURLToPath(import.meta.url));
const SOURCES = path.join(FOLDER, 'bootstrap');

/** The committed image: an i386 ELF executable, which the kernel loads as its first task. */
export const IMAGE_PATH = path.join(FOLDER, 'images', 'bootstrap.elf');

/**
 * Compiles and links the bootstrap task. The same sources and tools give the same bytes.
 * @returns the ELF file
 * @throws ToolError if gcc or binutils are missing or fail
 */
export async function buildBootstrap(): Promise<Uint8Array> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'mach-bootstrap-'));
  try {
    const names = (await readdir(SOURCES, { recursive: true })).map((name) => name.split(path.sep).join('/'));
    // The order of the objects is the order of the code.
    const sources = names.filter((name) => /\.[cS]$/.test(name)).sort();
    const objects = await compileAll(SOURCES, scratch, sources, [...COMMON_FLAGS, '-I', '.']);
    const linked = path.join(scratch, 'linked.elf');
    const options = ['-m', 'elf_i386', '-n', '--build-id=none', '-z', 'noexecstack', '-T', 'program.ld'];
    await runTool('ld', [...options, '-o', linked, ...objects.values()], SOURCES);
    const stripped = path.join(scratch, 'stripped.elf');
    await runTool('objcopy', ['--strip-all', linked, stripped], SOURCES);
    return new Uint8Array(await readFile(stripped));
  } finally {
    await rm(scratch, { recursive: true });
  }
}

/** Whether the committed image is missing, or not what the sources give. */
export async function isStale(): Promise<boolean> {
  const kept = await readFile(IMAGE_PATH).catch(() => undefined);
  return kept === undefined || Buffer.compare(kept, await buildBootstrap()) !== 0;
}

async function check(): Promise<void> {
  const image = path.relative(process.cwd(), IMAGE_PATH);
  const differences = await toolDifferences();
  if (!(await isStale())) {
    console.log(`${image} is what the sources give, byte for byte`);
    return;
  }
  console.error(`not what the sources give: ${image}`);
  console.error(
    differences.length > 0
      ? `These tools are not the ones the image was built with, which may be the reason:\n${differences.join('\n')}`
      : `The tools are the expected ones (${EXPECTED_TOOLS.map((tool) => tool.package).join(', ')}): run guests/mach/build.ts and commit the result`,
  );
  process.exitCode = 1;
}

async function rebuild(): Promise<void> {
  for (const difference of await toolDifferences()) console.warn(`warning: ${difference}`);
  const image = await buildBootstrap();
  await mkdir(path.dirname(IMAGE_PATH), { recursive: true });
  await writeFile(IMAGE_PATH, image);
  console.log(`${path.relative(process.cwd(), IMAGE_PATH)}: ${image.length} bytes`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await (process.argv.includes('--check') ? check() : rebuild());
