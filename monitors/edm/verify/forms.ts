// Matches code with the accepted forms.
//
// Why each is sound, given that the engine validates the module too. From `block` to the last `end` the instructions follow each other without a gap.
// Code is entered from a branch behind an `end`, at a `loop` or behind an `else` only. The one `end` inside is that of the guard's own `if`, whose label
// nobody can name but code inside that `if`, and there none does (`br_if 1` leaves the block, past the store). So whoever executes the store has executed
// all before it, with the same locals: nothing between sets any. What the locals held before, and how it came there, does not matter.
//
// Writes through the soft TLB are as v86 emits them. Address and entry are two locals, and the entry comes from one of two places. One is the soft TLB, when
// the entry has the flags of FAST_ENTRY and all bytes lie in its page: EDM alone writes the soft TLB, and gives those flags to no entry that leads
// elsewhere than to guest RAM, or to a frame that EDM wants to be asked about. The other is the slow way, for which EDM stands in: it asks as a guard does. The
// second form leaves the place in a local, to be written later (`code.ts`); what may be written can't become EDM's in between.
import { FAST_ENTRY } from '../facts.ts';
import { CALLS, CHECK_BODY, type Form, GUARDS, LOOK_UP, PART, READ_WRITE, SOFT_TLB } from './form-text.ts';
import { ABSENT, type Module } from './module.ts';
import { endOf, signedAt, unsignedAt } from './numbers.ts';
import { Instruction } from './opcodes.ts';
import type { Operands } from './operands.ts';
import { isSafe } from './safe.ts';

export class Forms {
  /** The local in which the last write through the soft TLB left a place that may be written, ABSENT if it left none or that is gone; how many bytes. */
  place = ABSENT;
  placeWidth = 0;
  /** As told when it was matched, and where that form ends. */
  placeDepth = 0;
  placeFrom = 0;
  readonly #module: Module;
  readonly #instruction: Instruction;
  /** The numbers of the form at hand, NaN where none was read; what they are before: EDM's own, which are known. */
  readonly #numbers = new Float64Array(1 + PART.place);
  readonly #known = new Float64Array(1 + PART.place).fill(Number.NaN);

  constructor(module: Module) {
    this.#module = module;
    this.#instruction = new Instruction(module.bytes);
    this.#known.set([module.ledger, module.check, module.gateType, module.gate], PART.ledger);
  }

  /** Whether the last function is the check of guards. */
  isCheck(start: number, end: number): boolean {
    const { functions, checkType } = this.#module;
    const isExact = functions.at(-1) === checkType && this.#match(CHECK_BODY, start) === end;
    if (!isExact) this.#module.refuse('check', 'another', start);
    return isExact;
  }

  /**
   * Matches a form at its `block`.
   * @param depth stands for the block around it
   * @returns offset behind it; 0 when there is none
   */
  match(at: number, depth: number): number {
    const { kind, knowsEdm, writes, readWrites } = this.#module;
    const numbers = this.#numbers;
    const entry = kind === 'jit' ? this.#match(LOOK_UP, at) : 0;
    if (entry === 0 && !knowsEdm) return 0;
    // What a form has read that then did not match can only make the next one stricter.
    for (const form of entry !== 0 ? SOFT_TLB : []) {
      const end = this.#parts(form, entry);
      const slow = form === READ_WRITE ? readWrites : writes;
      if (end === 0 || slow.get(numbers[PART.slow]!) !== this.#entryWidth || !this.#isEntry()) continue;
      // Either form may have set the local in which an earlier one left its place.
      this.place = form === READ_WRITE ? numbers[PART.place]! : ABSENT;
      this.placeWidth = this.#entryWidth;
      this.placeDepth = depth;
      this.placeFrom = end;
      return end;
    }
    for (const form of knowsEdm ? GUARDS : []) {
      const end = this.#match(form, at);
      if (end !== 0 && this.#isSafe()) return this.#counted(at, end);
    }
    return 0;
  }

  /**
   * Matches a call of the gate. Nothing can come between the constants and the call: code is entered at neither. What else it is called with is EDM's to check.
   * @param behind where the call ends
   */
  isGateCall(behind: number, operands: Operands): boolean {
    for (const [constants, coreOnly, more, form] of CALLS) {
      const start = operands.pushedBy(constants);
      const isAllowed = !coreOnly || this.#module.kind === 'core';
      if (isAllowed && this.#match(form, start) === behind + more) return this.#counted(start, behind) > 0;
    }
    return false;
  }

  #counted(at: number, end: number): number {
    this.#module.count(this.#numbers[PART.site]!, at);
    return end;
  }

  /** Whether the range of a guard is, if it has one. */
  #isSafe(): boolean {
    const first = this.#numbers[PART.first]! >>> 0;
    const range = (this.#numbers[PART.range]! >>> 0) + this.#numbers[PART.width]!;
    return this.#isMissing(PART.first) || isSafe(first, first + range);
  }

  /** Bytes that may be written by an entry: one, when nothing is checked. */
  get #entryWidth(): number {
    return this.#isMissing(PART.last) ? 1 : 0x1000 - this.#numbers[PART.last]!;
  }

  /** Whether entry, address and a third local are different ones; the mask leaves what counts; and a page fault leaves the form. */
  #isEntry(): boolean {
    const numbers = this.#numbers;
    const [entry, address, other] = [numbers[PART.entry], numbers[PART.address], numbers[PART.other]];
    const areDifferent = entry !== address && other !== entry && other !== address;
    return areDifferent && FAST_ENTRY.masks.includes(numbers[PART.mask]!) && numbers[PART.leave] !== 0;
  }

  #isMissing(number: number): boolean {
    return Number.isNaN(this.#numbers[number]);
  }

  #match(form: Form, at: number): number {
    this.#numbers.set(this.#known);
    return this.#parts(form, at);
  }

  /** @returns offset behind the form; 0 when something else is there */
  #parts(form: Form, at: number): number {
    const { bytes } = this.#module;
    let p = at;
    for (let i = 0; i < form.length && p > 0; i++) {
      const part = form[i]!;
      if (part >= 0) p = bytes[p] === part ? p + 1 : 0;
      else if (part > -PART.guarded) p = this.#number(-part, p);
      else if (part > -PART.optional) p = this.#store(-part, p);
      // What may be missing is told from what else may stand there by its first byte.
      else if (bytes[p] !== form[i + 1]) i -= PART.optional + part;
    }
    return p;
  }

  #number(index: number, at: number): number {
    const { bytes } = this.#module;
    const value = index < PART.address ? signedAt(bytes, at) : unsignedAt(bytes, at);
    if (this.#numbers[index] !== value && !this.#isMissing(index)) return 0;
    this.#numbers[index] = value;
    return endOf(bytes, at);
  }

  #store(kind: number, at: number): number {
    this.#instruction.read(at);
    const { width, offset, end } = this.#instruction;
    return width > 0 && this.#isStore(kind, width, offset) ? end : 0;
  }

  #isStore(kind: number, width: number, offset: number): boolean {
    const numbers = this.#numbers;
    const noted = (numbers[PART.note]! >>> 0) + offset;
    switch (kind) {
      case PART.guarded:
        return width === numbers[PART.width] && offset === numbers[PART.offset]! >>> 0;
      case PART.safe:
        return isSafe(noted, noted + width);
      case PART.written:
        return width === this.#entryWidth && offset === 0;
      default:
        return width === 8 && this.#entryWidth === 16 && offset === (kind === PART.high8 ? 8 : 0);
    }
  }
}
