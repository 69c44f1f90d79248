import { pattern } from './pattern.ts';

const LEAST_ENDS = 3;

export default pattern({
  name: 'end-calls',
  parameter: 'endCalls',
  words: 'A system call that ends a process or thread never returns: it is the last one of every thread that makes it.',
  source: 'exit of Unix, NtTerminateProcess of Windows NT',
  refutation: 'Such a call that returns, or a thread that runs again in its program afterwards',
  stage: 'threads',
  needs: ['contextSwitch', 'systemCallNumber'],
  infer({ threads }) {
    if (!threads) return { reason: 'threads were not watched' };
    const counts = new Map<number, { last: number; all: number }>();
    for (const { calls } of threads.threads)
      for (const [index, { number, returned }] of calls.entries()) {
        const count = counts.get(number) ?? { last: 0, all: 0 };
        count.all++;
        if (index === calls.length - 1 && !returned) count.last++;
        counts.set(number, count);
      }
    const ending = [...counts].filter(([, { last, all }]) => last === all && last >= LEAST_ENDS);
    if (ending.length === 0) return { reason: 'every call that threads made last has returned elsewhere' };
    return {
      value: ending.map(([number]) => ({ number })),
      confidence: 0.85,
      evidence: ending.map(([number, { last }]) => ({
        what: `threads whose last call was ${number}, which never returned to any`,
        count: last,
      })),
    };
  },
});
