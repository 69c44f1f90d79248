// The build options of pup: one variation point each, with the values it can take. Data; the folders of the same names
// below kernel/ hold the small files that a value stands for.

/** Variation points whose values are folders `kernel/<point>/<value>/`. */
export const POINTS = {
  syscall: ['int80', 'int2e', 'sysenter', 'callgate'],
  switch: ['software', 'tss'],
  paging: ['legacy', 'pae'],
  globals: ['off', 'on'],
  current: ['stack', 'global', 'segment'],
  sched: ['roundrobin', 'priority'],
  names: ['inline', 'pointer'],
  ids: ['integers', 'handles'],
  threads: ['process', 'threads'],
  clock: ['pit', 'quiet'],
} as const;

/** The name of a variation point that is a folder. */
export type Point = keyof typeof POINTS;

/** Everything that can be chosen. The first value of each point is the default. */
export type PupOptions = { readonly [P in Point]: (typeof POINTS)[P][number] } & {
  /** Whether the kernel's functions keep EBP as frame pointer. */
  readonly framePointers: boolean;
  /** GiB of user address space; the kernel has the rest, above. */
  readonly split: 2 | 3;
  /** Physical load address in MiB. The kernel's virtual base is the split plus this. */
  readonly base: number;
};

/** The options of the variant called plain `pup`. */
export const DEFAULT_OPTIONS: PupOptions = {
  syscall: 'int80',
  switch: 'software',
  paging: 'legacy',
  globals: 'off',
  current: 'stack',
  sched: 'roundrobin',
  names: 'inline',
  ids: 'integers',
  threads: 'process',
  clock: 'pit',
  framePointers: true,
  split: 3,
  base: 1,
};

/** The memory that the kernel takes for granted when no loader tells, in MiB: the kernel must lie well inside it. */
const SMALLEST_MEMORY = 16;

/** A build option that does not exist, or a choice that cannot work. The message says why and what to do. */
export class PupOptionError extends Error {
  override readonly name = 'PupOptionError';
}

const expected = (option: string, values: readonly unknown[], found: unknown) =>
  new PupOptionError(
    `pup: option ${option} must be ${values.map((value) => JSON.stringify(value)).join(' or ')}, found ${JSON.stringify(found)}`,
  );

/**
 * Completes and checks build options.
 * @param chosen the options that differ from the default; may come from a user and hold anything
 * @throws PupOptionError for an unknown option or value, and for a choice that cannot work, with the reason
 */
export function resolveOptions(chosen: Partial<PupOptions> = {}): PupOptions {
  const unknown = Object.keys(chosen).find((option) => !Object.hasOwn(DEFAULT_OPTIONS, option));
  if (unknown !== undefined) {
    throw new PupOptionError(
      `pup: there is no option ${unknown}; known are ${Object.keys(DEFAULT_OPTIONS).join(', ')}`,
    );
  }
  const options = { ...DEFAULT_OPTIONS, ...chosen };
  for (const [point, values] of Object.entries(POINTS) as [Point, readonly string[]][]) {
    if (!values.includes(options[point])) throw expected(point, values, options[point]);
  }
  if (typeof options.framePointers !== 'boolean') throw expected('framePointers', [true, false], options.framePointers);
  if (options.split !== 2 && options.split !== 3) throw expected('split', [2, 3], options.split);
  checkBase(options);
  return options;
}

function checkBase({ base }: PupOptions): void {
  if (!Number.isInteger(base))
    throw new PupOptionError(`pup: option base must be a whole number of MiB, found ${base}`);
  if (base < 1) {
    throw new PupOptionError(`pup: base ${base} MiB is impossible: below 1 MiB lie the loader's data and the screen`);
  }
  if (base > SMALLEST_MEMORY / 2) {
    throw new PupOptionError(
      `pup: base ${base} MiB is impossible: a machine of ${SMALLEST_MEMORY} MiB, which pup expects at least, would have no memory left above the kernel; choose 1 to ${SMALLEST_MEMORY / 2}`,
    );
  }
}

/** The options as one line of text, in a fixed order: names a build. */
export function optionsKey(options: PupOptions): string {
  return (Object.keys(DEFAULT_OPTIONS) as (keyof PupOptions)[]).map((key) => `${key}=${options[key]}`).join(' ');
}
