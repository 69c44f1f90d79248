// Virtual time for plain v86: the instruction counter, plus the time that the guest idled away.

const INSTRUCTIONS_PER_MS = 100_000;
/** Milliseconds to skip when a halted machine names no time: it may say 0 forever. */
const SMALLEST_SKIP = 0.05;
/** Where v86.wasm keeps its state. */
const STATE = { flags: 120, halted: 616, instructionCounter: 664 };
const INTERRUPT_FLAG = 1 << 9;

/** The clock of one machine, and what else must be read from v86's state to move it. */
export class VirtualClock {
  /** v86's linear memory, once it exists. */
  memory: WebAssembly.Memory | undefined;
  #wraps = 0;
  #last = 0;
  #skippedMs = 0;

  // The memory grows while it runs, which detaches older views.
  get #state(): DataView | undefined {
    return this.memory && new DataView(this.memory.buffer);
  }

  /** Instructions executed since the start: v86's counter has 32 bits only. */
  get instructions(): number {
    const low = this.#state?.getUint32(STATE.instructionCounter, true) ?? 0;
    if (low < this.#last) this.#wraps++;
    this.#last = low;
    return this.#wraps * 2 ** 32 + low;
  }

  /** Virtual milliseconds since the start. */
  now = (): number => this.instructions / INSTRUCTIONS_PER_MS + this.#skippedMs;

  /** Whether the CPU has executed HLT and waits. */
  get halted(): boolean {
    return this.#state?.getUint8(STATE.halted) === 1;
  }

  /** Whether interrupts are on; a CPU that is halted without them is off. */
  get interruptsOn(): boolean {
    return ((this.#state?.getInt32(STATE.flags, true) ?? 0) & INTERRUPT_FLAG) !== 0;
  }

  /** Moves time on while nothing runs. */
  skip(ms: number): void {
    this.#skippedMs += Math.max(ms, SMALLEST_SKIP);
  }
}
