// What a healthy guest was seen to do at most: the limits that a hang exceeds. All of them are learnt, none is a constant of a kernel.
import { known, type Parameters } from '../parameters.ts';

/**
 * Stretches of virtual time, in milliseconds. A stretch ends with the sign of life that it is named for; but for the last two, also when
 * the guest goes idle.
 */
export interface Stretches {
  /** Without a context switch, a system call, or a program seen to run. */
  readonly kernel: number;
  /** Without a system call, a program seen to run, or a program's thread that is given the CPU, even if there are context switches. */
  readonly noProgram: number;
  /** Without an interrupt of a device. */
  readonly noInterrupt: number;
  /** Without an interrupt of a device, even while the CPU idles: timers and consoles have to reach it there. */
  readonly silence: number;
  /** Without a context switch or a program, even while the CPU idles: some kernels have housekeeping that never rests long. */
  readonly stillness: number;
}

/** The names of the stretches. */
export const STRETCHES = [
  'kernel',
  'noProgram',
  'noInterrupt',
  'silence',
  'stillness',
] as const satisfies (keyof Stretches)[];
/** Those that go on while the CPU idles. */
export const IDLE_STRETCHES: ReadonlySet<keyof Stretches> = new Set(['silence', 'stillness']);

/** The waits at one place. */
export interface Waited {
  readonly count: number;
  /** The longest, in virtual milliseconds. */
  readonly longest: number;
  /** The longest of a program's thread. */
  readonly longestOfPrograms: number;
}

/** What was learnt. Plain data: it fits into JSON. */
export interface HangLimits {
  readonly longest: Stretches;
  /** What threads waited at each place in the kernel, by the place's key. */
  readonly waits: Readonly<Record<string, Waited>>;
  /** How long the guest was watched while it learnt, in virtual milliseconds. */
  readonly watched: number;
  /** Places where threads wait for a line, and how long it took at most that one of them ran when a line had ended. */
  readonly readers: Readonly<Record<string, number>>;
}

/**
 * By how much a limit has to be exceeded: what was seen at most is hardly the most that there is. Too much of it costs latency, too little
 * costs truth.
 */
export const MARGIN = 4;

/** A thread rests that waits for a share of what was watched: for 1 / RESTING_SHARE of it. */
const RESTING_SHARE = 4;
/** How long a rest is at least, in virtual milliseconds. */
export const restOf = ({ watched }: HangLimits): number => watched / RESTING_SHARE;
/** The limit of a stretch, margin included; infinite where none follows from what was learnt. */
export function stretchLimit(name: keyof Stretches, limits: HangLimits): number {
  const seen = limits.longest[name];
  // Who was seen to rest for a good part of what was watched may rest without end.
  const rests = IDLE_STRETCHES.has(name) && seen >= restOf(limits);
  if (seen === 0 || rests) return Number.POSITIVE_INFINITY;
  return seen * MARGIN;
}

/** Waits at a place that tell how long one waits there. */
const ENOUGH_WAITS = 20;

/**
 * How long a thread may wait at each place, margin included. Where a healthy thread waited for a good part of what was watched, one may
 * rest without end. Where many waited and none for long, it is the longest of them, but not less than what programs waited at any place
 * where none rests: a thread that could run waits for the CPU as long as load has it. Of other places too little is known: there, it is
 * what would be a rest. Where nobody waited at all, that holds for programs only: a thread of the kernel's own may have had no work in
 * training, and goes back to where it has rested since the kernel began. If its work is not done, a program waits for it.
 */
export function waitLimits(learnt: HangLimits): (place: string, ofProgram: boolean) => number {
  const { waits } = learnt;
  const rest = restOf(learnt);
  const working = Object.values(waits).filter(({ longest }) => longest < rest);
  const ofPrograms = Math.max(0, ...working.map(({ longestOfPrograms }) => longestOfPrograms));
  const limits = new Map(
    Object.entries(waits).map(([place, { count, longest }]) => {
      if (longest >= rest) return [place, Number.POSITIVE_INFINITY];
      const seen = MARGIN * Math.max(longest, ofPrograms);
      return [place, count >= ENOUGH_WAITS ? seen : Math.max(seen, rest)];
    }),
  );
  return (place, ofProgram) => limits.get(place) ?? (ofProgram ? rest : Number.POSITIVE_INFINITY);
}

/** Of a guest that was not watched. */
export const NO_LIMITS: HangLimits = {
  longest: { kernel: 0, noProgram: 0, noInterrupt: 0, silence: 0, stillness: 0 },
  waits: {},
  watched: 0,
  readers: {},
};

/**
 * The limits that follow from a profile alone: the longest time between two switches of a busy machine is the limit of what the kernel may
 * do without one. A thread of a program may run as long as it likes, for it may be alone. Undefined where the gap is not known.
 */
export function limitsOfProfile(parameters: Parameters): HangLimits | undefined {
  const gap = known(parameters, 'schedulingGap');
  if (gap === undefined) return undefined;
  return { ...NO_LIMITS, longest: { ...NO_LIMITS.longest, kernel: gap.busyMs, noInterrupt: gap.busyMs } };
}
