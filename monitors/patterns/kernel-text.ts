import { type Machine, PAGE_SIZE, virt } from '../../emulator/index.ts';
import type { KernelCode } from './kernel-code.ts';
import { pattern } from './pattern.ts';

/** How far from executed code more is looked for. */
const REACH = 16 << 20;
/** Pages without a call that may lie inside the code: tables, padding, functions that call nothing. */
const GAP = 24;
/** Calls of an address that make it a function's: bytes that look like a call by chance lead anywhere, and nowhere twice. */
const LEAST_CALLS = 3;

const pageOf = (address: number): number => Math.floor(address / PAGE_SIZE);

/** Pages that ran, and those that call the same functions as they do: no data does that. */
function codePages(code: KernelCode, executed: Iterable<number>): Set<number> {
  const pages = new Set([...executed].map(pageOf));
  const ran = [...pages].sort((a, b) => a - b);
  const middle = ran[ran.length >> 1]! * PAGE_SIZE;
  const around = {
    from: Math.max(0, middle - REACH),
    to: Math.min(middle + REACH, 2 ** 32 - PAGE_SIZE),
  };
  const callsOf = new Map<number, Map<number, number>>();
  for (let from = around.from; from < around.to; from += PAGE_SIZE)
    callsOf.set(pageOf(from), code.callTargets({ from: virt(from), to: virt(from + PAGE_SIZE) }));
  // Functions are known by calls from pages of code, and pages of code by calls of known functions: until there are no more of either.
  const calls = new Map<number, number>();
  const functions = new Set<number>();
  let fresh = [...pages];
  while (fresh.length > 0) {
    for (const page of fresh)
      for (const [target, count] of callsOf.get(page) ?? []) {
        calls.set(target, (calls.get(target) ?? 0) + count);
        if (calls.get(target)! >= LEAST_CALLS && code.beginsFunction(target)) functions.add(target);
      }
    fresh = [];
    for (const [page, targets] of callsOf) {
      if (pages.has(page) || ![...targets.keys()].some((target) => functions.has(target))) continue;
      pages.add(page);
      fresh.push(page);
    }
  }
  return pages;
}

/**
 * Where the pages begin that have the rights of a page: what lies before code, such as the memory that the kernel gives away, is written to,
 * and kernels that guard their code map it otherwise. The first pages of code may call nothing.
 */
function beginOfRights(machine: Machine, page: number): number {
  let begin = 0;
  let [end, rights] = [0, ''];
  for (const { start, bytes, rights: own } of machine.memory.mappings()) {
    const same = JSON.stringify(own);
    if (start !== end || same !== rights) begin = start;
    [end, rights] = [start + bytes, same];
    if (page >= start && page < end) return begin;
  }
  return page;
}

export default pattern({
  name: 'kernel-text',
  parameter: 'kernelText',
  words:
    'A kernel’s code is one piece of memory, and all of it calls the same functions: those that allocate, lock, copy. Pages that call functions which code that ran calls are code, too.',
  source: 'Linkers put the code of all files into one section (System V ABI); relative CALL (Intel SDM vol. 2)',
  refutation: 'Kernel code that runs outside of the range and is no module loaded later, or data inside',
  stage: 'kernel',
  needs: [],
  infer({ machine, code, trace: { executed } }) {
    if (executed.size < 100) return { reason: 'hardly any code of the kernel was seen to run' };
    const pages = [...codePages(code, executed.keys())].sort((a, b) => a - b);
    // The run of pages, with small gaps, in which most of what ran lies.
    let best = { from: 0, to: 0, ran: -1 };
    const ran = (from: number, to: number) =>
      [...executed.keys()].filter((at) => pageOf(at) >= from && pageOf(at) <= to).length;
    for (let begin = 0, index = 1; index <= pages.length; index++) {
      if (index < pages.length && pages[index]! - pages[index - 1]! <= GAP) continue;
      const run = { from: pages[begin]!, to: pages[index - 1]!, ran: ran(pages[begin]!, pages[index - 1]!) };
      if (run.ran > best.ran) best = run;
      begin = index;
    }
    const first = best.from * PAGE_SIZE;
    const border = beginOfRights(machine, first);
    const from = first - border <= GAP * PAGE_SIZE ? border : first;
    const value = { from: virt(from), to: virt((best.to + 1) * PAGE_SIZE) };
    return {
      value,
      confidence: 0.8,
      evidence: [
        { what: 'instructions of the range that ran', count: best.ran },
        {
          what: 'pages that ran, or that call the functions that such call',
          count: pages.filter((page) => page >= best.from && page <= best.to).length,
        },
      ],
    };
  },
});
