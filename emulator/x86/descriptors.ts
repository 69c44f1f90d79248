// Selectors and the 8-byte descriptors of the GDT, LDT and IDT, decoded and encoded.
// Source: Intel SDM volume 3A, "Protected-Mode Memory Management" (segment descriptors), "Protection" (call gates),
// "Interrupt and Exception Handling" (IDT gates), "Task Management" (TSS descriptors).

/** A privilege level: 0 is the kernel's, 3 the user's. */
export type PrivilegeLevel = 0 | 1 | 2 | 3;

/** A 16-bit segment selector, split. */
export interface Selector {
  /** Number of the descriptor in its table. Entry 0 of the GDT is never used: a selector 0 to 3 is a null selector. */
  readonly index: number;
  readonly table: 'gdt' | 'ldt';
  /** Requested privilege level; in CS and SS, the CPL. */
  readonly rpl: PrivilegeLevel;
}

/** Splits a selector; bits above 15 are ignored. */
export const decodeSelector = (selector: number): Selector => ({
  index: (selector >>> 3) & 0x1fff,
  table: (selector & 4) !== 0 ? 'ldt' : 'gdt',
  rpl: (selector & 3) as PrivilegeLevel,
});

/** The inverse of {@link decodeSelector}. */
export const encodeSelector = ({ index, table, rpl }: Selector): number =>
  ((index & 0x1fff) << 3) | (table === 'ldt' ? 4 : 0) | rpl;

/** A descriptor as memory holds it: two little-endian 32-bit words, `low` at the lower address, both unsigned. */
export interface RawDescriptor {
  readonly low: number;
  readonly high: number;
}

interface DescriptorBase {
  readonly dpl: PrivilegeLevel;
  readonly present: boolean;
}

interface SegmentBase extends DescriptorBase {
  /** Virtual address at which the segment starts, 32 bits unsigned. */
  readonly base: number;
  /** Offset of the last byte, granularity applied, 32 bits unsigned; for an expand-down segment, of the last byte *outside* it. */
  readonly limit: number;
  /** The limit counts 4 KiB units. */
  readonly granular: boolean;
  /** The bit left to system software. */
  readonly available: boolean;
}

/** A code segment. */
export interface CodeSegment extends SegmentBase {
  readonly kind: 'code';
  readonly accessed: boolean;
  readonly readable: boolean;
  /** Runs at the caller's privilege level instead of `dpl`. */
  readonly conforming: boolean;
  /** Operands and addresses are 32 bits by default (the D bit), else 16. */
  readonly is32: boolean;
  /** The L bit; outside IA-32e mode it is reserved and should be false. */
  readonly is64: boolean;
}

/** A data or stack segment. */
export interface DataSegment extends SegmentBase {
  readonly kind: 'data';
  readonly accessed: boolean;
  readonly writable: boolean;
  readonly expandDown: boolean;
  /** The stack pointer is ESP (the B bit), else SP. */
  readonly is32: boolean;
}

/** A task-state segment. */
export interface TssSegment extends SegmentBase {
  readonly kind: 'tss';
  /** The running task, or one that it interrupted. */
  readonly busy: boolean;
  readonly is32: boolean;
}

/** A local descriptor table. */
export interface LdtSegment extends SegmentBase {
  readonly kind: 'ldt';
}

/** An interrupt or trap gate of the IDT. They differ in that an interrupt gate clears EFLAGS.IF on entry. */
export interface InterruptGate extends DescriptorBase {
  readonly kind: 'interrupt-gate' | 'trap-gate';
  readonly selector: number;
  /** Entry point in that segment: 32 bits unsigned, or 16 for a 16-bit gate. */
  readonly offset: number;
  readonly is32: boolean;
}

/** A call gate of the GDT or LDT. */
export interface CallGate extends DescriptorBase {
  readonly kind: 'call-gate';
  readonly selector: number;
  readonly offset: number;
  readonly is32: boolean;
  /** Parameters copied to the new stack, 0 to 31: doublewords, or words for a 16-bit gate. */
  readonly parameters: number;
}

/** A task gate, of any table: names a TSS. */
export interface TaskGate extends DescriptorBase {
  readonly kind: 'task-gate';
  readonly selector: number;
}

/** A descriptor of a type the architecture reserves (0, 8, 10, 13); an empty table entry is one too, and not present. */
export interface ReservedDescriptor extends DescriptorBase {
  readonly kind: 'reserved';
  readonly type: number;
}

export type SegmentDescriptor = CodeSegment | DataSegment | TssSegment | LdtSegment;

export type GateDescriptor = InterruptGate | CallGate | TaskGate;

export type Descriptor = SegmentDescriptor | GateDescriptor | ReservedDescriptor;

/** Fields of the high word, as masks and shifts. */
const DPL_SHIFT = 13;
const NOT_SYSTEM = 1 << 12;
const PRESENT = 1 << 15;
const AVAILABLE = 1 << 20;
const LONG = 1 << 21;
const DEFAULT_32 = 1 << 22;
const GRANULAR = 1 << 23;

/** Types of system descriptors, less bit 3, which chooses 32 bits over 16 where both exist. */
const SYSTEM = { TSS: 1, LDT: 2, TSS_BUSY: 3, CALL_GATE: 4, TASK_GATE: 5, INTERRUPT_GATE: 6, TRAP_GATE: 7 } as const;
const SYSTEM_32 = 8;

/**
 * Decodes a descriptor of the GDT, an LDT or the IDT. Every pair of words decodes to something: what the architecture
 * reserves to `kind: 'reserved'`. Bits that it says are ignored are dropped.
 *
 * @param low word at the lower address, signed or unsigned
 * @param high word 4 bytes further
 */
export function decodeDescriptor(low: number, high: number): Descriptor {
  const type = (high >>> 8) & 0xf;
  if ((high & NOT_SYSTEM) !== 0) return (type & 8) !== 0 ? codeSegment(low, high) : dataSegment(low, high);

  const is32 = (type & SYSTEM_32) !== 0;
  const common = privilege(high);
  switch (type & ~SYSTEM_32) {
    case SYSTEM.TSS:
    case SYSTEM.TSS_BUSY:
      return { kind: 'tss', ...segment(low, high), busy: (type & 2) !== 0, is32 };
    case SYSTEM.CALL_GATE:
      return { kind: 'call-gate', ...common, ...gateTarget(low, high, is32), is32, parameters: high & 0x1f };
    case SYSTEM.INTERRUPT_GATE:
      return { kind: 'interrupt-gate', ...common, ...gateTarget(low, high, is32), is32 };
    case SYSTEM.TRAP_GATE:
      return { kind: 'trap-gate', ...common, ...gateTarget(low, high, is32), is32 };
  }
  if (type === SYSTEM.LDT) return { kind: 'ldt', ...segment(low, high) };
  if (type === SYSTEM.TASK_GATE) return { kind: 'task-gate', ...common, selector: low >>> 16 };
  return { kind: 'reserved', ...common, type };
}

/**
 * Encodes a descriptor; `decodeDescriptor` of the result yields it again.
 *
 * @throws RangeError when a limit cannot be expressed: above 1 MiB without `granular`, or not ending in 0xfff with it
 */
export function encodeDescriptor(descriptor: Descriptor): RawDescriptor {
  switch (descriptor.kind) {
    case 'code':
      return encodeSegment(
        descriptor,
        NOT_SYSTEM |
          typeBits(8 | flag(descriptor.conforming, 4) | flag(descriptor.readable, 2) | flag(descriptor.accessed, 1)),
        flag(descriptor.is32, DEFAULT_32) | flag(descriptor.is64, LONG),
      );
    case 'data':
      return encodeSegment(
        descriptor,
        NOT_SYSTEM |
          typeBits(flag(descriptor.expandDown, 4) | flag(descriptor.writable, 2) | flag(descriptor.accessed, 1)),
        flag(descriptor.is32, DEFAULT_32),
      );
    case 'tss':
      return encodeSegment(descriptor, systemType(descriptor.busy ? SYSTEM.TSS_BUSY : SYSTEM.TSS, descriptor.is32), 0);
    case 'ldt':
      return encodeSegment(descriptor, typeBits(SYSTEM.LDT), 0);
    case 'interrupt-gate':
      return encodeGate(descriptor, systemType(SYSTEM.INTERRUPT_GATE, descriptor.is32), descriptor.offset);
    case 'trap-gate':
      return encodeGate(descriptor, systemType(SYSTEM.TRAP_GATE, descriptor.is32), descriptor.offset);
    case 'call-gate':
      return encodeGate(
        descriptor,
        systemType(SYSTEM.CALL_GATE, descriptor.is32) | (descriptor.parameters & 0x1f),
        descriptor.offset,
      );
    case 'task-gate':
      return encodeGate(descriptor, typeBits(SYSTEM.TASK_GATE), 0);
    case 'reserved':
      return { low: 0, high: (encodePrivilege(descriptor) | typeBits(descriptor.type)) >>> 0 };
  }
}

const flag = (set: boolean, bits: number): number => (set ? bits : 0);
const typeBits = (type: number): number => type << 8;
const systemType = (type: number, is32: boolean): number => typeBits(type | flag(is32, SYSTEM_32));

const privilege = (high: number): DescriptorBase => ({
  dpl: ((high >>> DPL_SHIFT) & 3) as PrivilegeLevel,
  present: (high & PRESENT) !== 0,
});

const encodePrivilege = ({ dpl, present }: DescriptorBase): number => (dpl << DPL_SHIFT) | flag(present, PRESENT);

function segment(low: number, high: number): SegmentBase {
  const limit = (low & 0xffff) | (high & 0xf_0000);
  const granular = (high & GRANULAR) !== 0;
  return {
    ...privilege(high),
    base: ((low >>> 16) | ((high & 0xff) << 16) | (high & 0xff00_0000)) >>> 0,
    limit: granular ? ((limit << 12) | 0xfff) >>> 0 : limit,
    granular,
    available: (high & AVAILABLE) !== 0,
  };
}

const codeSegment = (low: number, high: number): CodeSegment => ({
  kind: 'code',
  ...segment(low, high),
  accessed: (high & typeBits(1)) !== 0,
  readable: (high & typeBits(2)) !== 0,
  conforming: (high & typeBits(4)) !== 0,
  is32: (high & DEFAULT_32) !== 0,
  is64: (high & LONG) !== 0,
});

const dataSegment = (low: number, high: number): DataSegment => ({
  kind: 'data',
  ...segment(low, high),
  accessed: (high & typeBits(1)) !== 0,
  writable: (high & typeBits(2)) !== 0,
  expandDown: (high & typeBits(4)) !== 0,
  is32: (high & DEFAULT_32) !== 0,
});

const gateTarget = (low: number, high: number, is32: boolean): { selector: number; offset: number } => ({
  selector: low >>> 16,
  offset: ((low & 0xffff) | (is32 ? high & 0xffff_0000 : 0)) >>> 0,
});

function encodeSegment(descriptor: SegmentBase, type: number, size: number): RawDescriptor {
  const { base, limit, granular, available } = descriptor;
  const expressible = granular ? (limit & 0xfff) === 0xfff : limit >>> 20 === 0;
  if (!expressible) {
    const rule = granular ? 'a granular limit ends in 0xfff' : 'a limit in bytes is below 0x100000';
    throw new RangeError(`segment limit 0x${(limit >>> 0).toString(16)} cannot be encoded: ${rule}`);
  }
  const units = granular ? limit >>> 12 : limit;
  const high =
    ((base >>> 16) & 0xff) |
    (base & 0xff00_0000) |
    (units & 0xf_0000) |
    type |
    encodePrivilege(descriptor) |
    flag(available, AVAILABLE) |
    flag(granular, GRANULAR) |
    size;
  return { low: ((base << 16) | (units & 0xffff)) >>> 0, high: high >>> 0 };
}

const encodeGate = (gate: GateDescriptor, type: number, offset: number): RawDescriptor => ({
  low: ((gate.selector << 16) | (offset & 0xffff)) >>> 0,
  high: (encodePrivilege(gate) | type | (offset & 0xffff_0000)) >>> 0,
});
