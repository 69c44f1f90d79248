import { pattern } from './pattern.ts';
import { idFields, tellsThreadsApart } from './structure.ts';

export default pattern({
  name: 'current',
  parameter: 'current',
  words:
    'The kernel keeps a pointer to the structure of the running thread where all its code finds it: in a variable, in a segment of the CPU’s own, or at the bottom of the kernel stack. It is the same whenever a thread runs, another for each thread, and the structure has the id that programs are told.',
  source: 'u. of Unix, current of Linux (thread_info and per-CPU), KPCR of Windows NT',
  refutation: 'Two living threads with the same pointer, or one thread with two',
  stage: 'threads',
  needs: ['contextSwitch'],
  infer({ threads: log }) {
    if (!log || log.places.length === 0) return { reason: 'no place was found from which code loads pointers' };
    const apart = log.places
      .map(({ place }, index) => ({ place, index }))
      .filter(({ index }) => tellsThreadsApart(log, index));
    if (apart.length === 0) return { reason: 'no place that code uses holds a pointer of its own for each thread' };
    for (const vias of [false, true]) {
      const scored = apart
        .map(({ place, index }) => ({ place, index, ids: idFields(log, index, vias)[0]?.creations.length ?? 0 }))
        .filter(({ ids }) => ids > 0)
        .sort((a, b) => b.ids - a.ids || a.index - b.index);
      const [best] = scored;
      if (!best) continue;
      const threads = log.threads.filter(({ samples }) => samples.has(best.index)).length;
      return {
        value: best.place,
        confidence: 0.95,
        evidence: [
          { what: 'threads with a pointer of their own there', count: threads },
          { what: 'threads whose id, as their creator was told, is in the structure', count: best.ids },
        ],
      };
    }
    return {
      reason: 'places hold a pointer of its own for each thread, but no structure has the ids that programs are told',
    };
  },
});
