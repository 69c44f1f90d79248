import { virt } from '../../emulator/index.ts';
import { pattern } from './pattern.ts';

export default pattern({
  name: 'keyboard-handler',
  parameter: 'keyboardHandler',
  words:
    'In the keyboard’s interrupt the kernel fetches the key from the controller: the function whose IN gives the very code that was pressed is the handler.',
  source: 'Intel 8042 and its successors (IBM PC AT technical reference): a scancode waits in the data port',
  refutation: 'A key whose code another function fetched',
  stage: 'keys',
  needs: ['keyboardVector'],
  infer({ keys, code }) {
    const counts = new Map<number, Set<number>>();
    for (const { scancode, windows } of keys!.followed)
      for (const { inputs } of windows)
        for (const { at, value } of inputs)
          if (value === scancode) counts.set(at, (counts.get(at) ?? new Set()).add(scancode));
    const [best] = [...counts].sort((a, b) => b[1].size - a[1].size);
    if (!best || best[1].size < keys!.followed.length) return { reason: 'no instruction fetched every key' };
    const range = code.functionOf(virt(best[0]));
    if (!range) return { reason: `the function around the IN at 0x${best[0].toString(16)} was not found` };
    return {
      value: range.from,
      confidence: 0.95,
      evidence: [{ what: 'different keys that its IN gave', at: virt(best[0]), count: best[1].size }],
    };
  },
});
