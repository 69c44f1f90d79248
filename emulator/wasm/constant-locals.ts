// Which locals hold a known i32 constant, followed through straight-line code.

/** Forgetting everything is one increment: a local is known when its epoch is the current one. */
export class ConstantLocals {
  /** Locals of the function at hand, parameters included. */
  count = 0;
  #values = new Int32Array(64);
  #epochs = new Float64Array(64);
  #epoch = 0;

  /** Starts a function with that many locals, none known. */
  reset(count: number): void {
    this.count = count;
    if (count > this.#values.length) {
      this.#values = new Int32Array(count);
      this.#epochs = new Float64Array(count);
    }
    this.forget();
  }

  /** Forgets all values: control flow may join here. */
  forget(): void {
    this.#epoch++;
  }

  get(index: number): number | undefined {
    return this.#epochs[index] === this.#epoch ? this.#values[index] : undefined;
  }

  set(index: number, value: number | undefined): void {
    this.#epochs[index] = value === undefined ? 0 : this.#epoch;
    if (value !== undefined) this.#values[index] = value;
  }
}
