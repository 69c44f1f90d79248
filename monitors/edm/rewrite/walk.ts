// What the rewriter asks of whoever walks a function for it.

/** Goes from one instruction that the rewriter must look at to the next. */
export interface Walk {
  /** Locals of the function, parameters included. */
  readonly localCount: number;
  /** Where its instructions begin. */
  readonly start: number;
  /** Where the instruction at hand is, and one past its last byte. */
  readonly offset: number;
  readonly end: number;
  /** Prefixed ones as 0xFC00 + n, 0xFD000 + n, 0xFE00 + n. */
  readonly opcode: number;
  /** Its first index. */
  readonly index: number;
  /** Whether it is a store, lane and atomic ones included: then its static offset, and its base if that is a known constant (unsigned), else -1. */
  readonly isStore: boolean;
  readonly memOffset: number;
  readonly base: number;
  /** Whether it is a store to a word of the soft TLB. */
  readonly inTlb: boolean;
  /** Goes before the first instruction of a function that is not imported. */
  enter(functionIndex: number): void;
  /**
   * Goes to the next instruction to look at.
   * @returns false when there is none
   * @throws WasmFormatError when the code does not decode
   */
  next(): boolean;
}
