// What is true of GNU Mach: by the names in its ELF file, by what it tells the interrupt controller and the CPU, by its documentation and
// sources. Debian's usual image has sections only, its debug build symbols, too.
import { type Machine, virt } from '../../emulator/index.ts';
import type { ElfNames } from './elf.ts';
import { sameElements, type Truth } from './judge.ts';

/** VM_MIN_KERNEL_ADDRESS, the selector of the call gate that system calls take, and KERNEL_STACK_SIZE. */
const [SPLIT, GATE, STACK] = [0xc0000000, 7, 4096];
const PAGE = 4096;
/** Virtual milliseconds, more than its tasks take. */
const RUN = 20_000;

/** The Intel 8259's ports, and the bit of its first command word; the second word is the vector of interrupt 0, which is the timer's. */
const [COMMAND, DATA, FIRST_WORD] = [0x20, 0x21, 0x10];
/** Gates of the IDT (Intel SDM vol. 3, 6.11) are of 8 bytes; present ones for 32-bit interrupts and traps have these bits in the second word. */
const [GATE_BYTES, GATE_BITS, GATES] = [8, 0x9f00, [0x8e00, 0x8f00]];
/** Instructions that may go back to programs: IRET, and RETF without and with an operand. */
const WAYS_BACK = [0xcf, 0xcb, 0xca];
const HLT = 0xf4;
const NO_INPUT = { none: 'nobody types at it: it has no shell' };

/** What a run from power-on shows. */
async function watchRun(machine: Machine) {
  let [begun, timer]: [boolean, number | undefined] = [false, undefined];
  const [exits, halts] = [new Set<number>(), new Set<number>()];
  machine.on('port-io', ({ port, write, value }) => {
    if (!write || (port !== COMMAND && port !== DATA)) return;
    if (begun && port === DATA) timer = value & 0xf8;
    begun = port === COMMAND && (value & FIRST_WORD) !== 0;
  });
  machine.on('cpl-change', ({ value, old, eip }) => void (old === 0 && value === 3 && exits.add(eip)));
  machine.on('halt', ({ halted, eip }) => void (halted && halts.add(eip)));
  await machine.run({ for: RUN });
  return { timer, exits, halts };
}

/** Where the gates of the IDT lead. */
function gatesOf(machine: Machine): number[] {
  const { idtrBase, idtrLimit } = machine.cpu;
  const word = (at: number): number => machine.memory.readWord(virt(at)) ?? 0;
  return Array.from({ length: (idtrLimit + 1) / GATE_BYTES }, (_, vector) => idtrBase + vector * GATE_BYTES)
    .filter((at) => GATES.includes(word(at + 4) & GATE_BITS))
    .map((at) => ((word(at) & 0xffff) | (word(at + 4) & 0xffff0000)) >>> 0);
}

/**
 * The truth of GNU Mach for i386.
 * @param machine before its first instruction; closed in the end.
 */
export async function machTruth({ sections, symbols }: ElfNames, machine: Machine): Promise<Truth> {
  const run = await watchRun(machine);
  const switching = symbols.get('Switch_context');
  const gates = gatesOf(machine);
  const byteAt = (at: number): number => {
    const bytes = machine.memory.read(virt(at), 1);
    return bytes instanceof Uint8Array ? bytes[0]! : -1;
  };
  const halts = new Map([...run.halts].map((at) => [at, byteAt(at)]));
  const back = new Map([...run.exits].map((at) => [at, byteAt(at)]));
  const text = sections.get('.text')!;
  const inside = (at: number, { address, size }: { address: number; size: number }): boolean =>
    at >= address && at < address + size;
  const entry = symbols.get('syscall')?.address;
  const active = symbols.get('active_threads')?.address;
  const idle = symbols.get('machine_idle');
  await machine.close();
  // Without symbols there is nothing to compare with: a value is then counted as wrong.
  return {
    kernelSplit: (value) => value === SPLIT,
    kernelText: ({ from, to }) => from === text.address && Math.abs(to - (text.address + text.size)) < 2 * PAGE,
    systemCallGates: (value) =>
      value.length === 1 &&
      value.every(({ kind, selector }) => kind === 'call-gate' && selector === GATE) &&
      (entry === undefined || value[0]!.entry === entry),
    systemCallNumber: (value) => value === 'eax',
    dispatchTable: { none: 'an entry of mach_trap_table has 16 bytes: it is no array of functions' },
    kernelEntries: (value) =>
      gates.every((at) => value.includes(virt(at))) &&
      value.every((at) => gates.includes(at) || (entry === undefined ? inside(at, text) : at === entry)) &&
      value.length <= new Set(gates).size + 1,
    kernelExits: (value) =>
      sameElements(value, [...back.keys()]) && [...back.values()].every((byte) => WAYS_BACK.includes(byte)),
    contextSwitch: ({ from, stackSwitch }) =>
      switching !== undefined && from === switching.address && inside(stackSwitch!, switching),
    thread: ({ how, stackSize }) =>
      switching !== undefined && how === 'tss-esp0' && (stackSize === undefined || stackSize === STACK),
    current: (value) => value.how === 'global' && value.address === active,
    processId: { none: 'tasks have no ids' },
    threadGroup: { none: 'tasks have no ids' },
    name: () => false,
    parent: { none: 'a task does not remember who made it' },
    createCalls: { none: 'tasks and threads are named by ports, which are numbers of their creator’s' },
    replaceCalls: { none: 'no call replaces a program' },
    endCalls: () => false,
    idleLoop: ({ from, to }) =>
      (idle === undefined || from === idle.address) &&
      [...halts].some(([at, byte]) => byte === HLT && at >= from && at < to),
    schedulingGap: NO_INPUT,
    timerVector: (value) => value === run.timer,
    keyboardVector: NO_INPUT,
    keyboardHandler: NO_INPUT,
    expectedAfterKey: NO_INPUT,
    keyMover: NO_INPUT,
  };
}
