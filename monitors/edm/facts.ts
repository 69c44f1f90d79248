// What rewriter and verifier both go by: the gate, and where VMM code may store without asking. Facts only; they share no code.
import { VMM_OURS, VMM_STATE, VMM_STATICS, VMM_TLB } from '../../emulator/index.ts';

/** Slots of the gate, a table that VMM code cannot name. Each function takes four i32, of which the last is the site, and returns one. */
export const GATE_SLOT = {
  /** (address, length, 0, site) -> whether the bytes may be written. */
  check: 0,
  /** (address, value, width, site): EDM stores a piece of architectural state. */
  state: 1,
  /** (address, value, 0, site): EDM stores a word of the soft TLB. */
  tlb: 2,
  /** (pages, 0, 0, site) -> what memory.grow would leave. */
  grow: 3,
  /** (opcode, 0, 0, site): something that VMM code has no business doing. */
  refused: 4,
} as const;

/** The imports that a restricted module has beside its own. */
export const EDM_IMPORT = { module: 'edm', gate: 'gate', ledger: 'ledger' } as const;

/** Bits of two neighbouring ledger bytes that send a store to the gate. */
export const ASK_BITS = 0x8080;

/** A range of linear memory, `to` exclusive. */
export interface LinearRange {
  readonly from: number;
  readonly to: number;
}

const words = (from: number, count: number): LinearRange => ({ from, to: from + 4 * count });

/** The soft TLB: one word for each virtual page. */
export const TLB_RANGE: LinearRange = words(VMM_STATICS.tlbData, 1 << 20);

/**
 * Entries of the soft TLB that compiled code may write through without asking: what is left of the flags by one of these masks, at CPL 3 and below, is this
 * value. v86 goes by the same. Read-only, a device's, and with code are then ruled out; EDM marks the entries of frames that it wants to be asked about as
 * if they had code.
 */
export const FAST_ENTRY = {
  masks: [0xfff & ~VMM_TLB.global, 0xfff & ~VMM_TLB.global & ~VMM_TLB.noUser],
  value: VMM_TLB.valid,
} as const;

/** What compiled code calls where an entry does not allow a write: by name, the bytes that it writes, or that will be written where it says. EDM stands in for them. */
export const SLOW_WAYS = {
  write: {
    safe_write8_slow_jit: 1,
    safe_write16_slow_jit: 2,
    safe_write32_slow_jit: 4,
    safe_write64_slow_jit: 8,
    safe_write128_slow_jit: 16,
  },
  readWrite: {
    safe_read_write8_slow_jit: 1,
    safe_read_write16_slow_jit: 2,
    safe_read_write32s_slow_jit: 4,
    safe_read_write64_slow_jit: 8,
  },
} as { readonly [way in 'write' | 'readWrite']: Readonly<Record<string, number>> };

/** Set in the site of a write by the slow way; its low twelve bits are then where the guest's instruction is in its page. */
export const SLOW_SITE = 0x80000;

/** Where the slow way leads writes that are refused: two pages that nobody reads. Linear address. */
export const SINK = { from: VMM_STATICS.initialEnd, pages: 2 } as const;

/** State that only EDM stores: in ascending order, without overlap. CR1, between CR0 and CR2, does not exist but is no place for secrets either. */
export const PROTECTED_STATE: readonly LinearRange[] = [
  words(VMM_STATE.idtrLimit, 4),
  words(VMM_STATE.cr0, 1),
  words(VMM_STATE.cr2, 3),
  { from: VMM_STATE.cpl, to: VMM_STATE.cpl + 1 },
  words(VMM_STATE.sysenterCs, 3),
  { from: VMM_STATE.selectors + 12, to: VMM_STATE.selectors + 14 },
  words(VMM_STATE.segmentBases + 24, 1),
  { from: VMM_OURS.rightsTable, to: VMM_OURS.smep + 4 },
  TLB_RANGE,
  words(VMM_STATICS.memoryBase, 1),
];

/** Where v86's statics end, and the arena begins. Linear address. */
export const SAFE_END: number = VMM_STATICS.initialEnd;

/** Where may be stored to unasked: v86's statics, but for what is protected among them. In ascending order. */
export const SAFE: readonly LinearRange[] = [0, ...PROTECTED_STATE.map(({ to }) => to)]
  .map((from, i) => ({ from, to: PROTECTED_STATE[i]?.from ?? SAFE_END }))
  .filter(({ from, to }) => from < to);
