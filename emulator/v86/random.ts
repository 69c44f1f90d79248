// The machine's source of chance: a 32-bit xorshift generator (Marsaglia 2003), seeded, its state a snapshot can hold.

export class SeededRandom {
  /** The generator's whole state: a nonzero word. */
  state: number;

  /** @param seed any integer; the same seed gives the same numbers. */
  constructor(seed: number) {
    // Neighbouring seeds must not give neighbouring sequences; zero is the one state that xorshift can't leave.
    this.state = Math.imul((seed | 0) ^ 0x9e3779b9, 0x85ebca6b) || 1;
  }

  /** The next 32 bits, as a signed integer. */
  int(): number {
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x;
    return x;
  }

  /** The next number in [0, 1). */
  fraction(): number {
    return (this.int() >>> 0) / 2 ** 32;
  }
}
