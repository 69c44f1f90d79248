// A pattern of one's own: the loop that waits is the function whose HLT waits most often, if it is part of the kernel's code.
import { virt } from '../../../emulator/index.ts';
import { pattern } from '../index.ts';

export default pattern({
  name: 'interrupted-halt',
  parameter: 'idleLoop',
  words: 'The instruction at which a waiting CPU is woken most often lies in the idle loop.',
  source: 'Intel SDM vol. 2, HLT',
  refutation: 'A machine without anything to do that waits elsewhere',
  stage: 'switches',
  needs: ['kernelText'],
  infer({ entries, code }, { kernelText }) {
    const [most] = [...entries.halts].sort((a, b) => b[1] - a[1]);
    const loop = most && code.functionOf(virt(most[0]));
    if (!loop || loop.from < kernelText!.from || loop.to > kernelText!.to)
      return { reason: 'no HLT waited inside of the kernel' };
    return { value: loop, confidence: 0.92, evidence: [{ what: 'waits', at: loop.from, count: most[1] }] };
  },
});
