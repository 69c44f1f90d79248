// What is true of GNU Mach by its documentation, and by what it tells the interrupt controller: there are no symbols in its image. What is
// not listed is not judged.
import type { Machine } from '../../emulator/index.ts';
import type { Truth } from './judge.ts';

/** VM_MIN_KERNEL_ADDRESS, and the selector of the call gate that system calls take. */
const [SPLIT, GATE] = [0xc0000000, 7];

/** The Intel 8259's ports, and the bit of its first command word; the second word is the vector of interrupt 0, which is the timer's. */
const [COMMAND, DATA, FIRST_WORD] = [0x20, 0x21, 0x10];

/** The vector that the guest gives to the timer, seen at power-on. @param machine before its first instruction; closed in the end. */
async function timerVector(machine: Machine): Promise<number | undefined> {
  let [begun, vector]: [boolean, number | undefined] = [false, undefined];
  machine.on('port-io', ({ port, write, value }) => {
    if (!write || (port !== COMMAND && port !== DATA)) return;
    if (begun && port === DATA) vector = value & 0xf8;
    begun = port === COMMAND && (value & FIRST_WORD) !== 0;
  });
  await machine.run({ for: 1000 });
  await machine.close();
  return vector;
}

/** The truth of GNU Mach for i386. @param machine before its first instruction. */
export async function machTruth(machine: Machine): Promise<Truth> {
  const timer = await timerVector(machine);
  return {
    kernelSplit: (value) => value === SPLIT,
    systemCallGates: (value) => value.every(({ kind, selector }) => kind === 'call-gate' && selector === GATE),
    systemCallNumber: (value) => value === 'eax',
    timerVector: (value) => value === timer,
    processId: { absent: 'tasks have no ids' },
    threadGroup: { absent: 'tasks have no ids' },
    createCalls: { absent: 'tasks are created by messages' },
    replaceCalls: { absent: 'no call replaces a program' },
  };
}
