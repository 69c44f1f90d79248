// Operands of a function walk: for each, the instruction that left it and its value if that is a known i32 constant.

/** Most operands kept: beyond any real code, below what a hostile module could make us allocate. */
const MAX_HEIGHT = 1 << 20;

/** The producer of an operand that unreachable code takes from nowhere. */
export const NO_PRODUCER = -1;

/** Flat arrays that grow; an operand is addressed by its height, the deepest being 0. */
export class OperandStack {
  /** Operands there are. */
  height = 0;
  #values = new Int32Array(256);
  #known = new Uint8Array(256);
  #producers = new Int32Array(256);

  /** Pushes an operand, with its value if that is a known i32. @returns false when the stack is full. */
  push(producer: number, value: number | undefined): boolean {
    const at = this.height;
    if (at >= this.#values.length) {
      if (at >= MAX_HEIGHT) return false;
      this.#values = grown(new Int32Array(at * 2), this.#values);
      this.#known = grown(new Uint8Array(at * 2), this.#known);
      this.#producers = grown(new Int32Array(at * 2), this.#producers);
    }
    this.height = at + 1;
    this.#producers[at] = producer;
    this.#known[at] = value === undefined ? 0 : 1;
    if (value !== undefined) this.#values[at] = value;
    return true;
  }

  /** The i32 at a height if it is known. */
  constantAt(height: number): number | undefined {
    return this.#known[height] === 1 ? this.#values[height] : undefined;
  }

  /** Byte offset of the instruction that left the operand at a height. */
  producerAt(height: number): number {
    return this.#producers[height]!;
  }
}

function grown<T extends Int32Array | Uint8Array>(to: T, from: T): T {
  to.set(from);
  return to;
}
