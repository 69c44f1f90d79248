// Goes through a function from one instruction that the rewriter must look at to the next. Code is rewritten once and then kept, so that the careful walk may
// take its time: it follows constants through locals too, pointers into the soft TLB, and the shadow stack pointer.
import { VMM_STATE, wasm } from '../../../emulator/index.ts';
import { TLB_RANGE } from '../facts.ts';
import { Addresses, ANYWHERE } from './addresses.ts';
import type { Frame } from './frame.ts';
import { isInteresting } from './interest.ts';

/** Bytes that the widest store takes. */
const WIDEST = 16;

/** Whether an address, or a static offset, is one of v86's arrays. What is smaller is an offset in some structure as a rule. */
const isArray = (address: number): boolean =>
  address === VMM_STATE.generalRegisters || address >= VMM_STATE.segmentAccess;

export class BodyWalk {
  /** Where the instructions begin. */
  start = 0;
  readonly #walk: wasm.FunctionWalk;
  readonly #cursor: wasm.InstructionCursor;
  readonly #isCore: boolean;
  readonly #addresses: Addresses;

  constructor(module: wasm.WasmModule, { kind, stackPointer }: Frame) {
    this.#walk = new wasm.FunctionWalk(module);
    this.#cursor = this.#walk.cursor;
    this.#isCore = kind === 'core';
    // The shadow stack grows down.
    this.#addresses = new Addresses(stackPointer, Number(module.globals[stackPointer]?.init?.value ?? 0) - WIDEST);
  }

  /** Where the instruction at hand is, and one past its last byte. */
  get offset(): number {
    return this.#cursor.offset;
  }

  get end(): number {
    return this.#cursor.end;
  }

  /** Prefixed ones as 0xFC00 + n, 0xFD000 + n, 0xFE00 + n. */
  get opcode(): number {
    return this.#cursor.opcode;
  }

  /** Its first index. */
  get index(): number {
    return this.#cursor.imm0;
  }

  /** The static offset of a store. */
  get memOffset(): number {
    return this.#cursor.memOffset;
  }

  /** Locals of the function, parameters included. */
  get localCount(): number {
    return this.#walk.localCount;
  }

  /** The address operand of a store if it is a known constant (unsigned), else -1. */
  get base(): number {
    const base = this.#walk.operandConstant(1);
    return base === undefined ? -1 : base >>> 0;
  }

  /** About where a store of v86.wasm goes, as it seems. A linear address. */
  get near(): number {
    if (!this.#isCore) return ANYWHERE;
    if (this.base >= 0) return this.base + this.memOffset;
    const near = this.#addresses.near(this.#walk.operandProducer(1));
    return [near, this.memOffset].find(isArray) ?? ANYWHERE;
  }

  /** Whether it is a store of v86.wasm to a word of the soft TLB. One that this misses is guarded, and alarmed; one that it takes wrongly the gate refuses. */
  get inTlb(): boolean {
    return this.near >= TLB_RANGE.from && this.near < TLB_RANGE.to;
  }

  /** Goes before the first instruction of a function that is not imported. */
  enter(functionIndex: number): void {
    this.#walk.enter(functionIndex);
    this.start = this.#cursor.offset;
    this.#addresses.enter();
  }

  /**
   * Goes to the next instruction to look at.
   * @returns false when there is none
   * @throws WasmFormatError when the code does not decode
   */
  next(): boolean {
    while (this.#walk.next()) {
      this.#addresses.follow(this.#cursor);
      if (isInteresting(this.#cursor.opcode)) return true;
    }
    return false;
  }
}
