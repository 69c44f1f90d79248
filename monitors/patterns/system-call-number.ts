import { virt } from '../../emulator/index.ts';
import {
  CANDIDATE_REGISTERS,
  dispatchLoads,
  LEAST_NUMBERS,
  REGISTER_NAMES,
  separation,
  syscallWindows,
} from './dispatch.ts';
import { pattern } from './pattern.ts';

/** A register that tells calls apart as well as the number does so for nearly all of them. */
const LEAST_SHARE = 0.6;
/** And another by that much less. */
const LEAD = 0.1;

export default pattern({
  name: 'system-call-number',
  parameter: 'systemCallNumber',
  words:
    'One register says which system call is wanted. The kernel takes its value as the index into a table of functions, or at least calls one function for each value that it calls for no other.',
  source:
    'System V ABI i386 supplement; INT 0x2E of Windows NT; Linux entry code: the gate has one entry, so the number must travel in a register',
  refutation:
    'Two calls with the same value that do different things, or an index into the table that is not its value',
  stage: 'kernel',
  needs: [],
  infer({ trace }) {
    const windows = syscallWindows(trace);
    if (windows.length < 20) return { reason: `only ${windows.length} system calls were followed` };
    for (const register of CANDIDATE_REGISTERS) {
      const loads = dispatchLoads(windows, register);
      const numbers = new Set(loads.map(({ index }) => index)).size;
      if (loads.length < windows.length / 2 || numbers < LEAST_NUMBERS) continue;
      const evidence = [
        {
          what: `calls through a table indexed by it, of ${windows.length}`,
          at: virt(loads[0]!.at),
          count: loads.length,
        },
      ];
      return { value: REGISTER_NAMES[register]!, confidence: 0.98, evidence };
    }
    const tried = CANDIDATE_REGISTERS.map((register) => ({ register, ...separation(windows, register) }))
      .filter(({ numbers }) => numbers >= LEAST_NUMBERS)
      .sort((a, b) => b.share - a.share);
    const [best, second] = tried;
    if (!best || best.share < LEAST_SHARE || best.share < (second?.share ?? 0) + LEAD)
      return { reason: 'no register tells the system calls apart better than the others' };
    const evidence = [
      {
        what: `values that each have functions of their own, in ${Math.round(100 * best.share)} % of the calls`,
        count: best.numbers,
      },
    ];
    return { value: REGISTER_NAMES[best.register]!, confidence: 0.9, evidence };
  },
});
