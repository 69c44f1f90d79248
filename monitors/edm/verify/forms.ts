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
import { FAST_ENTRY, SLOW_WAYS } from '../facts.ts';
import { type Form, GUARDS, LOOK_UP, PART, READ_WRITE, SOFT_TLB } from './form-text.ts';
import { ABSENT, type Module } from './module.ts';
import { endOf, signedAt, unsignedAt } from './numbers.ts';
import { isSafe } from './safe.ts';

export class Forms {
  /** The local in which the last write through the soft TLB left a place that may be written, ABSENT if it left none or that is gone; how many bytes. */
  place = ABSENT;
  placeWidth = 0;
  /** As told when it was matched, and where that form ends. */
  placeDepth = 0;
  placeFrom = 0;
  readonly #module: Module;
  readonly #guards: readonly Form[];
  /** The numbers of the form at hand, NaN where none was read; what they are before: EDM's own, which are known. */
  readonly #numbers = new Float64Array(1 + PART.place);
  readonly #known = new Float64Array(1 + PART.place).fill(Number.NaN);

  constructor(module: Module) {
    const { gate, ledger } = module;
    this.#module = module;
    this.#guards = gate === ABSENT ? [] : GUARDS;
    this.#known.set([ledger, gate], PART.ledger);
  }

  /**
   * Matches a form at its `block`.
   * @param depth stands for the block around it
   * @returns offset behind it; 0 when there is none
   */
  match(at: number, depth: number): number {
    this.#numbers.set(this.#known);
    const entry = this.#module.kind === 'jit' ? this.#parts(LOOK_UP, at) : 0;
    // No guard begins with a look at an entry.
    return entry === 0 ? this.#guard(at) : this.#throughSoftTlb(entry, depth);
  }

  #guard(at: number): number {
    for (const form of this.#guards) {
      this.#numbers.set(this.#known);
      const end = this.#parts(form, at);
      if (end === 0 || !this.#isRangeSafe()) continue;
      this.#module.count(this.#numbers[PART.site]!, at);
      return end;
    }
    return 0;
  }

  #throughSoftTlb(at: number, depth: number): number {
    for (const form of SOFT_TLB) {
      // What another form has read before it did not match can only make this one stricter.
      const end = this.#parts(form, at);
      if (end === 0 || !this.#isEntry(form)) continue;
      // Either form may have set the local in which an earlier one left its place.
      this.place = form === READ_WRITE ? this.#numbers[PART.place]! : ABSENT;
      this.placeWidth = this.#entryWidth;
      this.placeDepth = depth;
      this.placeFrom = end;
      return end;
    }
    return 0;
  }

  /** Whether the range of a guard is, if it has one. */
  #isRangeSafe(): boolean {
    const first = this.#numbers[PART.first]! >>> 0;
    const range = (this.#numbers[PART.range]! >>> 0) + this.#numbers[PART.width]!;
    return Number.isNaN(this.#numbers[PART.first]) || isSafe(first, first + range);
  }

  /** Bytes that may be written by an entry: one, when nothing is checked. */
  get #entryWidth(): number {
    return Number.isNaN(this.#numbers[PART.last]) ? 1 : 0x1000 - this.#numbers[PART.last]!;
  }

  /** Whether the slow way asks as the fast one does; entry, address and a third local are different; the mask leaves what counts; and a page fault leaves the form. */
  #isEntry(form: Form): boolean {
    const numbers = this.#numbers;
    const ways = form === READ_WRITE ? SLOW_WAYS.readWrite : SLOW_WAYS.write;
    const [entry, address, other] = [numbers[PART.entry], numbers[PART.address], numbers[PART.other]];
    const slow = ways[this.#module.names[numbers[PART.slow]!]!];
    const areDifferent = entry !== address && other !== entry && other !== address;
    const isMasked = FAST_ENTRY.masks.includes(numbers[PART.mask]!);
    return slow === this.#entryWidth && areDifferent && isMasked && numbers[PART.leave] !== 0;
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
    if (this.#numbers[index] !== value && !Number.isNaN(this.#numbers[index])) return 0;
    this.#numbers[index] = value;
    return endOf(bytes, at);
  }

  #store(kind: number, at: number): number {
    this.#module.read(at);
    const { width, offset, end } = this.#module;
    return width > 0 && this.#isStore(kind, width, offset) ? end : 0;
  }

  #isStore(kind: number, width: number, offset: number): boolean {
    const numbers = this.#numbers;
    const noted = (numbers[PART.note]! >>> 0) + offset;
    if (kind === PART.safe) return isSafe(noted, noted + width);
    if (kind === PART.guarded) return width === numbers[PART.width] && offset === numbers[PART.offset]! >>> 0;
    const stores = kind === PART.written ? 1 : 2;
    return stores * width === this.#entryWidth && offset === (kind === PART.upper ? width : 0);
  }
}
