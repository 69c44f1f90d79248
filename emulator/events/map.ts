// The typed map from a kind of event to its object.
import type { CpuState } from '../cpu-state.ts';
import { Cr0WriteEvent, Cr3WriteEvent, Cr4WriteEvent } from './control-register-write.ts';
import { DmaEvent, HaltEvent, JitInstallEvent, PortIoEvent, ScreenTextEvent, SerialOutputEvent } from './devices.ts';
import { ExceptionEvent, InterruptEvent, PageFaultEvent, SoftwareInterruptEvent } from './interruption.ts';
import type { Decision, EventKind } from './kinds.ts';
import { CplChangeEvent } from './privilege.ts';
import { SyscallEvent, SyscallReturnEvent } from './syscall.ts';
import { DescriptorTableEvent, MsrWriteEvent, TaskRegisterEvent, TssEsp0Event } from './system-tables.ts';
import { TlbFillEvent, TlbFlushEvent } from './translation.ts';

const CLASSES = {
  syscall: SyscallEvent,
  'syscall-return': SyscallReturnEvent,
  'cr3-write': Cr3WriteEvent,
  'cr0-write': Cr0WriteEvent,
  'cr4-write': Cr4WriteEvent,
  'page-fault': PageFaultEvent,
  exception: ExceptionEvent,
  interrupt: InterruptEvent,
  'software-interrupt': SoftwareInterruptEvent,
  'cpl-change': CplChangeEvent,
  'descriptor-table': DescriptorTableEvent,
  'task-register': TaskRegisterEvent,
  'tss-esp0': TssEsp0Event,
  'msr-write': MsrWriteEvent,
  halt: HaltEvent,
  'port-io': PortIoEvent,
  'tlb-fill': TlbFillEvent,
  'tlb-flush': TlbFlushEvent,
  dma: DmaEvent,
  'jit-install': JitInstallEvent,
  'serial-output': SerialOutputEvent,
  'screen-text': ScreenTextEvent,
} as const satisfies Record<EventKind, unknown>;

/** Each kind of event with the object that a listener is handed. */
export type EventMap = { readonly [Kind in EventKind]: Readonly<InstanceType<(typeof CLASSES)[Kind]>> };

/** A listener in TypeScript. It runs inside the CPU's instruction: it must not run the machine. */
export type Listener<Kind extends EventKind> = (event: EventMap[Kind]) => Decision | void;

/**
 * A listener that is an exported WebAssembly function `(kind: i32, a: i32, b: i32, c: i32) => i32`: called without JavaScript between
 * the CPU and it. The integers are the raw ones that `fill` of the kind's event takes; the result is one of `DECISION`.
 */
export type WasmListener = (kind: number, a: number, b: number, c: number) => number;

/** Makes the object of a kind. */
export const createEvent = <Kind extends EventKind>(kind: Kind, cpu: CpuState): InstanceType<(typeof CLASSES)[Kind]> =>
  new CLASSES[kind](cpu) as InstanceType<(typeof CLASSES)[Kind]>;
