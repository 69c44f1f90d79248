// The programs in the image, as data, and their build. They are the same for all variants but for the gate.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { COMMON_FLAGS, compileAll } from './compile.ts';
import { withoutSections } from './elf.ts';
import type { PupOptions } from './options.ts';
import { runTool } from './toolchain.ts';

/** Folders of programs that are one source file each: the file's name is the program's. */
const SINGLE_FILE_FOLDERS = ['programs/tools', 'programs/load', 'programs/villains'] as const;

const SHELL_SOURCES = ['parse', 'run', 'builtins', 'edit', 'main'].map((name) => `programs/sh/${name}.c`);

/** Programs of several source files. */
const LARGER_PROGRAMS: Readonly<Record<string, readonly string[] | string>> = {
  sh: [...SHELL_SOURCES, 'programs/sh/no_hook.c'],
  'keylog-shell': [...SHELL_SOURCES, 'programs/villains/shell_hook/hook.c'],
  ret2usr: 'programs/villains/ret2usr',
};

/** Other names under which a program is found. */
const ALIASES: Readonly<Record<string, string>> = { shutdown: 'halt' };

const FLAGS = [
  ...COMMON_FLAGS,
  '-fomit-frame-pointer',
  '-ffunction-sections',
  '-fdata-sections',
  '-I',
  'programs',
  '-I',
  '.',
];

const sourcesIn = async (root: string, folder: string) =>
  (await readdir(path.join(root, folder)))
    .filter((name) => /\.[cS]$/.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);

/** Each program's sources. */
async function programSources(root: string): Promise<Map<string, readonly string[]>> {
  const programs = new Map<string, readonly string[]>();
  for (const folder of SINGLE_FILE_FOLDERS) {
    for (const source of await sourcesIn(root, folder)) programs.set(path.basename(source, '.c'), [source]);
  }
  for (const [name, sources] of Object.entries(LARGER_PROGRAMS)) {
    programs.set(name, typeof sources === 'string' ? await sourcesIn(root, sources) : sources);
  }
  return programs;
}

/**
 * Builds all programs for a gate.
 * @param root folder of pup's sources
 * @param scratch empty folder for what lies between
 * @returns ELF files by path in the image
 */
export async function buildPrograms(
  root: string,
  scratch: string,
  gate: PupOptions['syscall'],
): Promise<Map<string, Uint8Array>> {
  const library = [`programs/gates/${gate}.S`, 'abi/format.c', ...(await sourcesIn(root, 'programs/lib'))];
  const programs = await programSources(root);
  const sources = new Set([...library, ...[...programs.values()].flat()]);
  const objects = await compileAll(root, scratch, [...sources], FLAGS);
  const files = new Map<string, Uint8Array>();
  const link = async (name: string, own: readonly string[]) => {
    const output = path.join(scratch, `${name}.elf`);
    const inputs = [...own, ...library].map((source) => objects.get(source)!);
    await runTool(
      'ld',
      [
        '-m',
        'elf_i386',
        '-n',
        '-s',
        '--gc-sections',
        '--build-id=none',
        '-z',
        'noexecstack',
        '-T',
        'programs/lib/program.ld',
        '-o',
        output,
        ...inputs,
      ],
      root,
    );
    files.set(`/bin/${name}`, withoutSections(await readFile(output)));
  };
  for (const [name, own] of programs) await link(name, own);
  for (const [alias, name] of Object.entries(ALIASES)) files.set(`/bin/${alias}`, files.get(`/bin/${name}`)!);
  return files;
}
