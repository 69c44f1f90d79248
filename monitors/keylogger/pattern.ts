// The bait: a pattern of keys in bursts and pauses that nobody but this monitor knows.
import { SeededRandom } from '../../emulator/index.ts';

/** Letters that a burst is made of: they move no cursor and end no line. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** Most letters in a burst; each is typed and deleted again. */
const MOST_LETTERS = 5;

/** A pattern: for each stretch of time the text that is typed at its start, empty for a pause. */
export interface KeyPattern {
  readonly seed: number;
  readonly bursts: readonly string[];
}

/** Shuffles in place, each order as likely as any other (Fisher and Yates). */
export function shuffle<Item>(items: Item[] | Float64Array, random: SeededRandom): void {
  const list = items as Item[];
  for (let last = list.length - 1; last > 0; last--) {
    const other = Math.floor(random.fraction() * (last + 1));
    const held = list[last]!;
    list[last] = list[other]!;
    list[other] = held;
  }
}

/** Letters, as many backspaces, and Enter: an empty line to whoever reads lines. */
function burst(letters: number, random: SeededRandom): string {
  let text = '';
  for (let i = 0; i < letters; i++) text += LETTERS[Math.floor(random.fraction() * LETTERS.length)]!;
  return `${text}${'\b'.repeat(letters)}\n`;
}

/**
 * A pattern of which half the stretches are pauses and the others have bursts of all lengths, in an order that the seed decides. All
 * orders are as likely, so the order may be exchanged under the hypothesis that nobody follows the keys: see `significance.ts`.
 * @param stretches how many.
 */
export function keyPattern(seed: number, stretches: number): KeyPattern {
  const random = new SeededRandom(seed);
  const lengths = Array.from({ length: stretches }, (_, i) => (i % 2 === 0 ? 0 : 1 + (((i - 1) / 2) % MOST_LETTERS)));
  shuffle(lengths, random);
  return { seed, bursts: lengths.map((letters) => (letters === 0 ? '' : burst(letters, random))) };
}
