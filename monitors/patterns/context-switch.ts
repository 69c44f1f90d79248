import { virt } from '../../emulator/index.ts';
import type { SwitchCandidate } from './observe/switches.ts';
import { pattern } from './pattern.ts';

/** Threads that must be seen to go on with the stack pointer with which they were left. */
const LEAST_STACKS = 3;

/** Loads of CR3 by an instruction that say something, and how near a switch they are as a rule. */
const LEAST_LOADS = 3;
const NEAR = 2000;

/** The instruction that loads CR3 for a switch: kernels that have tables of their own load it at each entry, too, far from any switch. */
function loadOfCr3({ cr3Writes }: SwitchCandidate): { readonly at: number; readonly count: number } | undefined {
  const median = (distances: readonly number[]) => [...distances].sort((a, b) => a - b)[distances.length >> 1]!;
  return [...cr3Writes]
    .filter(([, distances]) => distances.length >= LEAST_LOADS && median(distances) < NEAR)
    .sort(([, a], [, b]) => median(a) - median(b))
    .map(([at, { length }]) => ({ at, count: length }))[0];
}

export default pattern({
  name: 'context-switch',
  parameter: 'contextSwitch',
  words:
    'To switch threads the kernel loads another stack pointer, at one place. What is loaded was stored there when the other thread was left: so a thread goes on with the very stack pointer with which it stopped. Switches to stacks for interrupts always begin at their top. CR3 is loaded nearby. Frame pointers are not needed.',
  source: 'swtch of Unix, switch_to of Linux, SwapContext of Windows NT; hardware task switch (Intel SDM vol. 3, 7.3)',
  refutation: 'Two threads that take turns without the instruction running',
  stage: 'switches',
  needs: [],
  infer({ switches, code }) {
    const [best, second] = [...switches].sort((a, b) => b.stacks.size - a.stacks.size);
    if (!best || best.stacks.size < LEAST_STACKS)
      return {
        reason:
          'hardly anywhere was a stack pointer taken up again that had been left: threads may share one kernel stack, or give theirs away while they wait',
      };
    if (second && second.stacks.size * 2 > best.stacks.size)
      return {
        reason: `stacks are switched at more than one place: 0x${best.at.toString(16)} and 0x${second.at.toString(16)}`,
      };
    const range = code.functionOf(virt(best.at));
    if (!range)
      return { reason: `the function around the switch of stacks at 0x${best.at.toString(16)} was not found` };
    const cr3Write = loadOfCr3(best);
    return {
      value: { ...range, stackSwitch: virt(best.at), ...(cr3Write ? { cr3Write: virt(cr3Write.at) } : {}) },
      confidence: 0.95,
      evidence: [
        { what: 'passes with a stack pointer that had been left there', at: virt(best.at), count: best.resumed },
        ...(cr3Write ? [{ what: 'loads of CR3 near such passes', at: virt(cr3Write.at), count: cr3Write.count }] : []),
      ],
    };
  },
});
