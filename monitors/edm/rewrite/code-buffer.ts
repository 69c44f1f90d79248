// Collects the code of function bodies in one growing buffer: what is copied and what is added, without an object for each piece.

/** Bytes that are free before each instruction that is rewritten: its longest form takes fewer. */
const LONGEST_FORM = 512;

/** Bytes up to which a loop is faster than a view. */
const SHORT = 200;

export class CodeBuffer {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  clear(): void {
    this.#length = 0;
  }

  /** A copy of what was collected. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Bytes `start` to `end` of another array; room for one form is left after them. */
  copy(from: Uint8Array, start: number, end: number): void {
    const length = this.#length;
    const after = length + end - start;
    if (after + LONGEST_FORM > this.#bytes.length) this.#grow(after + LONGEST_FORM);
    const bytes = this.#bytes;
    if (end - start < SHORT) for (let i = start, at = length; i < end; i++) bytes[at++] = from[i]!;
    else bytes.set(from.subarray(start, end), length);
    this.#length = after;
  }

  /** Up to four bytes; -1 for those that are not there. */
  op(a: number, b = -1, c = -1, d = -1): void {
    const bytes = this.#bytes;
    bytes[this.#length++] = a;
    if (b >= 0) bytes[this.#length++] = b;
    if (c >= 0) bytes[this.#length++] = c;
    if (d >= 0) bytes[this.#length++] = d;
  }

  /** An opcode and an index, as unsigned LEB128. */
  indexed(opcode: number, index: number): void {
    this.#bytes[this.#length++] = opcode;
    this.u32(index);
  }

  /** `i32.const`. */
  constant(value: number): void {
    const bytes = this.#bytes;
    bytes[this.#length++] = 0x41;
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
      bytes[this.#length++] = last ? low : low | 0x80;
      if (last) return;
    }
  }

  u32(value: number): void {
    const bytes = this.#bytes;
    let rest = value >>> 0;
    for (; rest >= 0x80; rest >>>= 7) bytes[this.#length++] = (rest & 0x7f) | 0x80;
    bytes[this.#length++] = rest;
  }

  #grow(least: number): void {
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, least));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
