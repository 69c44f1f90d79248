// Collects the code of function bodies in one growing buffer: what is copied and what is added, without an object for each piece.

export class CodeBuffer {
  #bytes = new Uint8Array(1 << 16);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** A copy of what was collected. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** Bytes `start` to `end` of another array. */
  copy(from: Uint8Array, start: number, end: number): void {
    this.#reserve(end - start);
    if (end - start < 64) for (let i = start; i < end; i++) this.#bytes[this.#length++] = from[i]!;
    else {
      this.#bytes.set(from.subarray(start, end), this.#length);
      this.#length += end - start;
    }
  }

  /** Up to four bytes; -1 for those that are not there. */
  op(a: number, b = -1, c = -1, d = -1): void {
    this.#reserve(4);
    const bytes = this.#bytes;
    bytes[this.#length++] = a;
    if (b >= 0) bytes[this.#length++] = b;
    if (c >= 0) bytes[this.#length++] = c;
    if (d >= 0) bytes[this.#length++] = d;
  }

  /** An opcode and an index, as unsigned LEB128. */
  indexed(opcode: number, index: number): void {
    this.op(opcode);
    this.u32(index);
  }

  /** `i32.const`. */
  constant(value: number): void {
    this.op(0x41);
    this.#reserve(5);
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      const last = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
      this.#bytes[this.#length++] = last ? low : low | 0x80;
      if (last) return;
    }
  }

  u32(value: number): void {
    this.#reserve(5);
    let rest = value >>> 0;
    for (; rest >= 0x80; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#length++] = rest;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
