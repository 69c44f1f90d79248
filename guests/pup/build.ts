// Builds pup with gcc: sources chosen by the options, programs packed into the kernel, one ELF file with a multiboot header.
// The same options give the same bytes. Runs in node only.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packArchive } from './archive.ts';
import { COMMON_FLAGS, compileAll } from './compile.ts';
import { withoutSections } from './elf.ts';
import { optionsKey, POINTS, type Point, type PupOptions, resolveOptions } from './options.ts';
import { buildPrograms } from './programs.ts';
import { readOffsets, readSymbols, type SymbolMap } from './symbols.ts';
import { runTool } from './toolchain.ts';

export type { PupOptions, SymbolMap };

/** A kernel ready to boot, and its map. */
export interface PupBuild {
  /** ELF file with a multiboot v1 header, programs included. */
  readonly image: Uint8Array;
  readonly map: SymbolMap;
}

const ROOT = path.dirname(fileURLToPath(import.meta.url));
const MIB = 2 ** 20;
const GIB = 2 ** 30;
const hex = (value: number) => `0x${value.toString(16)}`;

/** The sources of a kernel: all that are no variation, and of each variation point the folder that was chosen. */
async function kernelSources(options: PupOptions): Promise<string[]> {
  const all = (await readdir(path.join(ROOT, 'kernel'), { recursive: true })).map((name) =>
    name.split(path.sep).join('/'),
  );
  const isChosen = (name: string) => {
    const [point, value] = name.split('/') as [Point, string];
    const values: readonly string[] | undefined = POINTS[point];
    return !values?.includes(value) || options[point] === value;
  };
  return all
    .filter((name) => /\.[cS]$/.test(name) && name !== 'offsets.c' && isChosen(name))
    .sort()
    .map((name) => `kernel/${name}`);
}

function kernelFlags(options: PupOptions): string[] {
  const chosenFolders = (Object.keys(POINTS) as Point[]).flatMap((point) => [
    '-I',
    `kernel/${point}/${options[point]}`,
  ]);
  return [
    ...COMMON_FLAGS,
    options.framePointers ? '-fno-omit-frame-pointer' : '-fomit-frame-pointer',
    ...['-I', '.', '-I', 'kernel'],
    ...chosenFolders,
    `-DKERNEL_SPLIT=${hex(options.split * GIB)}u`,
  ];
}

/** The files under /etc; in the quiet variant also /etc/start, which init then runs instead of a shell. */
async function textFiles(options: PupOptions): Promise<Map<string, Uint8Array>> {
  const folder = path.join(ROOT, 'programs/etc');
  const files = new Map<string, Uint8Array>();
  for (const name of await readdir(folder)) files.set(`/etc/${name}`, await readFile(path.join(folder, name)));
  if (options.clock === 'quiet') files.set('/etc/start', files.get('/etc/quiet.sh')!);
  return files;
}

const programCache = new Map<string, Promise<Map<string, Uint8Array>>>();

/** Programs depend on the gate only, so several variants share them. */
function programsFor(gate: PupOptions['syscall']): Promise<Map<string, Uint8Array>> {
  const build = async () => {
    const scratch = await mkdtemp(path.join(tmpdir(), 'pup-programs-'));
    try {
      return await buildPrograms(ROOT, scratch, gate);
    } finally {
      await rm(scratch, { recursive: true });
    }
  };
  const cached = programCache.get(gate) ?? build();
  programCache.set(gate, cached);
  return cached;
}

// Two small sources that only a build can know: the name that the kernel says at boot, and the archive.
const generatedSource = (name: string) => `    .section .rodata
    .globl variant_name
variant_name:
    .asciz ${JSON.stringify(name)}
    .section .archive, "a"
    .balign 4
    .globl archive
archive:
    .incbin "archive.bin"
`;

/**
 * Builds a kernel.
 * @param chosen what differs from the default options
 * @param name what the kernel calls itself at boot; by default its options
 * @param more flags for the compiler behind those that are always there
 * @throws PupOptionError if the options make no sense, ToolError if gcc or binutils are missing or fail
 */
export async function buildPup(
  chosen: Partial<PupOptions> = {},
  name?: string,
  more: readonly string[] = [],
): Promise<PupBuild> {
  const options = resolveOptions(chosen);
  const variant = name ?? optionsKey(options);
  const scratch = await mkdtemp(path.join(tmpdir(), 'pup-kernel-'));
  try {
    const files = new Map([...(await programsFor(options.syscall)), ...(await textFiles(options))]);
    await writeFile(path.join(scratch, 'archive.bin'), packArchive(files));
    await writeFile(path.join(scratch, 'generated.S'), generatedSource(variant));
    await runTool('gcc', ['-m32', '-c', 'generated.S', '-o', 'generated.o'], scratch);

    const flags = [...kernelFlags(options), ...more];
    const objects = await compileAll(ROOT, scratch, ['abi/format.c', ...(await kernelSources(options))], flags);
    const linked = path.join(scratch, 'linked.elf');
    await runTool(
      'ld',
      [
        ...['-m', 'elf_i386', '-n', '--build-id=none', '-z', 'noexecstack', '-T', 'kernel/boot/kernel.ld'],
        `--defsym=KERNEL_SPLIT=${hex(options.split * GIB)}`,
        `--defsym=KERNEL_LOAD=${hex(options.base * MIB)}`,
        ...['-o', linked, ...objects.values(), path.join(scratch, 'generated.o')],
      ],
      ROOT,
    );
    const stripped = path.join(scratch, 'stripped.elf');
    await runTool('objcopy', ['--strip-all', linked, stripped], ROOT);
    return {
      image: withoutSections(await readFile(stripped)),
      map: { variant, options, symbols: await readSymbols(ROOT, linked), offsets: await readOffsets(ROOT, flags) },
    };
  } finally {
    await rm(scratch, { recursive: true });
  }
}
