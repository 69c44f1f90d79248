// Types a pattern at the guest's keyboard, and says which stretch of it any instant belongs to.
import type { Input, Machine, Subscription } from '../../emulator/index.ts';
import type { KeyPattern } from './pattern.ts';

/** Virtual milliseconds: a stretch of the pattern, a key held down, the pause before the next. A burst of the longest takes 660. */
export const STRETCH = 1000;
const HOLD = 30;
const PAUSE = 30;

/** Where keys are typed: the PS/2 keyboard, or the serial console of guests that have no other. */
export type BaitDevice = 'keyboard' | 'serial';

const RELEASED = 0x80;
/** Rows of keys by the scancode (set 1) of their first. */
const ROWS: readonly (readonly [first: number, keys: string])[] = [
  [0x0e, '\b'],
  [0x10, 'qwertyuiop'],
  [0x1c, '\n'],
  [0x1e, 'asdfghjkl'],
  [0x2c, 'zxcvbnm'],
];
const SCANCODES = new Map(ROWS.flatMap(([first, keys]) => [...keys].map((key, i) => [key, first + i])));
/** What terminals send for the key. */
const DELETE = '\x7f';

const pressed = (key: string, device: BaitDevice): Input['give'] =>
  device === 'keyboard' ? { scancodes: [SCANCODES.get(key)!] } : { serial: key === '\b' ? DELETE : key };

/** Inputs for a key that is held and let go. */
function keyInputs(key: string, device: BaitDevice): Input[] {
  const released = device === 'keyboard' ? [SCANCODES.get(key)! | RELEASED] : [];
  return [
    { on: { after: PAUSE }, give: pressed(key, device) },
    { on: { after: HOLD }, give: { scancodes: released } },
  ];
}

/**
 * Types a pattern from now on, then keeps still for some stretches more. Stretches are counted by the clock alone: they are equally long
 * whatever is typed in them, lest those with keys hold more of everything.
 */
export class Bait implements Disposable {
  readonly pattern: KeyPattern;
  readonly device: BaitDevice;
  /** Virtual milliseconds since power-on. */
  readonly start: number;
  /** Stretches, those of rest at the end included. */
  readonly length: number;
  readonly #machine: Machine;
  readonly #subscription: Subscription;
  #typed = 0;

  constructor(machine: Machine, pattern: KeyPattern, rest: number, device: BaitDevice = 'keyboard') {
    this.#machine = machine;
    this.pattern = pattern;
    this.device = device;
    this.start = machine.cpu.time;
    this.length = pattern.bursts.length + rest;
    this.#subscription = machine.afterSlice(() => this.#advance());
    this.#advance();
  }

  /** The number of the stretch that a time belongs to; -1 before and after the bait. */
  stretch(time: number): number {
    const number = Math.floor((time - this.start) / STRETCH);
    return number < this.length ? number : -1;
  }

  /** Whether the last stretch has passed. */
  get over(): boolean {
    return this.#machine.cpu.time >= this.start + this.length * STRETCH;
  }

  /** Stretches that have passed. */
  get passed(): number {
    return Math.min(Math.floor((this.#machine.cpu.time - this.start) / STRETCH), this.length);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #advance(): void {
    if (this.over) {
      this[Symbol.dispose]();
      return;
    }
    const elapsed = this.#machine.cpu.time - this.start;
    if (elapsed < this.#typed * STRETCH) return;
    const text = this.pattern.bursts[this.#typed++] ?? '';
    const keys = [...text].flatMap((key) => keyInputs(key, this.device));
    // Nothing is typed by the last one: it ends the slice in which the next stretch begins, should the guest sleep.
    const left = this.#typed * STRETCH - elapsed - text.length * (HOLD + PAUSE);
    this.#machine.schedule(...keys, { on: { after: Math.max(left, 0) }, give: { scancodes: [] } });
  }
}
