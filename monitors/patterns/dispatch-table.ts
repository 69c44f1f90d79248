import { virt } from '../../emulator/index.ts';
import { dispatchLoads, functionsByNumber, LEAST_NUMBERS, REGISTER_NAMES, syscallWindows } from './dispatch.ts';
import type { KernelCode } from './kernel-code.ts';
import type { Window } from './observe/trace.ts';
import { pattern } from './pattern.ts';

/** Data of a kernel's image lies within that distance of its code. */
const REACH = 16 << 20;
/** No system has more calls; a bound above is of something else. */
const MOST_CALLS = 4096;

/** The table that most functions lie in at their numbers. */
function tableOf(
  code: KernelCode,
  text: { from: number; to: number },
  functions: ReadonlyMap<number, readonly number[]>,
) {
  const numbersOf = new Map<number, number[]>();
  for (const [number, targets] of functions)
    for (const target of targets) numbersOf.set(target, [...(numbersOf.get(target) ?? []), number]);
  const votes = new Map<number, Set<number>>();
  const from = virt(Math.max(text.from - REACH, 0));
  code.eachPage({ from, to: virt(Math.min(text.to + REACH, 0xfffff000)) }, (page, bytes) => {
    const words = new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
    for (let index = 0; index < words.length; index++)
      for (const number of numbersOf.get(words[index]!) ?? []) {
        const base = page + 4 * index - 4 * number;
        votes.set(base, (votes.get(base) ?? new Set()).add(number));
      }
  });
  const [best, second] = [...votes].sort((a, b) => b[1].size - a[1].size);
  if (!best || best[1].size < LEAST_NUMBERS || best[1].size <= (second?.[1].size ?? 0)) return undefined;
  return { address: best[0], agreeing: best[1].size };
}

/** The number from which on the kernel refuses: a comparison of the number, the same in all calls, and what follows it. */
function boundOf(
  code: KernelCode,
  windows: readonly Window[],
  register: number,
): { at: number; length: number } | undefined {
  const seen = new Map<number, { count: number; constant: number }>();
  for (const { registers, comparisons } of windows) {
    const own = comparisons.filter(({ value }) => value === registers[register]);
    for (const at of new Set(own.map((one) => one.at)))
      seen.set(at, { count: (seen.get(at)?.count ?? 0) + 1, constant: own.find((one) => one.at === at)!.constant });
  }
  const largest = Math.max(
    ...windows.map(({ registers }) => registers[register]! >>> 0).filter((number) => number < MOST_CALLS),
  );
  const bounds = [...seen]
    .filter(([, { count, constant }]) => count > windows.length / 4 && constant >= largest && constant < MOST_CALLS)
    .map(([at, { constant }]) => ({ at, length: constant + (includesConstant(code, at) ? 1 : 0) }));
  return bounds[0];
}

/** Whether the number that is compared with may itself be called: the jump after the comparison goes only above it. */
function includesConstant(code: KernelCode, at: number): boolean {
  const next = code.at(at + (code.at(at)?.length ?? 0));
  return next !== undefined && ['ja', 'jbe', 'jg', 'jle', 'seta', 'setbe'].includes(next.mnemonic);
}

export default pattern({
  name: 'dispatch-table',
  parameter: 'dispatchTable',
  words:
    'The functions that do the system calls stand in an array, at the index that is the number of the call. It need not be used for the call itself: any array that has the functions that were seen to run at their numbers is it. The kernel compares the number with its length.',
  source: 'Unix since its sixth edition (sysent), Windows NT (KiServiceTable), Linux (sys_call_table)',
  refutation: 'A system call whose number leads in the array to a function that does not run',
  stage: 'kernel',
  needs: ['systemCallNumber', 'kernelText'],
  infer({ trace, code }, { systemCallNumber, kernelText }) {
    const register = REGISTER_NAMES.indexOf(systemCallNumber!);
    const windows = syscallWindows(trace);
    const loads = dispatchLoads(windows, register);
    const direct =
      loads.length > windows.length / 2
        ? { address: loads[0]!.table, agreeing: new Set(loads.map(({ index }) => index)).size }
        : undefined;
    const table = direct ?? tableOf(code, kernelText!, functionsByNumber(windows, register));
    if (!table) return { reason: 'no array of the kernel has the functions that do the calls at their numbers' };
    const bound = boundOf(code, windows, register);
    if (!bound)
      return {
        reason: `an array of functions lies at 0x${table.address.toString(16)}, but nothing was seen to say how long it is`,
      };
    return {
      value: { address: virt(table.address), length: bound.length },
      confidence: direct ? 0.97 : 0.9,
      evidence: [
        {
          what: direct ? 'numbers that index it' : 'numbers at which it has the function that runs',
          at: virt(table.address),
          count: table.agreeing,
        },
        { what: `comparison of the number that gives ${bound.length} entries`, at: virt(bound.at) },
      ],
    };
  },
});
