// Virtual time: instructions are the clock, and time in which the guest waits is skipped.

export class VirtualClock {
  /** Instructions in a virtual microsecond. */
  readonly mips: number;
  /** Virtual milliseconds that passed while the guest waited. */
  idle = 0;
  /** Instructions that the 32-bit counter has counted beyond what it shows: a multiple of 2^32. */
  #wraps = 0;
  #last = 0;

  /** @param mips instructions in a virtual microsecond. */
  constructor(mips: number) {
    this.mips = mips;
  }

  /**
   * Instructions since power-on: the 32-bit counter extended to 53 bits. To be asked at least once in 2^32 instructions.
   * @param counter the counter now, modulo 2^32.
   */
  instructions(counter: number): number {
    const low = counter >>> 0;
    if (low < this.#last) this.#wraps += 2 ** 32;
    this.#last = low;
    return this.#wraps + low;
  }

  /** Virtual milliseconds since power-on at an instruction. */
  at(instructions: number): number {
    return instructions / (this.mips * 1000) + this.idle;
  }

  /** Sets the clock to what a snapshot holds. */
  restore(instructions: number, idle: number): void {
    this.#last = instructions % 2 ** 32;
    this.#wraps = instructions - this.#last;
    this.idle = idle;
  }
}
