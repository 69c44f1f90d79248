// What is true of a Linux, by its own /proc in the same boot, by what its system calls return, and by facts of its sources.
import { type Machine, virt } from '../../emulator/index.ts';
import type { ParameterName, ParameterValues } from '../../monitors/parameters.ts';
import type { Truth } from './judge.ts';
import { linuxSymbols, shell } from './linux-symbols.ts';

/** What was inferred, for the parameters that are known. */
export type Values = { readonly [Name in ParameterName]?: ParameterValues[Name] };

/** Numbers of i386: arch/x86/entry/syscalls/syscall_32.tbl. */
const CALL = {
  exit: 1,
  fork: 2,
  read: 3,
  write: 4,
  open: 5,
  execve: 11,
  getpid: 20,
  getppid: 64,
  clone: 120,
  vfork: 190,
  gettid: 224,
} as const;
const [EXIT_GROUP, SET_TID_ADDRESS, EXECVEAT, CLONE3] = [252, 258, 358, 435];
/** One more than the greatest number, by version of the kernel. */
const CALLS: Readonly<Record<string, number>> = { '6.1': 451, '5.10': 441 };
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

/** Which fields agree with what the kernel tells programs of themselves. */
interface FieldChecks {
  /** By parameter: calls whose answer the field gave, and calls whose answer it did not give. */
  readonly right: Record<string, number>;
  readonly wrong: Record<string, number>;
}

/** Compares fields with answers of getpid, gettid, set_tid_address, getppid, and with the names in /proc. */
async function checkFields(
  machine: Machine,
  { current, processId, threadGroup, name, parent }: Values,
): Promise<FieldChecks> {
  const checks: FieldChecks = { right: {}, wrong: {} };
  if (current?.how !== 'segment') return checks;
  let base: number | undefined;
  let open: { number: number; pointer: number } | undefined;
  const word = (address: number) => machine.memory.readWord(virt(address));
  const task = () => (base === undefined ? undefined : word(base + current.offset));
  const note = (parameter: string, agrees: boolean) => {
    const counts = agrees ? checks.right : checks.wrong;
    counts[parameter] = (counts[parameter] ?? 0) + 1;
  };
  const FS = 4;
  using _base = machine.on('cr3-write', ({ cpu, cpl }) => {
    if (cpl === 0 && cpu.segment(FS).base > 0) base = cpu.segment(FS).base;
  });
  using _calls = machine.on('syscall', ({ number }) => {
    const pointer = task();
    open = pointer === undefined ? undefined : { number, pointer };
  });
  using _returns = machine.on('syscall-return', ({ value, entry }) => {
    const pointer = task();
    if (entry !== 'syscall' || pointer === undefined || open?.pointer !== pointer) return;
    const { number } = open;
    open = undefined;
    if ((number === CALL.gettid || number === SET_TID_ADDRESS) && processId)
      note('processId', word(pointer + processId.offset) === value);
    if (number === CALL.getpid && threadGroup) note('threadGroup', word(pointer + threadGroup.offset) === value);
    if (number === CALL.getpid && processId) note('processId', word(pointer + processId.offset) === value);
    if (number === CALL.getppid && parent && threadGroup)
      note('parent', word((word(pointer + parent.offset) ?? 0) + threadGroup.offset) === value);
  });
  await shell(machine, 'sh -c "sh -c pwd; pwd"; (sh -c ls | cat); ls; sleep 0 & wait');
  if (name) {
    const names = new Set<string>();
    using _names = machine.on('syscall', () => {
      const pointer = task();
      const text =
        pointer === undefined ? undefined : machine.memory.readString(virt(pointer + name.offset), name.length);
      if (typeof text === 'string') names.add(text);
    });
    await shell(machine, 'cat /proc/self/comm');
    note('name', names.has('sh') && names.has('cat'));
    note('current', names.has('sh') && names.has('cat'));
  }
  return checks;
}

/** Longest virtual time between two runs of the function that switches stacks, while nothing is to be done. */
async function idleGap(machine: Machine, address: number): Promise<number> {
  let [last, longest] = [machine.cpu.time, 0];
  using _probe = machine.probe(virt(address), () => {
    longest = Math.max(longest, machine.cpu.time - last);
    last = machine.cpu.time;
  });
  await machine.run({ for: 6000 });
  return Math.max(longest, machine.cpu.time - last);
}

/**
 * The truth of a Linux of the catalogue.
 * @param machine at the prompt, in the boot that was inferred; closed in the end.
 * @param twin the same kernel at the same addresses, with a user land that can search files; closed in the end.
 */
export async function linuxTruth(guest: string, machine: Machine, twin: Machine, values: Values): Promise<Truth> {
  const version = /\d+\.\d+/.exec(guest)![0];
  const names = ['_stext', '_text', '_etext', 'entry_SYSENTER_32', 'entry_INT80_32', '__switch_to_asm'];
  const tableWord = (number: number) =>
    (values.dispatchTable ? machine.memory.readWord(virt(values.dispatchTable.address + 4 * number)) : 0) ?? 0;
  const { contextSwitch, idleLoop, keyboardHandler, keyMover, kernelEntries = [], kernelExits = [] } = values;
  const code = [
    contextSwitch?.from,
    contextSwitch?.stackSwitch,
    contextSwitch?.cr3Write,
    idleLoop?.from,
    keyboardHandler,
    keyMover,
  ];
  const table = NAMED.map(([number]) => tableWord(number));
  const all = [...code, ...kernelEntries, ...kernelExits, ...table].filter((one) => one !== undefined);
  const { symbolOf, addressOf } = await linuxSymbols(twin, all, names);
  await twin.close();
  const processes = (await shell(machine, 'cat /proc/[0-9]*/comm')).split('\n');
  const checks = await checkFields(machine, values);
  const gap = await idleGap(machine, addressOf('__switch_to_asm'));
  await machine.close();
  const agrees = (parameter: ParameterName) =>
    (checks.right[parameter] ?? 0) > 0 && (checks.wrong[parameter] ?? 0) === 0;
  const only = (list: ParameterValues['createCalls'], possible: readonly number[]) =>
    list.length > 0 && list.every(({ number }) => possible.includes(number));
  return {
    kernelSplit: (value) => value === SPLIT,
    kernelText: ({ from, to }) =>
      (from === addressOf('_stext') || from === addressOf('_text')) && Math.abs(to - addressOf('_etext')) < 2 * PAGE,
    systemCallGates: (value) =>
      value.length > 0 &&
      value.every(({ kind, vector, entry }) =>
        kind === 'sysenter'
          ? entry === addressOf('entry_SYSENTER_32')
          : vector === 0x80 && entry === addressOf('entry_INT80_32'),
      ),
    systemCallNumber: (value) => value === 'eax',
    dispatchTable: ({ length }) =>
      length === CALLS[version] && NAMED.every(([, name], index) => symbolOf(table[index]!).includes(name)),
    // Several names share an address: the marks of the linker script, and the entries that begin there.
    kernelEntries: (value) =>
      value.every(
        (at) =>
          at === addressOf('entry_INT80_32') ||
          at === addressOf('entry_SYSENTER_32') ||
          /^(asm_|irq_entries_start|__irqentry_text_|spurious_entries_start|early_idt)/.test(symbolOf(at)),
      ),
    kernelExits: (value) =>
      value.every((at) => /^(entry_|__irqentry_text_end|restore_all|asm_|irq_return|ret_)/.test(symbolOf(at))),
    contextSwitch: ({ from, stackSwitch, cr3Write }) =>
      from === addressOf('__switch_to_asm') &&
      symbolOf(stackSwitch!) === '__switch_to_asm' &&
      /^(switch_mm|load_new_mm_cr3|native_write_cr3)/.test(symbolOf(cr3Write!)),
    thread: ({ how, stackSize }) => how === 'kernel-stack' && (stackSize === undefined || stackSize === STACK),
    current: (value) => value.how === 'segment' && value.segment === 'fs' && agrees('current'),
    processId: (value) => value.size === 4 && agrees('processId'),
    // include/linux/sched.h: pid_t pid; pid_t tgid;
    threadGroup: (value) => agrees('threadGroup') && value.offset === (values.processId?.offset ?? 0) + 4,
    name: (value) => agrees('name') && value.length === NAME_LENGTH && !value.pointer,
    parent: (value) => agrees('parent') && value.kind === 'pointer' && (value.inside ?? 0) === 0,
    createCalls: (value) => only(value, [CALL.fork, CALL.clone, CALL.vfork, CLONE3]),
    replaceCalls: (value) =>
      only(value, [CALL.execve, EXECVEAT]) &&
      value.every(({ number, pathArgument }) => number !== CALL.execve || pathArgument === 'ebx'),
    endCalls: (value) => only(value, [CALL.exit, EXIT_GROUP]),
    idleLoop: ({ from }) => /^(default_idle|native_safe_halt|arch_cpu_idle|acpi_)/.test(symbolOf(from)),
    // Another run of the same guest: what wakes it is not the same to the millisecond.
    schedulingGap: ({ idleMs, busyMs }) => idleMs > gap / 2 && idleMs < gap * 2 && busyMs > 0 && busyMs < idleMs,
    timerVector: (value) => value === ISA_VECTORS,
    keyboardVector: (value) => value === ISA_VECTORS + 1,
    keyboardHandler: (value) => symbolOf(value) === 'i8042_interrupt',
    expectedAfterKey: (value) =>
      // klibc's user land has no shell at the keyboard.
      (value.includes('sh') || guest.endsWith('-klibc')) &&
      value.every((one) => processes.includes(String(one)) || /^(swapper\/0|kworker\/)/.test(String(one))),
    keyMover: (value) => /tty_insert_flip|tty_buffer|put_queue|n_tty|kbd_/.test(symbolOf(value)),
  };
}
