import { virt } from '../../emulator/index.ts';
import { pattern } from './pattern.ts';

/** What one entry of the top page table covers: the kernel's half begins at such a border. */
const TOP_ENTRY = 1 << 22;
/** The share of spaces that must agree on the border; and that of the kernel's code that may lie below it, as when a program got to CPL 0. */
const LEAST_SHARE = 1 / 3;
const MOST_BELOW = 0.01;

export default pattern({
  name: 'kernel-split',
  parameter: 'kernelSplit',
  words:
    'The kernel lives in the upper part of every address space, in pages that programs may not access; the lower part is the program’s. The border lies where an entry of the top page table begins. It is seen in the spaces that the kernel runs in: programs may be shown less of it.',
  source:
    'The User/Supervisor bit of page tables (Intel SDM vol. 3, 4.6); kernels share their part of the top table between all processes',
  refutation:
    'A page that CPL 3 may access at or above the address, or one that it may not access below it that all spaces share',
  stage: 'kernel',
  needs: [],
  infer({ entries, trace: { executed } }) {
    if (!entries.programs) return { reason: 'nothing ran at CPL 3: there is no border between programs and kernel' };
    const { maps } = entries;
    if (maps.length === 0) return { reason: 'no program called the kernel, so no address space was looked at' };
    const borders = maps.map((runs) => {
      const userEnd = Math.max(0, ...runs.filter(({ user }) => user).map(({ to }) => to));
      return { userEnd, first: runs.find(({ user, from }) => !user && from >= userEnd)?.from };
    });
    // Where the kernel hides while programs run, half of the spaces are its own; and a program that broke in may have opened the kernel's.
    const first = Math.min(...borders.map((border) => border.first ?? Number.POSITIVE_INFINITY));
    const agreeing = borders.filter((border) => border.first === first);
    const userEnd = Math.max(...(agreeing.length > 0 ? agreeing : borders).map((border) => border.userEnd));
    if (agreeing.length < LEAST_SHARE * maps.length)
      return {
        reason: `pages of programs and of the kernel lie mixed: the highest page of a program ends at 0x${userEnd.toString(16)}`,
      };
    const split = first - (first % TOP_ENTRY);
    if (split < userEnd) return { reason: 'programs and kernel share an entry of the top page table' };
    const below = [...executed.keys()].filter((at) => at < split).length;
    if (below > MOST_BELOW * executed.size)
      return { reason: `the kernel runs code below its lowest page that was seen, 0x${first.toString(16)}` };
    const evidence = [
      {
        what: 'address spaces in which the lowest page of the kernel alone, above all of programs, is there',
        at: virt(first),
        count: agreeing.length,
      },
      { what: 'end of the highest page of a program', at: virt(userEnd) },
    ];
    return { value: virt(split), confidence: agreeing.length > 2 ? 0.95 : 0.8, evidence };
  },
});
