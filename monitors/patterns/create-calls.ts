import { findIds } from './ids.ts';
import { pattern } from './pattern.ts';

export default pattern({
  name: 'create-calls',
  parameter: 'createCalls',
  words:
    'A system call that creates a process or thread returns the id of the new one to its caller, and the new one runs for the first time after the call began.',
  source: 'fork, vfork and clone of Unix and Linux',
  refutation: 'A process or thread that comes to life without one of these calls',
  stage: 'threads',
  needs: ['processId', 'systemCallNumber'],
  infer(observations, found) {
    const ids = findIds(observations, found);
    if ('reason' in ids) return ids;
    const counts = new Map<number, number>();
    for (const { call } of ids.own.creations) counts.set(call.number, (counts.get(call.number) ?? 0) + 1);
    const { calls } = observations.threads!;
    // A call that only now and then returns such an id waits for processes, or asks about them.
    const creating = [...counts].filter(([number, count]) => {
      const all = calls.filter((one) => one.number === number && one.returned && (one.returned.value | 0) > 0).length;
      return count >= 2 && count >= 0.6 * all;
    });
    if (creating.length === 0) return { reason: 'no system call returned the ids of new processes' };
    return {
      value: creating.map(([number]) => ({ number })),
      confidence: 0.9,
      evidence: creating.map(([number, count]) => ({ what: `new threads whose id call ${number} returned`, count })),
    };
  },
});
