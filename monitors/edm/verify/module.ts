// The module being verified: its bytes, where reading stands, and the indices under which it knows EDM, the tables of v86 and the one global that it may set.
import type { ModuleKind, Refusal } from '../ipr.ts';
import { endOf, signedAt, unsignedAt } from './numbers.ts';
import { Instructions, OP, opcodeOf } from './opcodes.ts';
import { RULES, type Rule } from './rules.ts';

/** An index that the module does not have. */
export const ABSENT = -1;

/** What a global or a segment may start from: constants of i32, i64, f32, f64 and v128, and no reference. */
const CONSTANTS: readonly number[] = [OP.i32Const, 0x42, 0x43, 0x44, opcodeOf(0xfd, 0x0c), 0xd0];

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export class Module extends Instructions {
  readonly kind: ModuleKind;
  /** What ended the verification. */
  refusal: Refusal | undefined;
  /** Offset of what is read next, outside code: first, what is behind the header, which the engine looks at. */
  at = 8;
  /** The function being looked at; -1 outside code. */
  functionIndex = -1;
  /** How many functions, tables, memories and globals there are so far, by the number of their kind: of all but memories, only those imported. */
  readonly counts = [0, 0, 0, 0];
  /** Table of the gate, and of the emulator's hooks. Who does not import the gate has no guards: compiled code needs none as v86 emits it. */
  gate = ABSENT;
  hooks = ABSENT;
  /** Global with the address of the ledger, and the shadow stack pointer. */
  ledger = ABSENT;
  stackPointer = ABSENT;
  /** Names of the functions imported. */
  readonly names: string[] = [];
  /** Globals that hold slots of hooks. */
  readonly hookSlots = new Set<number>();
  #nextSite: number;

  constructor(bytes: Uint8Array, kind: ModuleKind, number: number) {
    super(bytes);
    this.kind = kind;
    this.#nextSite = number << 20;
  }

  /** Refuses the module, in which something was found. */
  refuse(rule: Rule, found: string, offset = this.at): never {
    const reason = `${RULES[rule]}; found ${found}`;
    this.refusal = { rule, functionIndex: this.functionIndex, offset, reason };
    throw new Error(reason);
  }

  /** Counts an operation that leads to the gate, with its number. */
  count(site: number, offset: number): void {
    const isLast = (this.#nextSite & 0xfffff) === 0xfffff;
    if (site !== this.#nextSite || isLast) this.refuse('gate', `site ${site}, not ${this.#nextSite}`, offset);
    this.#nextSite++;
  }

  byte(): number {
    this.skip(1);
    return this.bytes[this.at - 1]!;
  }

  u32(): number {
    const value = unsignedAt(this.bytes, this.at);
    this.skip(endOf(this.bytes, this.at) - this.at);
    return value;
  }

  skip(size: number): void {
    this.at += size;
    if (this.at > this.bytes.length) this.refuse('format', 'an end in the middle');
  }

  name(): string {
    const length = this.u32();
    this.skip(length);
    return utf8.decode(this.bytes.subarray(this.at - length, this.at));
  }

  /** An expression of one constant. @returns its value when it is an `i32.const`, otherwise undefined */
  constant(): number | undefined {
    const start = this.at;
    this.read(start);
    if (!CONSTANTS.includes(this.opcode)) this.refuse('initialisers', `opcode ${this.opcode}`);
    this.skip(this.end - start);
    if (this.byte() !== OP.end) this.refuse('format', 'an expression of more than one constant');
    return this.opcode === OP.i32Const ? signedAt(this.bytes, this.behind) : undefined;
  }
}
