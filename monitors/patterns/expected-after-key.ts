import { textIn } from './name.ts';
import type { Sample } from './observe/threads.ts';
import { pattern } from './pattern.ts';
import { placeIndex, wordAt } from './structure.ts';

/** Switches after a key that are looked at, and the share of keys after which a process must run. */
const SWITCHES = 10;
const LEAST_SHARE = 0.9;

export default pattern({
  name: 'expected-after-key',
  parameter: 'expectedAfterKey',
  words:
    'The processes that a key concerns run right after it: those that come among the first ten switches after nine keys in ten are expected; any other that follows keys is suspicious.',
  source:
    'Estrada et al. (VEE 2017), in its public half: the ten changes of CR3 after each key, and who is there after 90 % of the keys',
  refutation: 'A key that its reader gets without such a process running',
  stage: 'keys',
  needs: ['contextSwitch', 'current', 'processId'],
  infer({ keys }, { current, processId, name }) {
    const log = keys?.threads;
    if (!log) return { reason: 'no keys were pressed: the guest has no prompt' };
    const place = placeIndex(log, current!);
    const label = (sample: Sample): string | number | undefined => {
      if (!name) return wordAt(sample, { offset: processId!.offset });
      return name.pointer
        ? textIn(sample.inner.get(name.offset) ?? new Uint8Array(1), 0)
        : textIn(sample.last, name.offset);
    };
    const counts = new Map<string | number, number>();
    for (const { ran } of keys.keys) {
      const samples = ran.slice(0, SWITCHES).map((id) => log.threads[id]?.samples.get(place));
      const labels = samples.map((sample) => sample && label(sample)).filter((one) => one !== undefined);
      for (const one of new Set(labels)) counts.set(one, (counts.get(one) ?? 0) + 1);
    }
    const expected = [...counts].filter(([, count]) => count >= LEAST_SHARE * keys.keys.length);
    if (expected.length === 0) return { reason: 'no process ran after nine keys in ten' };
    return {
      value: expected.map(([one]) => one),
      confidence: 0.85,
      evidence: expected.map(([one, count]) => ({
        what: `keys, of ${keys.keys.length}, after which ${one} ran`,
        count,
      })),
    };
  },
});
