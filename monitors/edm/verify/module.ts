// The module being verified: its bytes, where reading stands, and the indices under which it knows EDM, the tables of v86 and the one global that it may set.
import type { ModuleKind, Refusal } from '../ipr.ts';
import { endOf, signedAt, unsignedAt } from './numbers.ts';
import { RULES, type Rule } from './rules.ts';

/** An index that the module does not have. */
export const ABSENT = -1;

const utf8 = new TextDecoder();

export class Module {
  readonly bytes: Uint8Array;
  readonly kind: ModuleKind;
  /** What ended the verification. */
  refusal: Refusal | undefined;
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
  readonly writes = new Map<number, number | undefined>();
  readonly readWrites = new Map<number, number | undefined>();
  /** Globals that hold slots of hooks. */
  readonly slots = new Set<number>();
  #nextSite: number;
  readonly #lastSite: number;
  readonly #without: Rule | undefined;

  constructor(bytes: Uint8Array, kind: ModuleKind, number: number, without: Rule | undefined) {
    this.bytes = bytes;
    this.kind = kind;
    this.#nextSite = number << 20;
    this.#lastSite = this.#nextSite | 0xfffff;
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
  refuse(rule: Rule, found: string, offset = this.at): void {
    if (rule !== this.#without) this.#refuse(rule, found, offset);
  }

  /** Refuses what cannot be read further. */
  malformed(found: string, offset = this.at): never {
    return this.#refuse('format', found, offset);
  }

  #refuse(rule: Rule, found: string, offset: number): never {
    const reason = `${RULES[rule]}; found ${found}`;
    this.refusal = { rule, functionIndex: this.functionIndex, offset, reason };
    throw new Error(reason);
  }

  /** Counts an operation that leads to the gate, with its number. */
  count(site: number, offset: number): void {
    if (site !== this.#nextSite || site === this.#lastSite)
      this.refuse('sites', `${site}, not ${this.#nextSite}`, offset);
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
    if (this.at > this.bytes.length) this.malformed('an end in the middle');
  }

  name(): string {
    const length = this.u32();
    this.skip(length);
    return utf8.decode(this.bytes.subarray(this.at - length, this.at));
  }

  /** An expression of one constant: a number, or no reference. @returns its value when it is an `i32.const`, otherwise undefined */
  constant(): number | undefined {
    const start = this.at;
    const opcode = this.byte();
    const isNumber = opcode === 0x41 || opcode === 0x42 || opcode === 0xd0;
    const size = { 67: 4, 68: 8, 253: 17 }[opcode]; // f32.const, f64.const, v128.const
    if (size === undefined && !isNumber) this.refuse('initialisers', `opcode ${opcode}`, start);
    this.skip(size ?? endOf(this.bytes, this.at) - this.at);
    if (this.byte() !== 0x0b) this.malformed('an expression of more than one constant');
    return opcode === 0x41 ? signedAt(this.bytes, start + 1) : undefined;
  }
}
