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
import {
  CALLS,
  CHECK_BODY,
  type Form,
  GUARDS,
  INSTRUCTION,
  LOOK_UP,
  NUMBER,
  OPTIONAL,
  READ_WRITE,
  SOFT_TLB,
} from './form-text.ts';
import { ABSENT, type Module } from './module.ts';
import { endOf, signedAt, unsignedAt } from './numbers.ts';
import { BULK, OP, Store } from './opcodes.ts';
import { isSafe } from './safe.ts';

export class Forms {
  /** The local in which the last write through the soft TLB left a place that may be written, ABSENT if it left none or that is gone; how many bytes. */
  place = ABSENT;
  placeWidth = 0;
  /** As told when it was matched, and where that form ends. */
  placeDepth = 0;
  placeFrom = 0;
  readonly #module: Module;
  readonly #bytes: Uint8Array;
  readonly #store: Store;
  /** Where the numbers of the form at hand are; 0 where none was read. */
  readonly #numbers = new Int32Array(1 + NUMBER.place);

  constructor(module: Module) {
    this.#module = module;
    this.#bytes = module.bytes;
    this.#store = new Store(module.bytes);
  }

  /** Whether a body is the check's. */
  isCheck(start: number, end: number): boolean {
    return this.#match(CHECK_BODY, start) === end && this.#isOfEdm();
  }

  /**
   * Matches a form at its `block`.
   * @param depth stands for the block around it
   * @returns offset behind it; 0 when there is none
   */
  match(at: number, depth: number): number {
    const { kind, knowsEdm, writes, readWrites } = this.#module;
    const entry = kind === 'jit' ? this.#match(LOOK_UP, at) : 0;
    // What a form has read that then did not match can only make the next one stricter.
    for (const form of entry !== 0 ? SOFT_TLB : []) {
      const end = this.#parts(form, 0, form.length, entry);
      const slow = form === READ_WRITE ? readWrites : writes;
      if (end === 0 || slow.get(this.#unsigned(NUMBER.slow)) !== this.#entryWidth || !this.#isEntry()) continue;
      // Either form may have set the local in which an earlier one left its place.
      this.place = form === READ_WRITE ? this.#unsigned(NUMBER.place) : ABSENT;
      this.placeWidth = this.#entryWidth;
      this.placeDepth = depth;
      this.placeFrom = end;
      return end;
    }
    for (const form of knowsEdm ? GUARDS : []) {
      const end = this.#match(form, at);
      if (end === 0 || !this.#isOfEdm()) continue;
      this.#module.count(this.#numbers[NUMBER.site]!);
      return end;
    }
    return 0;
  }

  /**
   * Matches a call of the gate. Nothing can come between the constants and the call: code is entered at neither. What else it is called with is EDM's to check.
   * @param behind where the call ends @param constant where the n-th last `i32.const` is
   */
  isGateCall(behind: number, constant: (n: number) => number): boolean {
    for (const [constants, coreOnly, more, form] of CALLS) {
      if (coreOnly && this.#module.kind !== 'core') continue;
      if (this.#match(form, constant(constants)) !== behind + more || !this.#isOfEdm()) continue;
      this.#module.count(this.#numbers[NUMBER.site]!);
      return true;
    }
    return false;
  }

  /** Whether what the form names is EDM's own, and its range safe. */
  #isOfEdm(): boolean {
    const { ledger, check, gateType, gate } = this.#module;
    const isOurs =
      this.#is(NUMBER.ledger, ledger) &&
      this.#is(NUMBER.check, check) &&
      this.#is(NUMBER.type, gateType) &&
      this.#is(NUMBER.gate, gate);
    if (!isOurs || !this.#has(NUMBER.first)) return isOurs;
    const first = this.#signed(NUMBER.first) >>> 0;
    return isSafe(first, first + (this.#signed(NUMBER.range) >>> 0) + this.#signed(NUMBER.width));
  }

  /** Bytes that may be written by an entry: one, when nothing is checked. */
  get #entryWidth(): number {
    return this.#has(NUMBER.last) ? 0x1000 - this.#signed(NUMBER.last) : 1;
  }

  /** Whether entry, address and a third local are different ones; the mask leaves what counts; and a page fault leaves the form. */
  #isEntry(): boolean {
    const [entry, address] = [this.#unsigned(NUMBER.entry), this.#unsigned(NUMBER.address)];
    const other = this.#has(NUMBER.other) ? this.#unsigned(NUMBER.other) : ABSENT;
    const areDifferent = entry !== address && other !== entry && other !== address;
    return areDifferent && FAST_ENTRY.masks.includes(this.#signed(NUMBER.mask)) && this.#unsigned(NUMBER.leave) !== 0;
  }

  #has(number: number): boolean {
    return this.#numbers[number] !== 0;
  }

  /** Whether a number is this index, if the form at hand has it at all. */
  #is(number: number, index: number): boolean {
    return !this.#has(number) || this.#unsigned(number) === index;
  }

  #unsigned(number: number): number {
    return unsignedAt(this.#bytes, this.#numbers[number]!);
  }

  #signed(number: number): number {
    return signedAt(this.#bytes, this.#numbers[number]!);
  }

  #match(form: Form, at: number): number {
    this.#numbers.fill(0);
    return this.#parts(form, 0, form.length, at);
  }

  /** @returns offset behind the parts; 0 when something else is there */
  #parts(form: Form, from: number, to: number, at: number): number {
    const bytes = this.#bytes;
    let p = at;
    for (let i = from; i < to && p > 0; i++) {
      const part = form[i]!;
      if (part >= 0) p = bytes[p] === part ? p + 1 : 0;
      else if (part > -INSTRUCTION.guarded) p = this.#number(-part, p);
      else if (part > -OPTIONAL) p = this.#instruction(-part, p);
      else {
        const group = i + 1;
        i -= OPTIONAL + part;
        p = this.#parts(form, group, i + 1, p) || this.#without(form, group, i + 1, p);
      }
    }
    return p;
  }

  /** Parts that may be missing are: nothing was read. @returns where they would be */
  #without(form: Form, from: number, to: number, at: number): number {
    for (const part of form.slice(from, to))
      if (part < 0 && part > -INSTRUCTION.guarded && -part !== NUMBER.address) this.#numbers[-part] = 0;
    return at;
  }

  #number(index: number, at: number): number {
    const bytes = this.#bytes;
    const end = endOf(bytes, at);
    const before = this.#numbers[index]!;
    if (before === 0) this.#numbers[index] = at;
    else for (let i = 0; i < end - at; i++) if (bytes[before + i] !== bytes[at + i]) return 0;
    return end;
  }

  /** A store, or a bulk operation. */
  #instruction(part: number, at: number): number {
    if (part === INSTRUCTION.bulk) return this.#bulk(at);
    if (!this.#store.read(at)) return 0;
    const { width, offset, end } = this.#store;
    return this.#isStore(part, width, offset) ? end : 0;
  }

  #isStore(part: number, width: number, offset: number): boolean {
    const noted = (this.#signed(NUMBER.note) >>> 0) + offset;
    switch (part) {
      case INSTRUCTION.guarded:
        return width === this.#signed(NUMBER.width) && offset === this.#guardedOffset;
      case INSTRUCTION.noted:
        return isSafe(noted, noted + width);
      case INSTRUCTION.written:
        return width === this.#entryWidth && offset === 0;
      default:
        return width === 8 && this.#entryWidth === 16 && offset === (part === INSTRUCTION.high ? 8 : 0);
    }
  }

  get #guardedOffset(): number {
    return this.#has(NUMBER.offset) ? this.#signed(NUMBER.offset) >>> 0 : 0;
  }

  #bulk(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== OP.bulk) return 0;
    const operation = bytes[at + 1];
    const memory = operation === BULK.init ? endOf(bytes, at + 2) : at + 2;
    if (bytes[memory] !== 0) return 0;
    if (operation === BULK.fill || operation === BULK.init) return memory + 1;
    return operation === BULK.copy && bytes[memory + 1] === 0 ? memory + 2 : 0;
  }
}
