// What follows each opcode, and what it does to the operand stack: this verifier's own table (WebAssembly core specification 2.0, section 5.4, and relaxed
// vectors). What is not in it is refused: exceptions above all, whose handlers would be places to land at that the arguments of `forms.ts` don't count with;
// atomics, for which there is no use in a memory that is not shared.
import { endOf, unsignedAt } from './numbers.ts';

/** Opcodes that rules name. */
export const OP = {
  ...{
    unreachable: 0x00,
    block: 0x02,
    loop: 0x03,
    else: 0x05,
    localGet: 0x20,
    tableSet: 0x26,
    i32Const: 0x41,
    bulk: 0xfc,
  },
  vector: 0xfd,
  /** Type of a block without parameters and results. */
  empty: 0x40,
} as const;

/** Kinds of instructions, as the sweep tells them apart: `plain` ones have nothing behind the opcode, `number` ones a number of no importance. */
export const KIND = {
  ...{ unknown: 0, plain: 1, number: 2, i32Const: 3, load: 4, store: 5, block: 6, localWrite: 7, else: 8, end: 9 },
  ...{ f32: 10, f64: 11, globalGet: 12, globalSet: 13, function: 14, callIndirect: 15, branchTable: 16 },
  ...{ typedSelect: 17, table: 18, grow: 19, bulk: 20, vector: 21 },
} as const;

/** What is not known of an instruction's operands: it may take and leave any of its own block's. */
export const ANY = 7;

/** Operands taken and results left, of ranges of opcodes of one byte, both ends included. An `i32.const` is pushed by the sweep. */
const SHAPES: readonly (readonly [kind: number, takes: number, leaves: number, ...ranges: number[]])[] = [
  [KIND.plain, 0, 0, 0x00, 0x01, 0x0f, 0x0f], // unreachable, nop, return
  [KIND.plain, 1, 0, 0x1a, 0x1a], // drop
  [KIND.plain, 3, 1, 0x1b, 0x1b], // select
  [KIND.typedSelect, 3, 1, 0x1c, 0x1c],
  [KIND.plain, 1, 1, 0x45, 0x45, 0x50, 0x50, 0x67, 0x69, 0x79, 0x7b, 0x8b, 0x91, 0x99, 0x9f, 0xa7, 0xc4, 0xd1, 0xd1],
  [KIND.plain, 2, 1, 0x46, 0x4f, 0x51, 0x66, 0x6a, 0x78, 0x7c, 0x8a, 0x92, 0x98, 0xa0, 0xa6],
  [KIND.number, 0, 0, 0x0c, 0x0c], // br
  [KIND.number, 1, 0, 0x0d, 0x0d], // br_if
  [KIND.number, 0, 1, 0x20, 0x20, 0x3f, 0x3f, 0x42, 0x42, 0xd0, 0xd0], // local.get, memory.size, i64.const, ref.null
  [KIND.block, 0, 0, 0x02, 0x03], // block, loop
  [KIND.block, 1, 0, 0x04, 0x04], // if
  [KIND.else, 0, 0, 0x05, 0x05],
  [KIND.end, 0, 0, 0x0b, 0x0b],
  [KIND.branchTable, 1, 0, 0x0e, 0x0e],
  [KIND.function, ANY, 0, 0x10, 0x10], // call
  [KIND.function, 0, 1, 0xd2, 0xd2], // ref.func
  [KIND.callIndirect, ANY, 0, 0x11, 0x11],
  [KIND.localWrite, 1, 0, 0x21, 0x21], // local.set
  [KIND.localWrite, 1, 1, 0x22, 0x22], // local.tee
  [KIND.globalGet, 0, 1, 0x23, 0x23],
  [KIND.globalSet, 1, 0, 0x24, 0x24],
  [KIND.table, ANY, 0, 0x25, 0x26], // table.get, table.set
  [KIND.load, 1, 1, 0x28, 0x35],
  [KIND.store, 2, 0, 0x36, 0x3e],
  [KIND.grow, 1, 1, 0x40, 0x40],
  [KIND.i32Const, 0, 0, 0x41, 0x41],
  [KIND.f32, 0, 1, 0x43, 0x43],
  [KIND.f64, 0, 1, 0x44, 0x44],
  [KIND.bulk, ANY, 0, 0xfc, 0xfc],
  [KIND.vector, ANY, 0, 0xfd, 0xfd],
];

/** All of that in one number: kind in the lowest five bits, then operands in three, then results. */
export const FACTS = new Uint16Array(256);
for (const [kind, takes, leaves, ...ends] of SHAPES)
  for (let i = 0; i < ends.length; i += 2) FACTS.fill(kind | (takes << 5) | (leaves << 8), ends[i], ends[i + 1]! + 1);

/** Behind 0xFC: those below `init` are conversions. */
export const BULK = {
  ...{ init: 8, dataDrop: 9, copy: 10, fill: 11, tableInit: 12, tableCopy: 14, tableSize: 16, last: 17 },
} as const;

/** Behind 0xFD, where accesses to memory are: up to `store`, and from `memoryLane` on, with a lane's number at the end up to the last of `laneStore`. */
export const VECTOR = {
  ...{ store: 11, constant: 12, shuffle: 13, lane: 21, lastLane: 34, memoryLane: 84, laneStore: 88 },
  ...{ lastLaneStore: 91, lastLoad: 93, last: 0x113 },
} as const;

/** From 0x36 on: i32, i64, f32, f64, i32 8 and 16, i64 8, 16 and 32. */
const WIDTHS = [4, 8, 4, 8, 1, 2, 1, 2, 4] as const;

/** Value types that this verifier knows, all of one byte: i32, i64, f32, f64, v128, funcref, externref. */
export const isValueType = (byte: number): boolean => (byte >= 0x7b && byte <= 0x7f) || byte === 0x70 || byte === 0x6f;

/** Reads stores. */
export class Store {
  /** Of the last one: bytes that it writes, its static offset, and where it ends. */
  width = 0;
  offset = 0;
  end = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** @returns whether a store begins there, to the first memory */
  read(at: number): boolean {
    const bytes = this.#bytes;
    let argument = at + 1;
    this.width = WIDTHS[bytes[at]! - 0x36] ?? 0;
    let lane = 0;
    if (bytes[at] === OP.vector) {
      const operation = unsignedAt(bytes, argument);
      argument = endOf(bytes, argument);
      if (operation === VECTOR.store) this.width = 16;
      else if (operation >= VECTOR.laneStore && operation <= VECTOR.lastLaneStore) {
        this.width = 1 << (operation - VECTOR.laneStore);
        lane = 1;
      }
    }
    this.offset = unsignedAt(bytes, argument + 1);
    this.end = endOf(bytes, argument + 1) + lane;
    return this.width > 0 && !isOfOtherMemory(bytes[argument]!);
  }
}

/** Whether an access says, by its alignment, that it is of another memory. */
export const isOfOtherMemory = (alignment: number): boolean => alignment >= 0x40;
