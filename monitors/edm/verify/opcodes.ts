// What follows each opcode, and what it does to the operand stack: this verifier's own table (WebAssembly core specification 2.0, section 5.4, and relaxed
// vectors). What is not in it is refused: exceptions above all, whose handlers would be places to land at that the arguments of `forms.ts` don't count with;
// atomics, for which there is no use in a memory that is not shared.
import { endOf, unsignedAt } from './numbers.ts';
import type { Rule } from './rules.ts';

/** Opcodes that rules name: but for `localGet` and `i32Const`, the sweep has more to do with them than to go past them. */
export const OP = {
  ...{ block: 0x02, loop: 0x03, if: 0x04, else: 0x05, end: 0x0b, callIndirect: 0x11, localGet: 0x20 },
  ...{ localSet: 0x21, localTee: 0x22, globalGet: 0x23, globalSet: 0x24, i32Const: 0x41 },
} as const;

const SWEPT = new Set<number>(Object.values(OP).filter((opcode) => opcode !== OP.localGet && opcode !== OP.i32Const));

/** Value types that this verifier knows, all of one byte: i32, i64, f32, f64, v128, funcref, externref. */
export const isValueType = (byte: number): boolean => (byte >= 0x7b && byte <= 0x7f) || byte === 0x70 || byte === 0x6f;

/** Type of a block without parameters and results. */
export const EMPTY = 0x40;
const isSimple = (type: number): boolean => type === EMPTY || isValueType(type);

type End = (bytes: Uint8Array, at: number) => number;

/** What stands behind an opcode, and where that ends: 0 when it is not known here. */
const BEHIND = {
  unknown: () => 0,
  none: (_bytes, at) => at,
  number: endOf,
  numbers: (bytes, at) => endOf(bytes, endOf(bytes, at)),
  // An alignment from 64 on says that another memory is named.
  access: (bytes, at) => (bytes[at]! < 0x40 ? endOf(bytes, at + 1) : 0),
  lane: (bytes, at) => (bytes[at]! < 0x40 ? endOf(bytes, at + 1) + 1 : 0),
  byte: (_bytes, at) => at + 1,
  bytes4: (_bytes, at) => at + 4,
  bytes8: (_bytes, at) => at + 8,
  bytes16: (_bytes, at) => at + 16,
  // Types by index are not negative. Of other types of one value, engine and verifier might not agree where they end.
  block: (bytes, at) => (isSimple(bytes[at]!) || (bytes[endOf(bytes, at) - 1]! & 0x40) === 0 ? endOf(bytes, at) : 0),
  type: (bytes, at) => (bytes[at] === 1 && isValueType(bytes[at + 1]!) ? at + 2 : 0),
  labels: (bytes, at) => {
    let p = endOf(bytes, at);
    for (let left = unsignedAt(bytes, at); left >= 0 && p < bytes.length; left--) p = endOf(bytes, p);
    return p;
  },
} satisfies Record<string, End>;
type Behind = keyof typeof BEHIND;
const ENDS: readonly End[] = Object.values(BEHIND);
const [NONE, NUMBER] = [1, 2] as const;

/** What is not known of an instruction's operands: it may take and leave any of its own block's. */
export const ANY = 7;
/** Among the facts of an opcode: that it leaves an operand, and that it is one of `OP`, a store or forbidden. */
export const LEAVES = 1 << 8;
export const SPECIAL = 1 << 9;

/** Opcodes with a prefix are numbered from here on: those behind 0xFC, then those behind 0xFD. */
const PREFIXED = 0xfc;
export const opcodeOf = (prefix: number, second: number): number =>
  ((prefix - PREFIXED + 1) << 9) | Math.min(second, 0x1ff);

/** By what stands behind them, operands taken, results left and the rule that forbids them outside the accepted forms: opcodes, and ranges of them with both ends. */
const SHAPES: readonly (readonly [behind: Behind, takes: number, leaves: number, opcodes: string, rule?: Rule])[] = [
  ['none', 0, 0, '00-01 05 0b 0f'], // unreachable, nop, else, end, return
  ['none', 1, 0, '1a'],
  ['none', 3, 1, '1b'],
  ['type', 3, 1, '1c'],
  ['none', 1, 1, '45 50 67-69 79-7b 8b-91 99-9f a7-c4 d1'],
  ['none', 2, 1, '46-4f 51-66 6a-78 7c-8a 92-98 a0-a6'],
  ['number', 0, 0, '0c'], // br
  ['number', 1, 0, '0d 21 24'], // br_if, local.set, global.set
  ['number', 1, 1, '22'], // local.tee
  ['number', 1, 1, '40', 'grow'],
  ['number', 0, 1, '20 23 3f 41-42 d0 d2'], // gets of locals and globals, memory.size, constants, ref.null, ref.func
  ['bytes4', 0, 1, '43'],
  ['bytes8', 0, 1, '44'],
  ['block', 0, 0, '02-03'],
  ['block', 1, 0, '04'],
  ['labels', 1, 0, '0e'],
  ['number', ANY, 0, '10 fc:10'], // call, table.size
  ['numbers', ANY, 0, '11'], // call_indirect
  ['number', ANY, 0, '25', 'tables'],
  ['number', ANY, 0, '26 fc:0d fc:0f fc:11', 'table-writes'],
  ['numbers', ANY, 0, 'fc:0c fc:0e', 'table-writes'],
  ['number', ANY, 0, 'fc:09'], // data.drop
  ['number', ANY, 0, 'fc:0b', 'bulk'],
  ['numbers', ANY, 0, 'fc:08 fc:0a', 'bulk'],
  ['access', 1, 1, '28-35'],
  ['access', 2, 0, '36-3e'],
  ['none', ANY, 0, 'fc:00-07 fd:0e fd:0f-14 fd:23-53 fd:5e-113'],
  ['access', ANY, 0, 'fd:00-0b fd:5c-5d'],
  ['lane', ANY, 0, 'fd:54-5b'],
  ['byte', ANY, 0, 'fd:15-22'],
  ['bytes16', ANY, 0, 'fd:0c-0d'],
];

function* each(text: string): Generator<number> {
  for (const [, prefix, first, last] of text.matchAll(/(?:(f[cd]):)?(\w+)-?(\w*)/g))
    for (let second = Number.parseInt(first!, 16); second <= Number.parseInt(last || first!, 16); second++)
      yield prefix ? opcodeOf(Number.parseInt(prefix, 16), second) : second;
}

/** By opcode: what is behind it in the lowest five bits, then operands taken in three, and flags; bytes that it writes to memory; the rule that forbids it. */
const FACTS = new Uint16Array(opcodeOf(0xff, 0x1ff) + 1);
const WIDTHS = new Uint8Array(FACTS.length);
export const FORBIDDEN = new Map<number, Rule>();
WIDTHS.set([4, 8, 4, 8, 1, 2, 1, 2, 4], 0x36);
WIDTHS.set([16], opcodeOf(0xfd, 0x0b));
WIDTHS.set([1, 2, 4, 8], opcodeOf(0xfd, 0x58));
for (const [behind, takes, leaves, opcodes, rule] of SHAPES)
  for (const opcode of each(opcodes)) {
    const isSpecial = rule !== undefined || WIDTHS[opcode]! > 0 || SWEPT.has(opcode);
    FACTS[opcode] = Object.keys(BEHIND).indexOf(behind) | (takes << 5) | (leaves * LEAVES) | (isSpecial ? SPECIAL : 0);
    if (rule) FORBIDDEN.set(opcode, rule);
  }

/** Reads one instruction at a time. */
export class Instructions {
  readonly bytes: Uint8Array;
  /** The instruction that was read last, offsets of what is behind its opcode, and of the next: 0 when it is not known here. */
  opcode = 0;
  behind = 0;
  end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Reads an instruction. @returns its facts */
  read(at: number): number {
    const { bytes } = this;
    let opcode = bytes[at]!;
    let behind = at + 1;
    if (opcode >= PREFIXED) {
      opcode = opcodeOf(opcode, unsignedAt(bytes, behind));
      behind = endOf(bytes, behind);
    }
    const facts = FACTS[opcode]!;
    const kind = facts & 31;
    this.opcode = opcode;
    this.behind = behind;
    // The ends of most, without a call.
    this.end = kind === NONE ? behind : kind === NUMBER ? endOf(bytes, behind) : ENDS[kind]!(bytes, behind);
    return facts;
  }

  /** The first number behind the opcode. */
  get index(): number {
    return unsignedAt(this.bytes, this.behind);
  }

  /** Of a store: bytes that it writes. 0 of what is none. */
  get width(): number {
    return WIDTHS[this.opcode]!;
  }

  /** Of an access to memory: its static offset. */
  get offset(): number {
    return unsignedAt(this.bytes, this.behind + 1);
  }
}
