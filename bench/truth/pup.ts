// What is true of pup's variants, by the symbols and offsets of their maps and by pup's sources.
import type { Machine } from '../../emulator/index.ts';
import type { SymbolMap } from '../../guests/pup/symbols.ts';
import { PROMPT } from '../../guests/pup/testing/session.ts';
import type { ArgumentPlace, CurrentPlace, Field, ParameterValues } from '../../monitors/parameters.ts';
import { converse, LOAD } from '../../monitors/patterns/observe/stimulus.ts';
import { longestGap } from './gap.ts';
import { atMostDouble, sameElements, type Truth } from './judge.ts';

const VECTORS = 256;
const STUB = 16;
const SYSCALL_VECTOR = { int80: 0x80, int2e: 0x2e } as const;
const CALL_GATE = 0x3b;
const PIC = 0x20;
const PAGE = 4096;
/** Numbers of pup's system calls: abi/syscalls.h. */
const CALL = { exit: 1, fork: 2, exec: 3, threadCreate: 22, threadExit: 23, count: 28 } as const;
const NAME_LENGTH = 16;
/** Virtual milliseconds without anything to do. */
const IDLE_TIME = 6000;
/** Where each gate's manner puts the first argument. */
const FIRST_ARGUMENT: Readonly<Record<string, ArgumentPlace>> = {
  int80: 'ebx',
  sysenter: 'ebx',
  int2e: { register: 'edx', offset: 0 },
  callgate: { register: 'esp', offset: 8 },
};

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * The truth of a variant.
 * @param map of its build.
 * @param machine of the guest at its prompt, or before the first instruction of one that has none; closed in the end.
 */
export async function pupTruth({ symbols, offsets, options }: SymbolMap, machine: Machine): Promise<Truth> {
  const at = (symbol: string): number => symbols[symbol]!.address;
  const inside = (address: number, symbol: string, size = symbols[symbol]!.size): boolean =>
    address >= at(symbol) && address < at(symbol) + size;
  const stubs = Array.from({ length: VECTORS }, (_, vector) => at('trap_stubs') + vector * STUB);
  const gateEntry =
    options.syscall === 'sysenter'
      ? [at('sysenter_entry')]
      : options.syscall === 'callgate'
        ? [at('callgate_entry')]
        : [];
  const threaded = options.threads === 'threads';
  const owner = offsets['task.process']!;
  const field = (offset: number): Field => (threaded ? { offset, via: owner } : { offset: owner + offset });
  const isField = (value: Field, offset: number): boolean =>
    value.offset === field(offset).offset && value.via === field(offset).via;
  const hardware = options.switch === 'tss';
  const current: Readonly<Record<string, CurrentPlace>> = {
    stack: { how: 'stack', mask: 0xfffff000, offset: 0, indirect: true },
    segment: { how: 'segment', segment: 'gs', offset: 4 },
    global: { how: 'global', address: (symbols.current_task_pointer?.address ?? 0) as never },
  };
  const calls = (value: ParameterValues['createCalls'], needed: number, possible: readonly number[]): boolean =>
    value.some(({ number }) => number === needed) && value.every(({ number }) => possible.includes(number));
  const quiet = options.clock === 'quiet';
  const noInput = { none: 'it takes no interrupts' };
  const gaps = quiet ? undefined : await switchGaps(machine, at(hardware ? 'context_switch' : 'swap_stacks'));
  await machine.close();
  return {
    kernelSplit: (value) => value === options.split * 2 ** 30,
    kernelText: ({ from, to }) =>
      from === at('kernel_text_start') - (at('kernel_text_start') % PAGE) &&
      to > at('call_getppid') &&
      to <= at('kernel_text_end'),
    systemCallGates: (value) =>
      value.length === 1 &&
      (options.syscall === 'int80' || options.syscall === 'int2e'
        ? value[0]!.vector === SYSCALL_VECTOR[options.syscall] &&
          value[0]!.entry === stubs[SYSCALL_VECTOR[options.syscall]]
        : value[0]!.entry === gateEntry[0] && (options.syscall === 'sysenter' || value[0]!.selector === CALL_GATE)),
    systemCallNumber: (value) => value === 'eax',
    dispatchTable: ({ address, length }) => address === at('system_calls') && length === CALL.count,
    kernelEntries: (value) => sameElements(value, [...stubs, ...gateEntry]),
    // The common way out is 11 bytes long; SYSEXIT and RETF end the entries of their gates.
    kernelExits: (value) =>
      value.some((exit) => inside(exit, 'trap_return', 12)) &&
      value.every(
        (exit) => inside(exit, 'trap_return', 12) || gateEntry.some((entry) => exit > entry && exit < entry + 0x80),
      ),
    contextSwitch: ({ from, stackSwitch, cr3Write }) =>
      hardware
        ? inside(from, 'context_switch') && inside(stackSwitch!, 'context_switch') && cr3Write === stackSwitch
        : from === at('swap_stacks') && inside(stackSwitch!, 'swap_stacks', 16) && inside(cr3Write!, 'paging_activate'),
    thread: ({ how, stackSize }) => how === 'tss-esp0' && (stackSize === undefined || stackSize === PAGE),
    current: (value) => same(value, current[options.current]),
    // A task that was forked has the id of its process, too.
    processId: (value) =>
      value.size === 4 &&
      (isField(value, offsets['process.pid']!) || (!threaded && value.offset === offsets['task.tid'])),
    threadGroup: threaded
      ? (value) => isField(value, offsets['process.pid']!)
      : { none: 'a process is its only thread: it has one id' },
    name: (value) =>
      isField(value, offsets['process.name']!) &&
      value.pointer === (options.names === 'pointer') &&
      (value.pointer ? value.length >= NAME_LENGTH : value.length === NAME_LENGTH),
    parent: (value) =>
      isField(value, offsets['process.parent']!) &&
      value.kind === 'pointer' &&
      (value.inside ?? 0) === (threaded ? 0 : owner),
    createCalls: (value) => calls(value, CALL.fork, [CALL.fork, CALL.threadCreate]),
    replaceCalls: (value) => same(value, [{ number: CALL.exec, pathArgument: FIRST_ARGUMENT[options.syscall] }]),
    endCalls: (value) => calls(value, CALL.exit, [CALL.exit, CALL.threadExit]),
    idleLoop: quiet
      ? { none: 'it halts once and for all' }
      : ({ from, to }) => from <= at('clock_idle') + 3 && to > at('clock_idle'),
    schedulingGap: gaps
      ? ({ busyMs, idleMs }) => atMostDouble(busyMs, gaps.busy) && atMostDouble(idleMs, gaps.idle)
      : noInput,
    timerVector: quiet ? noInput : (value) => value === PIC,
    keyboardVector: quiet ? noInput : (value) => value === PIC + 1,
    // It is static, and its name is not the only one: it lies before keyboard_init, in the same file.
    keyboardHandler: quiet ? noInput : (value) => value > at('panic') && value < at('keyboard_init'),
    expectedAfterKey: quiet
      ? noInput
      : (value) => value.includes('sh') && value.every((one) => one === 'sh' || one === 'idle'),
    keyMover: quiet ? noInput : (value) => inside(value, 'terminal_input'),
  };
}

async function switchGaps(machine: Machine, address: number) {
  const idle = await longestGap(machine, address, () => machine.run({ for: IDLE_TIME }));
  const busy = await longestGap(machine, address, () => converse(machine, PROMPT, LOAD));
  return { idle, busy };
}
