// Where a switch of stacks is a switch of threads: a thread goes on with the very stack pointer with which it was left.
import { type Machine, type Subscription, virt } from '../../../emulator/index.ts';

/** A place where the stack pointer jumps, tried. */
export interface SwitchCandidate {
  /** The instruction that loads the stack pointer. */
  readonly at: number;
  readonly length: number;
  /** Passes of the instruction after it, and how many of them were with a stack pointer that had been left here. */
  arrivals: number;
  resumed: number;
  /** Stack pointers that were left and taken up again. */
  readonly stacks: Set<number>;
}

/** Watches candidates by probes while it lives. */
export function watchCandidates(machine: Machine, candidates: readonly SwitchCandidate[]): Subscription {
  const parts = candidates.flatMap((candidate) => {
    const left = new Set<number>();
    return [
      machine.probe(virt(candidate.at), ({ cpu }) => void left.add(cpu.esp)),
      machine.probe(virt(candidate.at + candidate.length), ({ cpu }) => {
        candidate.arrivals++;
        if (!left.delete(cpu.esp)) return;
        candidate.resumed++;
        candidate.stacks.add(cpu.esp);
      }),
    ];
  });
  return {
    [Symbol.dispose]: () => {
      for (const part of parts) part[Symbol.dispose]();
    },
  };
}
