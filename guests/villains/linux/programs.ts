// Builds the villains' programs for Linux: one source file each, linked with what they share and no C library.
// The same sources give the same bytes. Node only.

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMON_FLAGS, compileAll } from '../../pup/compile.ts';
import { withoutSections } from '../../pup/elf.ts';
import { runTool } from '../../pup/toolchain.ts';

/** Folder of guests: all paths given to the compiler are relative to it. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HERE = 'villains/linux';
/** Sources that pup's villains are built from, too; they include `lib/villain.h`, which each has its own of. */
const FROM_PUP = ['pup/programs/lib/villain.c', 'pup/abi/format.c'];
const FLAGS = [...COMMON_FLAGS, '-fomit-frame-pointer', '-ffunction-sections', '-I', HERE, '-I', 'pup'];

/** Names of the programs. */
export async function programNames(): Promise<string[]> {
  const names = await readdir(path.join(ROOT, HERE, 'programs'));
  return names
    .filter((name) => name.endsWith('.c'))
    .map((name) => path.basename(name, '.c'))
    .sort();
}

/**
 * Builds all programs.
 * @returns ELF files by name
 * @throws ToolError if gcc or binutils are missing or fail
 */
export async function buildPrograms(): Promise<Map<string, Uint8Array>> {
  const scratch = await mkdtemp(path.join(tmpdir(), 'villains-'));
  try {
    const names = await programNames();
    const library = ['start.S', 'text.c', 'keys.c', 'payloads.S'].map((name) => `${HERE}/lib/${name}`);
    const shared = await compileAll(ROOT, scratch, [...library, ...FROM_PUP], FLAGS);
    const objects = await compileAll(
      ROOT,
      scratch,
      names.map((name) => `${HERE}/programs/${name}.c`),
      FLAGS,
    );
    const programs = new Map<string, Uint8Array>();
    for (const name of names) {
      const linked = path.join(scratch, name);
      const inputs = [objects.get(`${HERE}/programs/${name}.c`)!, ...shared.values()];
      const layout = ['-m', 'elf_i386', '--build-id=none', '--gc-sections', '-T', `${HERE}/lib/program.ld`];
      await runTool('ld', [...layout, '-s', '-o', linked, ...inputs], ROOT);
      programs.set(name, withoutSections(await readFile(linked)));
    }
    return programs;
  } finally {
    await rm(scratch, { recursive: true });
  }
}
