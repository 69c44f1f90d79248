import { virt } from '../../emulator/index.ts';
import { pattern } from './pattern.ts';
import { usedPlaces } from './places.ts';

/** Threads that must be there for their stacks to be told apart. */
const LEAST_THREADS = 3;

export default pattern({
  name: 'thread',
  parameter: 'thread',
  words:
    'Each thread has a kernel stack of its own. Where the CPU takes the stack from the TSS at each entry, ESP0 changes with each switch and names the thread; where the kernel enters on one stack for all and then goes to the thread’s, only the stack itself does.',
  source: 'Intel SDM vol. 3, 6.12.1; HyperTap (DSN 2014) for ESP0; Linux since 4.15 enters through a trampoline stack',
  refutation: 'Two threads with the same ESP0, or an ESP0 that changes without a switch',
  stage: 'switches',
  needs: ['contextSwitch'],
  infer({ entries, trace, code, switches }, { kernelSplit }) {
    const { values, stores } = entries.esp0;
    const stacks = Math.max(...switches.map((one) => one.stacks.size));
    if (stacks < LEAST_THREADS) return { reason: 'too few threads were seen' };
    const how = values.size >= LEAST_THREADS ? 'tss-esp0' : 'kernel-stack';
    const rounding = usedPlaces(code, trace.executed.keys(), kernelSplit ?? virt(0)).find(
      ({ place }) => place.how === 'stack',
    );
    const stackSize = rounding?.place.how === 'stack' ? -(rounding.place.mask | 0) : undefined;
    return {
      value: { how, ...(stackSize === undefined ? {} : { stackSize }) },
      confidence: 0.9,
      evidence: [
        ...[...stores]
          .slice(0, 3)
          .map(([at, count]) => ({ what: `changes of ESP0, with ${values.size} values`, at: virt(at), count })),
        ...(how === 'kernel-stack'
          ? [{ what: 'stack pointers that were left and taken up again, while ESP0 did not follow', count: stacks }]
          : []),
      ],
    };
  },
});
