// Who had the CPU when: the last turns, in a ring.

/** Turns that are remembered. */
const ROOM = 1 << 16;

export class Turns {
  readonly #ids = new Uint32Array(ROOM);
  readonly #times = new Float64Array(ROOM);
  #count = 0;

  /** A turn begins. @param id of the thread's record. @param time virtual milliseconds */
  add(id: number, time: number): void {
    const slot = this.#count++ % ROOM;
    this.#ids[slot] = id;
    this.#times[slot] = time;
  }

  /** Turns in their order, those that are remembered. @param until when the last one ends, for it goes on */
  *list(until: number): Generator<{ readonly id: number; readonly from: number; readonly to: number }> {
    for (let index = Math.max(0, this.#count - ROOM); index < this.#count; index++) {
      const to = index + 1 < this.#count ? this.#times[(index + 1) % ROOM]! : until;
      yield { id: this.#ids[index % ROOM]!, from: this.#times[index % ROOM]!, to };
    }
  }
}
