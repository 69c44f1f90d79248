// What is true of a Linux, by its own /proc in the same boot, by what its system calls return, and by facts of its sources.
import { type Machine, virt } from '../../emulator/index.ts';
import type { ParameterValues } from '../../monitors/parameters.ts';
import { longestGap } from './gap.ts';
import { atMostDouble, sameElements, type Truth } from './judge.ts';
import { CALL, CREATE, END, gateName, REPLACE, type Values, watchLinux } from './linux-run.ts';
import { linuxSymbols, shell } from './linux-symbols.ts';

/** One more than the greatest number of a system call, by version of the kernel. */
const CALLS: Readonly<Record<string, number>> = { '6.5': 452, '6.1': 451, '5.10': 441 };
const NAMED: readonly (readonly [number, string])[] = [
  [CALL.exit, 'exit'],
  [CALL.read, 'read'],
  [CALL.write, 'write'],
  [CALL.open, 'open'],
  [CALL.getpid, 'getpid'],
  [CALL.clone, 'clone'],
];
/** TASK_COMM_LEN, PAGE_OFFSET, THREAD_SIZE, FIRST_EXTERNAL_VECTOR rounded up for ISA interrupts. */
const [NAME_LENGTH, SPLIT, STACK, ISA_VECTORS] = [16, 0xc0000000, 8192, 0x30];
const PAGE = 4096;
/** IRET, and the last byte of SYSEXIT after its 0F. */
const [IRET, TWO_BYTES, SYSEXIT] = [0xcf, 0x0f, 0x35];
/** Virtual milliseconds without anything to do. */
const IDLE_TIME = 6000;
/** Work that takes some virtual seconds. */
const LOAD = 'for i in 1 2 3 4 5 6 7 8; do ls /bin | sort | cat | sort | wc; done';

/** Numbers of interrupts by what /proc/interrupts says of each line. */
function lineOf(interrupts: string, device: RegExp): number | undefined {
  const line = interrupts.split('\n').find((one) => device.test(one));
  return line === undefined ? undefined : Number.parseInt(line, 10);
}

/**
 * The truth of a Linux of the catalogue.
 * @param machine at the prompt, in the boot that was inferred; closed in the end.
 * @param twin the same kernel at the same addresses, with a user land that can search files; closed in the end.
 */
export async function linuxTruth(guest: string, machine: Machine, twin: Machine, values: Values): Promise<Truth> {
  const version = /\d+\.\d+/.exec(guest)![0];
  const names = ['_stext', '_text', '_etext', 'entry_SYSENTER_32', 'entry_INT80_32', '__switch_to_asm'];
  const faults = [
    'asm_exc_page_fault',
    'asm_exc_general_protection',
    'asm_exc_divide_error',
    'asm_exc_device_not_available',
  ];
  const byteAt = (address: number): number => {
    const bytes = machine.memory.read(virt(address), 1);
    return bytes instanceof Uint8Array ? bytes[0]! : -1;
  };
  const tableWord = (number: number) =>
    (values.dispatchTable ? machine.memory.readWord(virt(values.dispatchTable.address + 4 * number)) : 0) ?? 0;
  const { contextSwitch, idleLoop, keyboardHandler, keyMover, kernelEntries = [], kernelExits = [] } = values;
  const code = [
    contextSwitch?.from,
    contextSwitch && contextSwitch.to - 1,
    contextSwitch?.stackSwitch,
    contextSwitch?.cr3Write,
    idleLoop?.from,
    idleLoop && idleLoop.to - 1,
    keyboardHandler,
    keyMover,
  ];
  const table = NAMED.map(([number]) => tableWord(number));
  const all = [...code, ...kernelEntries, ...kernelExits, ...table].filter((one) => one !== undefined);
  const { symbolsOf, addressOf } = await linuxSymbols(twin, all, [...names, ...faults]);
  await twin.close();
  const isIn = (at: number | undefined, name: RegExp) =>
    at !== undefined && symbolsOf(at).some((one) => name.test(one));
  const entries = [...faults, 'entry_INT80_32', 'entry_SYSENTER_32'].map(addressOf);
  const goesBack = (at: number) => byteAt(at) === IRET || (byteAt(at) === TWO_BYTES && byteAt(at + 1) === SYSEXIT);
  const back = new Set(kernelExits.filter(goesBack));
  const interrupts = await shell(machine, 'cat /proc/interrupts');
  const processes = (await shell(machine, 'cat /proc/[0-9]*/comm')).split('\n');
  const run = await watchLinux(machine, values);
  const switching = addressOf('__switch_to_asm');
  const idleGap = await longestGap(machine, switching, () => machine.run({ for: IDLE_TIME }));
  const busyGap = await longestGap(machine, switching, () => shell(machine, LOAD));
  await machine.close();
  /** Whether a list has what was used, and nothing but what may be. */
  const listed = (list: ParameterValues['createCalls'], possible: readonly number[]) =>
    list.length > 0 &&
    list.every(({ number }) => possible.includes(number)) &&
    possible.every((number) => !run.calls.has(number) || list.some((one) => one.number === number));
  return {
    kernelSplit: (value) => value === SPLIT,
    kernelText: ({ from, to }) =>
      (from === addressOf('_stext') || from === addressOf('_text')) && Math.abs(to - addressOf('_etext')) < 2 * PAGE,
    systemCallGates: (value) =>
      sameElements(
        value.map(({ kind, vector }) => gateName(kind, vector)),
        [...run.gates],
      ) &&
      value.every(({ kind, entry }) =>
        kind === 'sysenter' ? entry === addressOf('entry_SYSENTER_32') : entry === addressOf('entry_INT80_32'),
      ),
    systemCallNumber: (value) => value === 'eax',
    dispatchTable: ({ length }) =>
      length === CALLS[version] && NAMED.every(([, name], index) => isIn(table[index], new RegExp(name))),
    kernelEntries: (value) =>
      entries.every((entry) => value.includes(virt(entry))) &&
      value.every(
        (at) => entries.includes(at) || isIn(at, /^(asm_|irq_entries_start|spurious_entries_start|early_idt)/),
      ),
    kernelExits: (value) =>
      [...run.exits].every((at) => value.includes(virt(at))) &&
      value.every((at) => back.has(at) && isIn(at, /^(entry_|restore_all|asm_|irq_return|ret_)/)),
    contextSwitch: ({ from, to, stackSwitch, cr3Write }) =>
      from === switching &&
      isIn(to - 1, /^__switch_to_asm$/) &&
      isIn(stackSwitch, /^__switch_to_asm$/) &&
      isIn(cr3Write, /^(switch_mm|load_new_mm_cr3|native_write_cr3)/),
    thread: ({ how, stackSize }) => how === 'kernel-stack' && (stackSize === undefined || stackSize === STACK),
    current: (value) =>
      value.how === 'segment' && value.segment === 'fs' && (run.agrees('current') || run.agrees('name')),
    processId: (value) => value.size === 4 && run.agrees('processId'),
    threadGroup: (value) => value.size === 4 && run.agrees('threadGroup'),
    name: (value) => run.agrees('name') && value.length === NAME_LENGTH && !value.pointer,
    parent: (value) => run.agrees('parent') && value.kind === 'pointer' && (value.inside ?? 0) === 0,
    createCalls: (value) => listed(value, CREATE),
    replaceCalls: (value) =>
      listed(value, REPLACE) &&
      value.every(({ number, pathArgument }) => number !== CALL.execve || pathArgument === 'ebx'),
    endCalls: (value) => listed(value, END),
    idleLoop: ({ from, to }) =>
      isIn(from, /^(default_idle|native_safe_halt|arch_cpu_idle|acpi_)/) &&
      symbolsOf(to - 1).join() === symbolsOf(from).join(),
    // Another run of the same guest: what wakes it is not the same to the millisecond.
    schedulingGap: ({ idleMs, busyMs }) => atMostDouble(idleMs, idleGap) && atMostDouble(busyMs, busyGap),
    timerVector: (value) => value === ISA_VECTORS + (lineOf(interrupts, /timer/) ?? Number.NaN),
    keyboardVector: (value) => value === ISA_VECTORS + (lineOf(interrupts, /i8042/) ?? Number.NaN),
    keyboardHandler: (value) => isIn(value, /^i8042_interrupt$/),
    expectedAfterKey: (value) =>
      // klibc's user land has no shell at the keyboard.
      (value.includes('sh') || guest.endsWith('-klibc')) &&
      value.every((one) => processes.includes(String(one)) || /^(swapper\/0|kworker\/)/.test(String(one))),
    keyMover: (value) => isIn(value, /tty_insert_flip|tty_buffer|put_queue|n_tty|kbd_/),
  };
}
