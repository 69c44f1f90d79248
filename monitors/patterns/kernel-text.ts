import { PAGE_SIZE, virt } from '../../emulator/index.ts';
import type { KernelCode } from './kernel-code.ts';
import { pattern } from './pattern.ts';

/** How far from executed code more is looked for. */
const REACH = 16 << 20;
/** Pages without a call that may lie inside the code: tables, padding, functions that call nothing. */
const GAP = 24;

const pageOf = (address: number): number => Math.floor(address / PAGE_SIZE);

/** Pages of code: those that ran, and those whose functions are called from pages of code. */
function codePages(code: KernelCode, executed: Iterable<number>): Set<number> {
  const known = new Set<number>();
  let open = new Set<number>([...executed].map(pageOf));
  while (open.size > 0) {
    const next = new Map<number, number>();
    for (const page of open) {
      known.add(page);
      const from = page * PAGE_SIZE;
      for (const [target, count] of code.callTargets({ from: virt(from), to: virt(from + PAGE_SIZE) })) {
        if (Math.abs(target - from) > REACH || known.has(pageOf(target)) || !code.beginsFunction(target)) continue;
        next.set(target, (next.get(target) ?? 0) + count);
      }
    }
    // Bytes that look like a call by chance lead anywhere: one caller is not enough, unless what it leads to is code all around.
    const pages = new Map<number, number>();
    for (const [target, count] of next) pages.set(pageOf(target), (pages.get(pageOf(target)) ?? 0) + count);
    open = new Set([...pages].filter(([page, count]) => count > 1 && !known.has(page)).map(([page]) => page));
  }
  return known;
}

export default pattern({
  name: 'kernel-text',
  parameter: 'kernelText',
  words:
    'A kernel’s code is one piece of memory. It calls itself: starting from code that ran, the functions that it calls directly, and those that these call, spread over all of it.',
  source: 'Linkers put the code of all files into one section (System V ABI); relative CALL (Intel SDM vol. 2)',
  refutation: 'Kernel code that runs outside of the range and is no module loaded later, or data inside',
  stage: 'kernel',
  needs: [],
  infer({ code, trace: { executed } }) {
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
    const value = { from: virt(best.from * PAGE_SIZE), to: virt((best.to + 1) * PAGE_SIZE) };
    return {
      value,
      confidence: 0.8,
      evidence: [
        { what: 'instructions of the range that ran', count: best.ran },
        {
          what: 'pages that ran or are called from such',
          count: pages.filter((page) => page >= best.from && page <= best.to).length,
        },
      ],
    };
  },
});
