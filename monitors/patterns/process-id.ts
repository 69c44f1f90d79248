import { findIds } from './ids.ts';
import { pattern } from './pattern.ts';

export default pattern({
  name: 'process-id',
  parameter: 'processId',
  words:
    'Who creates a process or thread is told its id, and so is the process itself when it asks; the kernel has the id in the structure. So it is the field that holds, in each new thread, what a call of another thread returned.',
  source: 'fork and getpid of POSIX; CreateProcess of Windows NT',
  refutation: 'A process with another id than the field says, or a field that changes while the process lives',
  stage: 'threads',
  needs: ['current'],
  infer(observations, found) {
    const ids = findIds(observations, found);
    if ('reason' in ids) return ids;
    const { offset, via, creations, own } = ids.own;
    return {
      value: { offset, size: 4, ...(via === undefined ? {} : { via }) },
      confidence: 0.95,
      evidence: [
        { what: 'new threads whose creator was told the value', count: creations.length },
        ...[...own].map(([number, count]) => ({ what: `threads that call ${number} told their own value`, count })),
      ],
    };
  },
});
