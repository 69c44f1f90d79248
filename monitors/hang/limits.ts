// What a healthy guest was seen to do at most: the limits that a hang exceeds. All of them are learnt, none is a constant of a kernel.
import { known, type Parameters } from '../parameters.ts';

/**
 * Stretches of virtual time, in milliseconds, that are measured while the CPU does not idle. A stretch ends with the sign of life that it
 * is named for, or when the guest goes idle.
 */
export interface Stretches {
  /** Without a context switch, a system call, or a program seen to run. */
  readonly kernel: number;
  /** Without a context switch, even if programs run. */
  readonly sameThread: number;
  /** Without a system call or a program seen to run, even if there are context switches. */
  readonly noProgram: number;
  /** Without an interrupt of a device. */
  readonly noInterrupt: number;
}

/** The names of the stretches. */
export const STRETCHES = ['kernel', 'sameThread', 'noProgram', 'noInterrupt'] as const satisfies (keyof Stretches)[];

/** What was learnt. Plain data: it fits into JSON. */
export interface HangLimits {
  readonly longest: Stretches;
  /**
   * Whether the longest stretch of one thread was ended by an interrupt. Otherwise the thread went by itself: how long the kernel would have
   * let it run is not known.
   */
  readonly preempts: boolean;
  /** The longest wait of a thread at each place in the kernel, by the place's key, in virtual milliseconds. */
  readonly waits: Readonly<Record<string, number>>;
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

/** Of a guest that was not watched. */
export const NO_LIMITS: HangLimits = {
  longest: { kernel: 0, sameThread: 0, noProgram: 0, noInterrupt: 0 },
  preempts: false,
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
  const unbounded = Number.POSITIVE_INFINITY;
  return {
    ...NO_LIMITS,
    longest: { kernel: gap.busyMs, sameThread: unbounded, noProgram: unbounded, noInterrupt: gap.busyMs },
  };
}
