import type { ArgumentPlace, NumberedCall } from '../parameters.ts';
import { REGISTER_NAMES } from './dispatch.ts';
import type { Call } from './observe/threads.ts';
import { pattern } from './pattern.ts';

const LEAST_CALLS = 3;

/** Whether a text can be the path of a program. */
const isPath = (text: string): boolean => !text.includes(' ') && text.includes('/');

/** Where the address of a path is in nearly all calls: in a register before all, as an array of arguments may begin with the path, too. */
function pathPlace(calls: readonly Call[]): ArgumentPlace | undefined {
  const counts = new Map<string, { place: ArgumentPlace; count: number }>();
  for (const { texts } of calls)
    for (const { register, offset, text } of texts) {
      if (!isPath(text)) continue;
      const name = REGISTER_NAMES[register]!;
      const place = offset === undefined ? name : { register: name, offset };
      const known = counts.get(JSON.stringify(place)) ?? { place, count: 0 };
      known.count++;
      counts.set(JSON.stringify(place), known);
    }
  const likely = [...counts.values()].filter(({ count }) => count >= 0.9 * calls.length);
  return (likely.find(({ place }) => typeof place === 'string') ?? likely[0])?.place;
}

export default pattern({
  name: 'replace-calls',
  parameter: 'replaceCalls',
  words:
    'A system call that replaces the program is given the path of a file. When it succeeds, the same thread comes back from it in another address space.',
  source: 'exec of Unix and its kin',
  refutation:
    'A process that runs another program after no such call, or comes back from the call in the same space with the program unchanged',
  stage: 'threads',
  needs: ['contextSwitch', 'systemCallNumber'],
  infer({ threads }) {
    if (!threads) return { reason: 'threads were not watched' };
    const changed = new Map<number, Call[]>();
    for (const call of threads.calls)
      if (call.returned && call.returned.cr3 !== call.cr3)
        changed.set(call.number, [...(changed.get(call.number) ?? []), call]);
    const found: { call: NumberedCall; count: number; path: string | undefined }[] = [];
    for (const [number, calls] of changed) {
      const withPath = calls.filter(({ texts }) => texts.some(({ text }) => isPath(text)));
      const all = threads.calls.filter((one) => one.number === number && one.returned).length;
      if (withPath.length < LEAST_CALLS || withPath.length < 0.9 * calls.length || calls.length < 0.2 * all) continue;
      const pathArgument = pathPlace(calls);
      const path = withPath[0]!.texts.find(({ text }) => isPath(text))?.text;
      found.push({ call: { number, ...(pathArgument ? { pathArgument } : {}) }, count: calls.length, path });
    }
    if (found.length === 0) return { reason: 'no call with a path came back in another address space' };
    return {
      value: found.map(({ call }) => call),
      confidence: 0.9,
      evidence: found.map(({ call: { number }, count, path }) => ({
        what: `calls ${number} that came back in another space, such as with ${path}`,
        count,
      })),
    };
  },
});
