// Guesses where v86.wasm stores to, by how addresses are computed: the shadow stack pointer more or less a constant, or an index plus the address of an array.
// A wrong guess changes what a store costs, and nothing else: the verifier believes none.
import type { wasm } from '../../../emulator/index.ts';

const OP = {
  ...{ localGet: 0x20, localSet: 0x21, localTee: 0x22, globalGet: 0x23 },
  ...{ i32Const: 0x41, add: 0x6a, sub: 0x6b },
} as const;

/** Nothing is known. */
export const ANYWHERE = -1;

/** Follows addresses through one function. */
export class Addresses {
  /** By byte offset of the instruction that leaves it, and by local that holds it. */
  readonly #producers = new Map<number, number>();
  readonly #locals = new Map<number, number>();
  readonly #stackPointer: number;
  readonly #stack: number;
  /** What the last instruction left, and, when that was a constant, the one before. */
  #last = ANYWHERE;
  #before = ANYWHERE;
  #constant: number | undefined;

  /** @param stackPointer index of the shadow stack pointer @param stack an address in the shadow stack */
  constructor(stackPointer: number, stack: number) {
    this.#stackPointer = stackPointer;
    this.#stack = stack;
  }

  /** A new function begins. */
  enter(): void {
    this.#producers.clear();
    this.#locals.clear();
    this.#last = this.#before = ANYWHERE;
    this.#constant = undefined;
  }

  /** Looks at each instruction, in order. */
  follow({ opcode, imm0, offset }: wasm.InstructionCursor): void {
    if (opcode === OP.localSet || opcode === OP.localTee) this.#locals.set(imm0, this.#last);
    const near = this.#left(opcode, imm0);
    this.#before = this.#last;
    this.#last = near;
    this.#constant = opcode === OP.i32Const ? imm0 >>> 0 : undefined;
    if (near !== ANYWHERE) this.#producers.set(offset, near);
  }

  /** What an instruction leaves. */
  #left(opcode: number, immediate: number): number {
    if (opcode === OP.localTee) return this.#last;
    if (opcode === OP.localGet) return this.#locals.get(immediate) ?? ANYWHERE;
    if (opcode === OP.globalGet) return immediate === this.#stackPointer ? this.#stack : ANYWHERE;
    if ((opcode !== OP.add && opcode !== OP.sub) || this.#constant === undefined) return ANYWHERE;
    if (this.#before !== ANYWHERE) return this.#before;
    return opcode === OP.add ? this.#constant : ANYWHERE;
  }

  /** About where an address leads. @param producer byte offset of the instruction that left it */
  near(producer: number): number {
    return this.#producers.get(producer) ?? ANYWHERE;
  }
}
