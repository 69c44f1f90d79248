// Where a switch of stacks is a switch of threads: a thread goes on with the very stack pointer with which it was left. And which loads of
// CR3 belong to it.
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
  /** By instruction that loads CR3: for each load, how many instructions away the nearest pass was. */
  readonly cr3Writes: Map<number, number[]>;
}

/** A load of CR3 after which nothing has passed yet. */
interface Load {
  readonly eip: number;
  readonly count: number;
  /** Instructions since the last pass. */
  readonly since: number;
}

/** Loads that are kept until something passes. */
const MOST_LOADS = 64;

function watchCandidate(machine: Machine, candidate: SwitchCandidate): Subscription[] {
  const { cpu } = machine;
  const left = new Set<number>();
  let loads: Load[] = [];
  let passed = Number.NEGATIVE_INFINITY;
  return [
    machine.on('cr3-write', ({ eip }) => {
      const count = cpu.instructions;
      if (loads.length < MOST_LOADS) loads.push({ eip, count, since: count - passed });
    }),
    machine.probe(virt(candidate.at), () => void left.add(cpu.esp)),
    machine.probe(virt(candidate.at + candidate.length), () => {
      candidate.arrivals++;
      passed = cpu.instructions;
      for (const { eip, count, since } of loads) {
        const distances = candidate.cr3Writes.get(eip) ?? [];
        distances.push(Math.min(since, passed - count));
        candidate.cr3Writes.set(eip, distances);
      }
      loads = [];
      if (!left.delete(cpu.esp)) return;
      candidate.resumed++;
      candidate.stacks.add(cpu.esp);
    }),
  ];
}

/** Watches candidates by probes while it lives. */
export function watchCandidates(machine: Machine, candidates: readonly SwitchCandidate[]): Subscription {
  const parts = candidates.flatMap((candidate) => watchCandidate(machine, candidate));
  return {
    [Symbol.dispose]: () => {
      for (const part of parts) part[Symbol.dispose]();
    },
  };
}
