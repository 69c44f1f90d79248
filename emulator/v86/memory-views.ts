// Views of v86's linear memory that survive its growth.

/** A growing memory detaches its buffer: views are made anew when that happened, and only then. */
export class MemoryViews {
  /** v86's linear memory. */
  readonly memory: WebAssembly.Memory;
  #bytes: Uint8Array;
  #words: Int32Array;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#words = new Int32Array(memory.buffer);
  }

  /** Bytes by linear address. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.memory.buffer);
    return this.#bytes;
  }

  /** Words by linear address / 4. */
  get words(): Int32Array {
    if (this.#words.length === 0) this.#words = new Int32Array(this.memory.buffer);
    return this.#words;
  }

  /** The aligned word at a linear address, signed. */
  word(address: number): number {
    // A detached view has no elements.
    return this.#words[address >> 2] ?? this.words[address >> 2]!;
  }

  /** Sets the aligned word at a linear address. */
  setWord(address: number, value: number): void {
    this.words[address >> 2] = value;
  }

  /** The byte at a linear address. */
  byte(address: number): number {
    return this.#bytes[address] ?? this.bytes[address]!;
  }
}
