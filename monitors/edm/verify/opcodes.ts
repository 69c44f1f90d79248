// What follows each opcode, and what it may do: this verifier's own table (WebAssembly core specification 2.0, section 5.4; threads; tail calls; relaxed
// vectors). What is not in it is refused, exceptions above all: their handlers would be places to land at that the arguments of `forms.ts` don't count with.

/** Opcodes that forms and rules name. */
export const OP = {
  unreachable: 0x00,
  block: 0x02,
  if: 0x04,
  else: 0x05,
  end: 0x0b,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  i32Load: 0x28,
  i32Load16U: 0x2f,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32LeS: 0x4c,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Xor: 0x73,
  i32Shl: 0x74,
  i32ShrU: 0x76,
  bulk: 0xfc,
  vector: 0xfd,
  atomic: 0xfe,
  /** Type of a block without parameters and results. */
  empty: 0x40,
} as const;

/** Kinds of instructions, as the sweep tells them apart: `plain` ones have nothing behind the opcode, `number` ones a number of no importance. */
export const KIND = {
  unknown: 0,
  plain: 1,
  number: 2,
  i32Const: 3,
  load: 4,
  store: 5,
  block: 6,
  globalGet: 7,
  function: 8,
  f32: 9,
  f64: 10,
  branchTable: 11,
  callIndirect: 12,
  typedSelect: 13,
  globalSet: 14,
  tableGet: 15,
  tableSet: 16,
  grow: 17,
  prefix: 18,
  localWrite: 19,
  else: 20,
  end: 21,
} as const;

/** What is not known of an instruction's operands: it may take and leave any of its own block's. */
export const ANY = 7;

/** By opcode of one byte: ranges, both ends included; kind; operands taken and results left. */
const RANGES: readonly (readonly [from: number, to: number, kind: number, takes: number, leaves: number])[] = [
  [0x00, 0x01, KIND.plain, 0, 0], // unreachable, nop
  [0x02, 0x03, KIND.block, 0, 0], // block, loop
  [0x04, 0x04, KIND.block, 1, 0], // if
  [0x05, 0x05, KIND.else, 0, 0],
  [0x0b, 0x0b, KIND.end, 0, 0],
  [0x0c, 0x0c, KIND.number, 0, 0], // br
  [0x0d, 0x0d, KIND.number, 1, 0], // br_if
  [0x0e, 0x0e, KIND.branchTable, 1, 0],
  [0x0f, 0x0f, KIND.plain, 0, 0], // return
  [0x10, 0x10, KIND.function, ANY, 0], // call
  [0x11, 0x11, KIND.callIndirect, ANY, 0],
  [0x12, 0x12, KIND.function, ANY, 0], // return_call
  [0x13, 0x13, KIND.callIndirect, ANY, 0], // return_call_indirect
  [0x1a, 0x1a, KIND.plain, 1, 0], // drop
  [0x1b, 0x1b, KIND.plain, 3, 1], // select
  [0x1c, 0x1c, KIND.typedSelect, 3, 1],
  [0x20, 0x20, KIND.number, 0, 1], // local.get
  [0x21, 0x21, KIND.localWrite, 1, 0], // local.set
  [0x22, 0x22, KIND.localWrite, 1, 1], // local.tee
  [0x23, 0x23, KIND.globalGet, 0, 1],
  [0x24, 0x24, KIND.globalSet, 1, 0],
  [0x25, 0x25, KIND.tableGet, 1, 1],
  [0x26, 0x26, KIND.tableSet, 2, 0],
  [0x28, 0x35, KIND.load, 1, 1],
  [0x36, 0x3e, KIND.store, 2, 0],
  [0x3f, 0x3f, KIND.number, 0, 1], // memory.size
  [0x40, 0x40, KIND.grow, 1, 1],
  [0x41, 0x41, KIND.i32Const, 0, 0], // its result is pushed by the sweep
  [0x42, 0x42, KIND.number, 0, 1], // i64.const
  [0x43, 0x43, KIND.f32, 0, 1],
  [0x44, 0x44, KIND.f64, 0, 1],
  [0x45, 0x45, KIND.plain, 1, 1], // i32.eqz
  [0x46, 0x4f, KIND.plain, 2, 1],
  [0x50, 0x50, KIND.plain, 1, 1], // i64.eqz
  [0x51, 0x66, KIND.plain, 2, 1],
  [0x67, 0x69, KIND.plain, 1, 1], // i32.clz, ctz, popcnt
  [0x6a, 0x78, KIND.plain, 2, 1],
  [0x79, 0x7b, KIND.plain, 1, 1], // i64.clz, ctz, popcnt
  [0x7c, 0x8a, KIND.plain, 2, 1],
  [0x8b, 0x91, KIND.plain, 1, 1], // f32.abs to sqrt
  [0x92, 0x98, KIND.plain, 2, 1],
  [0x99, 0x9f, KIND.plain, 1, 1], // f64.abs to sqrt
  [0xa0, 0xa6, KIND.plain, 2, 1],
  [0xa7, 0xc4, KIND.plain, 1, 1], // conversions
  [0xd0, 0xd0, KIND.number, 0, 1], // ref.null
  [0xd1, 0xd1, KIND.plain, 1, 1], // ref.is_null
  [0xd2, 0xd2, KIND.function, 0, 1], // ref.func
  [0xfc, 0xfe, KIND.prefix, ANY, 0],
];

/** All of that in one number: kind in the lowest five bits, then operands in three, then results. */
export const FACTS = new Uint16Array(256);
for (const [from, to, kind, takes, leaves] of RANGES) FACTS.fill(kind | (takes << 5) | (leaves << 8), from, to + 1);

/** Behind 0xFC: those below `init` are conversions. */
export const BULK = {
  init: 8,
  dataDrop: 9,
  copy: 10,
  fill: 11,
  tableInit: 12,
  elemDrop: 13,
  tableCopy: 14,
  tableSize: 16,
  last: 17,
} as const;

/** Behind 0xFD. Loads and stores, with `memoryLane` a lane as well, which `lane` has without memory. */
export const VECTOR = {
  store: 11,
  constant: 12,
  shuffle: 13,
  lane: [21, 34],
  memoryLane: [84, 91],
  laneStore: 88,
  lastZeroLoad: 93,
  last: 0x113,
} as const;

/** Behind 0xFE. Those before the fence wait and notify; those behind `lastStore` read and write at once. */
export const ATOMIC = { fence: 3, firstLoad: 0x10, firstStore: 0x17, lastStore: 0x1d, last: 0x4e } as const;

/** From 0x36 on: i32, i64, f32, f64, i32 8 and 16, i64 8, 16 and 32. Behind 0xFE, from 0x17 on: i32, i64, i32 8 and 16, i64 8, 16 and 32. */
const PLAIN_WIDTHS = [4, 8, 4, 8, 1, 2, 1, 2, 4] as const;
const ATOMIC_WIDTHS = [4, 8, 1, 2, 1, 2, 4] as const;

/** Bytes that a store of one byte of opcode writes; 0 for what is none. */
export const plainWidth = (opcode: number): number => PLAIN_WIDTHS[opcode - 0x36] ?? 0;

/** Bytes that a store behind a prefix writes; 0 for what is none. */
export function prefixedWidth(prefix: number, opcode: number): number {
  if (prefix === OP.atomic) return ATOMIC_WIDTHS[opcode - ATOMIC.firstStore] ?? 0;
  if (prefix !== OP.vector) return 0;
  if (opcode === VECTOR.store) return 16;
  return opcode >= VECTOR.laneStore && opcode <= VECTOR.memoryLane[1] ? 1 << (opcode - VECTOR.laneStore) : 0;
}

/** Whether an access to memory has the number of a lane at its end. */
export const hasLane = (prefix: number, opcode: number): boolean =>
  prefix === OP.vector && opcode >= VECTOR.memoryLane[0] && opcode <= VECTOR.memoryLane[1];

/** Value types that this verifier knows, all of one byte: i32, i64, f32, f64, v128, funcref, externref. */
export const isValueType = (byte: number): boolean => (byte >= 0x7b && byte <= 0x7f) || byte === 0x70 || byte === 0x6f;
