// Text on the terminal that is written over as it changes.
import type { WriteStream } from 'node:tty';

/** Host milliseconds between two drawings: more often is not seen. */
const PERIOD = 100;

export class LiveText {
  readonly #stream: WriteStream;
  #lines = 0;
  #drawn = Number.NEGATIVE_INFINITY;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  /** Draws over what was drawn before, unless that was a moment ago. @param make makes the text, when it is needed. */
  update(make: () => string): void {
    const now = performance.now();
    if (now - this.#drawn < PERIOD) return;
    this.#drawn = now;
    // Some terminals say 0 for what they don't know.
    const [columns, rows] = [this.#stream.columns || 80, this.#stream.rows || 24];
    // A line that wraps, or scrolls away, could not be written over.
    const lines = make()
      .split('\n')
      .slice(0, rows - 1)
      .map((line) => line.slice(0, columns - 1));
    this.clear();
    this.#stream.write(`${lines.join('\n')}\n`);
    this.#lines = lines.length;
  }

  /** Removes what was drawn. */
  clear(): void {
    if (this.#lines > 0) this.#stream.write(`\x1b[${this.#lines}A\x1b[J`);
    this.#lines = 0;
  }
}
