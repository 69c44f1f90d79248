import { pattern } from './pattern.ts';

/** Keys after which the interrupt must come. */
const LEAST_SHARE = 0.9;

export default pattern({
  name: 'keyboard-vector',
  parameter: 'keyboardVector',
  words:
    'A key that is pressed makes the keyboard’s interrupt come at once. So it comes after every key, and in the same time without keys it does not.',
  source: 'Estrada et al. (VEE 2017), in its public half: a histogram of the first interrupt after each injected key',
  refutation: 'A key after which it does not come',
  stage: 'keys',
  needs: [],
  infer({ keys }) {
    if (!keys) return { reason: 'no keys were pressed: the guest has no prompt' };
    const counts = new Map<number, number>();
    for (const { interrupts } of keys.keys)
      for (const vector of new Set(interrupts)) counts.set(vector, (counts.get(vector) ?? 0) + 1);
    const pressed = keys.keys.length;
    const following = [...counts].filter(
      ([vector, count]) => count >= LEAST_SHARE * pressed && (keys.background.get(vector) ?? 0) < pressed / 10,
    );
    if (following.length === 0)
      return { reason: 'no interrupt followed the keys: the keyboard may be polled, or not be used' };
    if (following.length > 1)
      return { reason: `several interrupts follow the keys: ${following.map(([vector]) => vector).join(', ')}` };
    const [vector, count] = following[0]!;
    return {
      value: vector,
      confidence: 0.97,
      evidence: [
        {
          what: `keys, of ${pressed}, after which it came, and ${keys.background.get(vector) ?? 0} times without keys`,
          count,
        },
      ],
    };
  },
});
