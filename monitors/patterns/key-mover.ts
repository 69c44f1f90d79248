import { virt } from '../../emulator/index.ts';
import { pattern } from './pattern.ts';

export default pattern({
  name: 'key-mover',
  parameter: 'keyMover',
  words:
    'Between handler and reader the kernel turns the key into its character and stores that in a buffer. The first instruction that stores, after each key, the character of that key outside of the stack is on every key’s way to its reader.',
  source: 'Estrada et al. (VEE 2017), in its public half: the earliest code that handles both of two injected keys',
  refutation: 'A character that reaches its reader without the instruction having run',
  stage: 'keys',
  needs: ['keyboardVector'],
  infer({ keys }) {
    const orders = keys!.followed.map(({ windows }) => windows.flatMap(({ stores }) => stores));
    const [first, ...rest] = orders;
    const common = [...new Set(first)].filter((at) => rest.every((stores) => stores.includes(at)));
    if (common.length === 0) return { reason: 'no instruction was seen to store the character of every key' };
    const [at] = common;
    return {
      value: virt(at!),
      confidence: 0.8,
      evidence: [{ what: 'different keys whose character it stored', at: virt(at!), count: orders.length }],
    };
  },
});
