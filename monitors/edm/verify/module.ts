// The module being verified: its bytes, where reading stands, and the indices under which it knows EDM, the tables of v86 and the one global that it may set.
import type { ModuleKind, Refusal } from '../ipr.ts';
import { endOf, signedAt, unsignedAt } from './numbers.ts';
import type { Rule } from './rules.ts';

/** An index that the module does not have. */
export const ABSENT = -1;

/** Ends a verification. Caught in `verifier.ts`. */
export class Refused {
  readonly refusal: Refusal;

  constructor(refusal: Refusal) {
    this.refusal = refusal;
  }
}

const utf8 = new TextDecoder();

export class Module {
  readonly bytes: Uint8Array;
  readonly kind: ModuleKind;
  /** Offset of what is read next, outside code. */
  at = 0;
  /** The function being looked at; -1 outside code. */
  functionIndex = -1;
  /** How many functions, tables, memories and globals are imported, by the number of their kind. */
  readonly imported = [0, 0, 0, 0];
  memories = 0;
  /** Types of the functions defined. */
  readonly functions: number[] = [];
  types = 0;
  /** The first type (i32, i32, i32, i32) -> i32, of the gate, and the first (i32, i32, i32) -> i32, of the check. */
  gateType = ABSENT;
  checkType = ABSENT;
  /** Table of the gate, and of the emulator's hooks. */
  gate = ABSENT;
  hooks = ABSENT;
  /** Global with the address of the ledger, and the shadow stack pointer. */
  ledger = ABSENT;
  stackPointer = ABSENT;
  /** By imported function: the bytes that it writes as the slow way, or that may be written where it says. EDM stands in for both. */
  readonly writes = new Map<number, number>();
  readonly readWrites = new Map<number, number>();
  /** Globals that hold slots of hooks. */
  readonly slots = new Set<number>();
  readonly #siteBase: number;
  #sites = 0;
  readonly #without: Rule | undefined;

  constructor(bytes: Uint8Array, kind: ModuleKind, number: number, without: Rule | undefined) {
    this.bytes = bytes;
    this.kind = kind;
    this.#siteBase = number << 20;
    this.#without = without;
  }

  /** Function index of the check that guards call: the last. */
  get check(): number {
    return this.knowsEdm ? this.imported[0]! + this.functions.length - 1 : ABSENT;
  }

  /** Whether it imports anything of EDM's. Compiled code need not: as v86 emits it, it writes in ways that need no guard. */
  get knowsEdm(): boolean {
    return this.kind !== 'jit' || this.gate !== ABSENT || this.ledger !== ABSENT;
  }

  /** Refuses the module, unless the rule is left out. */
  refuse(rule: Rule, offset: number, reason: string): void {
    if (rule === this.#without) return;
    throw new Refused({ rule, functionIndex: this.functionIndex, offset, reason });
  }

  /** Refuses what cannot be read further. */
  malformed(reason: string): never {
    throw new Refused({ rule: 'format', functionIndex: this.functionIndex, offset: this.at, reason });
  }

  /** Counts an operation that leads to the gate. @param at where its number is */
  count(at: number): void {
    const site = signedAt(this.bytes, at);
    const expected = this.#siteBase | this.#sites++;
    if (site !== expected || this.#sites > 1 << 20) this.refuse('sites', at, `expected ${expected}, found ${site}`);
  }

  byte(): number {
    if (this.at >= this.bytes.length) this.malformed('the module ends in the middle');
    return this.bytes[this.at++]!;
  }

  u32(): number {
    const value = unsignedAt(this.bytes, this.at);
    this.skipTo(endOf(this.bytes, this.at));
    return value;
  }

  skipTo(offset: number): void {
    if (offset > this.bytes.length) this.malformed('the module ends in the middle');
    this.at = offset;
  }

  name(): string {
    const length = this.u32();
    const start = this.at;
    this.skipTo(start + length);
    return utf8.decode(this.bytes.subarray(start, this.at));
  }

  /** An expression of one constant: a number, or no reference. @returns its value when it is an `i32.const`, otherwise undefined */
  constant(): number | undefined {
    const start = this.at;
    const opcode = this.byte();
    const size = { 67: 4, 68: 8, 253: 17 }[opcode]; // f32.const, f64.const, v128.const
    if (size !== undefined) this.skipTo(this.at + size);
    else {
      if (opcode !== 0x41 && opcode !== 0x42 && opcode !== 0xd0)
        this.refuse('initialisers', start, 'an expression that is no constant');
      this.skipTo(endOf(this.bytes, this.at));
    }
    if (this.byte() !== 0x0b) this.malformed('an expression of more than one constant');
    return opcode === 0x41 ? signedAt(this.bytes, start + 1) : undefined;
  }
}
