// wolfden guests build pup: makes a pup of the user's own choice of design.
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Argv, CommandModule, InferredOptionTypes, Options } from 'yargs';
import { DEFAULT_OPTIONS, POINTS, type Point, type PupOptions } from '../../guests/pup/options.ts';
import type { SymbolMap } from '../../guests/pup/symbols.ts';
import { UsageError } from '../failure.ts';
import { once } from '../guest-options.ts';

/** What each variation point decides. */
const POINT_HELP: Record<Point, string> = {
  syscall: 'how programs call the kernel',
  switch: 'who switches tasks: the kernel, or the CPU through TSSs',
  paging: 'page tables of two levels, or three with PAE',
  globals: 'whether kernel pages are global',
  current: 'where the kernel finds the current task',
  sched: 'which task runs next',
  names: 'where the names of processes are kept',
  ids: 'what process ids look like',
  threads: 'whether a process has one thread or many',
  clock: 'whether the timer interrupts, or nothing ever does',
};

const pointOption = (point: Point) =>
  ({
    choices: POINTS[point],
    default: DEFAULT_OPTIONS[point],
    requiresArg: true,
    describe: POINT_HELP[point],
  }) as const;

const OPTIONS = {
  ...Object.fromEntries(Object.keys(POINTS).map((point) => [point, pointOption(point as Point)] as const)),
  'frame-pointers': { type: 'boolean', default: true, describe: 'whether kernel functions keep EBP as frame pointer' },
  split: { type: 'number', choices: [2, 3], default: DEFAULT_OPTIONS.split, describe: 'GiB of user address space' },
  base: { type: 'number', requiresArg: true, default: DEFAULT_OPTIONS.base, describe: 'load address in MiB' },
  output: { type: 'string', requiresArg: true, default: 'pup.elf', describe: 'file for the image' },
} as const satisfies Record<string, Options>;

const builder = (yargs: Argv) =>
  yargs
    .positional('name', { choices: ['pup'] as const, demandOption: true, describe: 'guest to build' })
    .options(OPTIONS)
    .example(
      '$0 guests build pup --syscall sysenter --switch tss',
      'write pup.elf, pup.map.json and the guest file pup.json',
    )
    .example('$0 run ./pup.json', 'run it')
    .epilogue('Needs gcc and binutils that make i386 code (gcc -m32); wolfden doctor tells whether they do.');

type BuildArguments = InferredOptionTypes<typeof OPTIONS> & Readonly<Record<Point, string>>;

/** The options of the build; `buildPup` checks them. */
function pupOptions(args: BuildArguments): Partial<PupOptions> {
  const points = Object.keys(POINTS).map((point) => [point, once(point, args[point as Point])]);
  const { split, base } = args;
  if (Number.isNaN(once('base', base)))
    throw new UsageError('--base: expected a whole number of MiB, found something else');
  return { ...Object.fromEntries(points), framePointers: args['frame-pointers'], split, base } as Partial<PupOptions>;
}

/** A guest file for the image, to be found beside it. */
const guestFile = (image: string, { variant, options }: SymbolMap): string => {
  // Without interrupts it takes no commands: it runs its programs and halts.
  const prompt = options.clock === 'quiet' ? 'pup: halted' : 'pup# ';
  const about = { name: 'pup-own', title: `pup: ${variant}`, licence: 'BSD-2-Clause' };
  return `${JSON.stringify({ ...about, boot: 'multiboot', kernel: image, memory: 32, prompt }, undefined, 2)}\n`;
};

async function build(args: BuildArguments): Promise<void> {
  const output = resolve(once('output', args.output));
  const { buildPup } = await import('../../guests/pup/build.ts');
  const { image, map } = await buildPup(pupOptions(args));
  await mkdir(dirname(output), { recursive: true });
  const stem = output.replace(/\.elf$/, '');
  await writeFile(output, image);
  await writeFile(`${stem}.map.json`, `${JSON.stringify(map, undefined, 1)}\n`);
  await writeFile(`${stem}.json`, guestFile(basename(output), map));
  console.log(`${output}: ${map.variant}\nrun it with: wolfden run ${stem}.json`);
}

export const guestsBuildCommand: CommandModule<object, BuildArguments> = {
  command: 'build <name>',
  describe: 'build a pup with a design of your own choice',
  builder: builder as never,
  handler: build,
};
