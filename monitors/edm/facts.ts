// What rewriter and verifier both go by: the gate, and where VMM code may store without asking. Facts only; they share no code.
import { VMM_OURS, VMM_STATE, VMM_STATICS } from '../../emulator/index.ts';

/** Slots of the gate, a table that VMM code cannot name. Each function takes four i32 and returns one. */
export const GATE_SLOT = {
  /** (address, width, site, 0) -> whether the store may happen. */
  check: 0,
  /** (address, value, width, site): EDM stores a piece of architectural state. */
  state: 1,
  /** (address, value, site, 0): EDM stores a word of the soft TLB. */
  tlb: 2,
  /** (pages, site, 0, 0) -> what memory.grow would leave. */
  grow: 3,
  /** (address, length, site, 0) -> whether the bulk operation may happen. */
  bulk: 4,
  /** (opcode, site, 0, 0): something that VMM code has no business doing. */
  refused: 5,
} as const;

/** The imports that a restricted module has beside its own. */
export const EDM_IMPORT = { module: 'edm', gate: 'gate', ledger: 'ledger' } as const;

/** Bits of two neighbouring ledger bytes that send a store to the gate. */
export const ASK_BITS = 0x8080;

/** The general registers: v86 stores to them by computed addresses all the time, so that a guard lets them pass before it asks. */
export const REGISTERS = { from: VMM_STATE.generalRegisters, to: VMM_STATE.generalRegisters + 28 } as const;

/** A range of linear memory, `to` exclusive. */
export interface LinearRange {
  readonly from: number;
  readonly to: number;
}

const words = (from: number, count: number): LinearRange => ({ from, to: from + 4 * count });

/** The soft TLB: one word for each virtual page. */
export const TLB_RANGE: LinearRange = words(VMM_STATICS.tlbData, 1 << 20);

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

/** Where constant addresses may be stored to unasked: v86's statics, but for what is protected among them. */
export const SAFE_END: number = VMM_STATICS.initialEnd;
