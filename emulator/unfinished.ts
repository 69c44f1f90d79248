// Instructions under probes that began and did not end: when one runs again, that is no second hit.
import type { Cr3, PhysAddr } from './address.ts';

/** An instruction in execution: where its first byte is, and CR3 and ESP before it. */
export interface Execution {
  physical: PhysAddr;
  space: Cr3;
  stack: number;
}

/** One whose program was killed never runs again: it must not be remembered for ever. */
const MOST = 64;

export class UnfinishedInstructions {
  readonly #all: Execution[] = [];

  get none(): boolean {
    return this.#all.length === 0;
  }

  /** Remembers one; the oldest is forgotten where there are too many. */
  add({ physical, space, stack }: Execution): void {
    this.#all.push({ physical, space, stack });
    if (this.#all.length > MOST) this.#all.shift();
  }

  /** Whether what runs now is one of them; from then on it is not. Allocates nothing where it is not. */
  resume({ physical, space, stack }: Execution): boolean {
    const all = this.#all;
    for (let index = 0; index < all.length; index++) {
      const one = all[index]!;
      if (one.physical !== physical || one.space !== space || one.stack !== stack) continue;
      all.splice(index, 1);
      return true;
    }
    return false;
  }
}
