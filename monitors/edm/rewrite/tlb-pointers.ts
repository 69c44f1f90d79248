// Finds the stores of v86.wasm that write entries of the soft TLB, by how their addresses are computed: a page's number times four, plus the table's address.
// A store that this misses is guarded, and the guard raises an alarm; one that it takes wrongly is refused by the gate. Neither goes unseen.
import type { wasm } from '../../../emulator/index.ts';
import { TLB_RANGE } from '../facts.ts';

const OP = { localGet: 0x20, localSet: 0x21, localTee: 0x22, i32Const: 0x41, add: 0x6a } as const;

const isAddress = (value: number): boolean => value >>> 0 >= TLB_RANGE.from && value >>> 0 < TLB_RANGE.to;

/** Follows pointers into the table through one function. */
export class TlbPointers {
  /** Byte offsets of instructions that leave such a pointer. */
  readonly #producers = new Set<number>();
  readonly #locals = new Set<number>();
  /** Whether the instruction before this one left the table's address, or a pointer into it. */
  #address = false;
  #pointer = false;

  /** A new function begins. */
  enter(): void {
    this.#producers.clear();
    this.#locals.clear();
    this.#address = this.#pointer = false;
  }

  /** Looks at each instruction, in order. */
  follow({ opcode, imm0, offset }: wasm.InstructionCursor): void {
    const keeps = opcode === OP.localSet || opcode === OP.localTee;
    if (keeps && this.#pointer) this.#locals.add(imm0);
    this.#pointer =
      (opcode === OP.add && this.#address) ||
      (opcode === OP.localTee && this.#pointer) ||
      (opcode === OP.localGet && this.#locals.has(imm0));
    this.#address = opcode === OP.i32Const && isAddress(imm0);
    if (this.#pointer) this.#producers.add(offset);
  }

  /**
   * Whether a store writes an entry.
   * @param memOffset its static offset
   * @param base its address operand, where that is a constant
   * @param producer byte offset of the instruction that left the address operand
   */
  isEntry(memOffset: number, base: number | undefined, producer: number): boolean {
    return (
      isAddress(memOffset) ||
      (base !== undefined && isAddress((base >>> 0) + memOffset)) ||
      this.#producers.has(producer)
    );
  }
}
