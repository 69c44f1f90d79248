// Finds the instructions of v86.wasm that the rewriter must look at. It is rewritten once, so that the careful walk may take its time: it follows constants
// through locals too, and pointers into the soft TLB.
import { wasm } from '../../../emulator/index.ts';
import { interestOf } from './opcode-table.ts';
import { TlbPointers } from './tlb-pointers.ts';
import type { Walk } from './walk.ts';

export class CoreWalk implements Walk {
  readonly #walk: wasm.FunctionWalk;
  readonly #cursor: wasm.InstructionCursor;
  readonly #tlb = new TlbPointers();
  start = 0;

  constructor(module: wasm.WasmModule) {
    this.#walk = new wasm.FunctionWalk(module);
    this.#cursor = this.#walk.cursor;
  }

  get offset(): number {
    return this.#cursor.offset;
  }

  get end(): number {
    return this.#cursor.end;
  }

  get opcode(): number {
    return this.#cursor.opcode;
  }

  get index(): number {
    return this.#cursor.imm0;
  }

  get memOffset(): number {
    return this.#cursor.memOffset;
  }

  get localCount(): number {
    return this.#walk.localCount;
  }

  get isStore(): boolean {
    return wasm.opcodeFacts(this.#cursor.opcode)!.access === 'store';
  }

  get base(): number {
    const base = this.#walk.operandConstant(1);
    return base === undefined ? -1 : base >>> 0;
  }

  get inTlb(): boolean {
    const base = this.base;
    return this.#tlb.isEntry(this.#cursor.memOffset, base < 0 ? undefined : base, this.#walk.operandProducer(1));
  }

  enter(functionIndex: number): void {
    this.#walk.enter(functionIndex);
    this.start = this.#cursor.offset;
    this.#tlb.enter();
  }

  next(): boolean {
    while (this.#walk.next()) {
      this.#tlb.follow(this.#cursor);
      if (interestOf(this.#cursor.opcode)) return true;
    }
    return false;
  }
}
