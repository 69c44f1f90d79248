// Follows the operand stack, so as to know how the addresses of stores came there. What an instruction does to the stack is known for those of one byte; others
// make it forget.
import { ANY } from './opcodes.ts';

/** Operands that are followed at most: beyond any real code. */
const MOST = 1 << 10;

export class Operands {
  /** Which instruction pushed each operand, by offset; how many operands there are, as far as is known, and those below this block. */
  readonly #pushed = new Int32Array(MOST + 8);
  #height = 0;
  #floor = 0;
  /** Of each open block, what lies below the one around it, and what it leaves. */
  readonly #open: number[] = [];

  /** Blocks that are open. */
  get depth(): number {
    return this.#open.length / 2;
  }

  /** @param by offset of the instruction, 0 for several */
  push(by: number): void {
    this.#pushed[this.#height++] = by;
  }

  /**
   * Takes as many operands, or ANY: the block's own at most.
   * @returns offset of the instruction that pushed the lowest, 0 when that is not known
   */
  take(count: number): number {
    const height = this.#height - count;
    if (count === ANY || height < this.#floor || height > MOST) {
      this.#forget();
      return 0;
    }
    this.#height = height;
    return this.#pushed[height]!;
  }

  /** A block begins. @param leaves operands that it leaves, ANY when it may take some as well */
  enter(leaves: number): void {
    this.#open.push(this.#floor, leaves);
    this.#floor = this.#height;
  }

  /** Its other branch begins. */
  else(): void {
    this.#height = this.#floor;
  }

  /** It ends. */
  leave(): void {
    this.#height = this.#floor;
    const leaves = this.#open.pop();
    this.#floor = this.#open.pop() ?? 0;
    if (leaves === ANY) this.#forget();
    else if (leaves === 1) this.push(0);
  }

  /**
   * Nothing is known any more of the operands of this block. Those below it stay as they are, for nothing in it can reach them; what is pushed from now on is
   * found where it is counted from here, for whatever takes what lies below it takes it first.
   */
  #forget(): void {
    this.#height = this.#floor;
  }
}
