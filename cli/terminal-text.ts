// What a guest sends to its terminal, made fit for where it goes. Source of the sequences: ECMA-48, 5.4 (control sequences).

/** Who reads the text. */
export type Reader =
  /** A terminal whose keyboard is the guest's: everything passes, the terminal's answers go to the guest. */
  | 'guest-terminal'
  /** A terminal that only shows: requests for an answer (DSR `ESC[6n`, DA `ESC[c`) would be answered to the user's own shell. */
  | 'terminal'
  /** A file or another program: no control sequences at all. */
  | 'plain';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences begin with ESC.
const SEQUENCE = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[^[]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences begin with ESC.
const REQUEST = /\x1b\[[0-?]*[ -/]*[nc]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control sequences begin with ESC.
const UNFINISHED = /\x1b(\[[0-?]*[ -/]*)?$/;

/** Text without control sequences. */
export const withoutSequences = (text: string): string => text.replace(SEQUENCE, '');

/** Filters text that comes in pieces: a sequence may be cut between two. */
export class TerminalFilter {
  readonly #reader: Reader;
  #held = '';

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** @returns what may be shown of the text so far. */
  pass(piece: string): string {
    if (this.#reader === 'guest-terminal') return piece;
    const text = this.#held + piece;
    this.#held = UNFINISHED.exec(text)?.[0] ?? '';
    const whole = text.slice(0, text.length - this.#held.length);
    return this.#reader === 'plain' ? withoutSequences(whole) : whole.replace(REQUEST, '');
  }
}
