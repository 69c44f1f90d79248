// Everything that was observed of a guest, for patterns to look at. Grows stage by stage; a pattern says which stage it needs.
import type { Machine } from '../../emulator/index.ts';
import type { KernelCode } from './kernel-code.ts';
import type { Entries } from './observe/entries.ts';
import type { KeyLog } from './observe/keys.ts';
import type { SwitchCandidate } from './observe/switches.ts';
import type { ThreadLog } from './observe/threads.ts';
import type { TimeLog } from './observe/time.ts';
import type { Trace } from './observe/trace.ts';

/** The stages, in their order. */
export const STAGES = ['kernel', 'switches', 'threads', 'owners', 'time', 'keys'] as const;

/** A stage of the observation: what it gives is there when it is over. */
export type Stage = (typeof STAGES)[number];

/** What was observed. */
export interface Observations {
  /** The guest, stopped: its memory and its CPU's tables may be read. Another machine at each stage for a guest that has no prompt. */
  machine: Machine;
  code: KernelCode;
  /** Stage `kernel`: ways in and out, counted. */
  readonly entries: Entries;
  /** Stage `kernel`: the kernel, followed instruction by instruction. */
  readonly trace: Trace;
  /** Stage `switches`: places where the stack pointer jumps, tried. */
  switches: readonly SwitchCandidate[];
  /** Stage `threads`: threads at the switch, and samples of what the code's places lead to. */
  threads: ThreadLog | undefined;
  /** Stage `owners`: the same with the second structure, where ids lie in one. */
  owners: ThreadLog | undefined;
  /** Stage `time`: when threads were switched while the machine had work and while it had none. */
  time: TimeLog | undefined;
  /** Stage `keys`: what followed keys. */
  keys: KeyLog | undefined;
}
