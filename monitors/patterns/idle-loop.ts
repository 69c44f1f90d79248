import { virt } from '../../emulator/index.ts';
import { pattern } from './pattern.ts';

export default pattern({
  name: 'idle-loop',
  parameter: 'idleLoop',
  words: 'With nothing to do the kernel executes HLT, again and again in one function, and an interrupt wakes it.',
  source: 'Intel SDM vol. 2, HLT; the idle thread of every multitasking system',
  refutation: 'A machine without anything to do that waits elsewhere',
  stage: 'switches',
  needs: [],
  infer({ entries, code }) {
    const [most] = [...entries.halts].sort((a, b) => b[1] - a[1]);
    if (!most || most[1] < 3) return { reason: 'the CPU did not wait in HLT' };
    const [at, count] = most;
    const range = code.functionOf(virt(at)) ?? { from: virt(at), to: virt(at + 1) };
    return { value: range, confidence: 0.9, evidence: [{ what: 'waits in HLT', at: virt(at), count }] };
  },
});
