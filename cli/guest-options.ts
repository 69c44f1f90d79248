// The options that every command with a guest has, and how a guest is prepared from them.
import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { parseGuest } from '../guests/find.ts';
import { type FoundGuest, findGuest, guestNames, type PreparedGuest, prepareGuest } from '../guests/index.ts';
import { UsageError } from './failure.ts';
import type { MachineChoice } from './start-guest.ts';

const file = { type: 'string', requiresArg: true, nargs: 1 } as const;

export const GUEST_OPTIONS = {
  kernel: { ...file, describe: "kernel to boot in place of the guest's own, or without any GUEST" },
  initrd: { ...file, describe: "initrd in place of the guest's own" },
  deb: { ...file, describe: 'Debian package with the kernel, for a machine without apt or network' },
  'command-line': { ...file, describe: "kernel command line in place of the guest's own" },
  memory: { type: 'number', requiresArg: true, nargs: 1, describe: 'guest RAM in MiB' },
  prompt: { ...file, describe: 'text on the serial console that says that the guest waits for a line' },
  jit: { type: 'boolean', default: true, describe: 'compile hot guest code; --no-jit interprets all of it' },
  mips: {
    type: 'number',
    requiresArg: true,
    nargs: 1,
    describe: 'instructions in a virtual microsecond',
    default: 100,
  },
  seed: { type: 'number', requiresArg: true, nargs: 1, describe: 'seed of all chance in the machine', default: 1 },
  cold: { type: 'boolean', default: false, describe: 'begin at power-on, not from a snapshot at the prompt' },
} as const satisfies Record<string, Options>;

export type GuestArguments = InferredOptionTypes<typeof GUEST_OPTIONS> & { guest?: string | undefined };

/** Adds the positional GUEST and the options to a command. */
export const withGuestOptions = (yargs: Argv): Argv<GuestArguments> =>
  yargs
    .positional('guest', { type: 'string', describe: 'name of a guest (see: wolfden guests) or path of a guest file' })
    .options(GUEST_OPTIONS);

/** An option that is given once. yargs makes a list of one that is repeated. @throws UsageError */
export function once<Value>(option: string, value: Value): Value {
  if (Array.isArray(value)) throw new UsageError(`--${option}: expected once, found ${value.length} times`);
  return value;
}

/** Checks an option that is a number. @throws UsageError */
export function numberOption(
  option: string,
  value: number | undefined,
  test: (value: number) => boolean,
  expected: string,
): number | undefined {
  if (value === undefined || test(once(option, value))) return value;
  throw new UsageError(`--${option}: expected ${expected}, found ${Number.isNaN(value) ? 'something else' : value}`);
}

/** The machine that the options ask for. @throws UsageError */
export function machineChoice({ jit, mips, seed }: GuestArguments): MachineChoice {
  numberOption('mips', mips, (value) => value > 0 && value <= 1e6, 'a number above 0, at most 1,000,000');
  numberOption(
    'seed',
    seed,
    (value) => Number.isInteger(value) && Math.abs(value) < 2 ** 31,
    'a whole number of 32 bits',
  );
  return { jit, mips, seed };
}

/** A guest that is nothing but a kernel given with --kernel. */
const bareKernel = (kernel: string): FoundGuest => ({
  guest: parseGuest('--kernel', JSON.stringify({ name: 'kernel', title: kernel, kernel: { file: kernel } })),
});

/** The guest that is named, or is given by its kernel alone. @throws UsageError, GuestError */
async function chosenGuest({ guest, kernel }: GuestArguments): Promise<FoundGuest> {
  if (guest !== undefined) return findGuest(guest);
  if (kernel !== undefined) return bareKernel(once('kernel', kernel));
  throw new UsageError(
    `expected a GUEST (${guestNames().slice(0, 3).join(', ')}, ...: see wolfden guests) or --kernel FILE`,
  );
}

/**
 * Gets everything that the chosen guest needs.
 * @param progress as `prepareGuest` takes it.
 * @throws UsageError, GuestError, BootImageError
 */
export async function prepareChosen(
  args: GuestArguments,
  { progress, signal }: Pick<NonNullable<Parameters<typeof prepareGuest>[1]>, 'progress' | 'signal'>,
): Promise<PreparedGuest> {
  const inRange = (value: number) => Number.isInteger(value) && value >= 2 && value <= 3584;
  const memory = numberOption('memory', args.memory, inRange, '2 to 3584 MiB');
  const prepared = await prepareGuest(await chosenGuest(args), {
    ...{ progress, signal },
    kernel: once('kernel', args.kernel),
    initrd: once('initrd', args.initrd),
    deb: once('deb', args.deb),
    commandLine: once('command-line', args['command-line']),
    memorySize: memory === undefined ? undefined : memory * 2 ** 20,
  });
  return { ...prepared, prompt: once('prompt', args.prompt) ?? prepared.prompt };
}
