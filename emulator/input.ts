// Input to the guest, scheduled by virtual time or by what the guest shows. Plain data, so that a snapshot holds what is pending.
import type { GuestConsole } from './console.ts';

/** When an input is given, counted from the end of the one before. */
export type InputTrigger =
  /** Virtual milliseconds after the input before has been taken. */
  | { readonly after: number }
  /** When the serial console has shown this text since the last character of the input before was typed. */
  | { readonly when: string };

/** What is given to the guest. */
export type InputAction =
  /** Characters typed at COM1, as Latin-1. */
  | { readonly serial: string }
  /** Bytes of PS/2 scancodes, set 1: 0x1e is A pressed, 0x9e A released. */
  | { readonly scancodes: readonly number[] }
  /** The mouse moves by counts, y upwards, with the buttons held. */
  | {
      readonly mouse: {
        readonly dx: number;
        readonly dy: number;
        readonly buttons?: readonly ('left' | 'middle' | 'right')[];
      };
    };

/** One input: a trigger (at once when left out) and an action. */
export interface Input {
  readonly on?: InputTrigger;
  readonly give: InputAction;
}

/** Scancodes from here on are releases and prefixes: no guest answers them. */
const RELEASED = 0x80;

/** What a snapshot holds. */
export interface PendingInput {
  readonly queue: readonly Input[];
  /** Bytes of the first input that the guest has already. */
  readonly given: number;
  /** When the input before had been taken, in virtual milliseconds, and the length of the console's text when its last character was typed. */
  readonly since: { readonly time: number; readonly text: number };
  /** The byte that was last put on COM1 and on the keyboard. */
  readonly last: { readonly serial: number; readonly scancode: number };
}

/** Gives inputs in the order in which they were scheduled, one byte at a time and each when the guest has read the one before. */
export class InputQueue {
  readonly #console: GuestConsole;
  #queue: Input[] = [];
  #given = 0;
  /** When the input before had been taken, and the length of the console's text when its last character was typed. */
  #since = { time: 0, text: 0 };
  readonly #last = { serial: 0, scancode: 0 };

  constructor(console: GuestConsole) {
    this.#console = console;
  }

  /** Schedules an input after those that are pending. */
  schedule(input: Input): void {
    this.#queue.push(input);
  }

  /** Whether nothing is pending. */
  get idle(): boolean {
    return this.#queue.length === 0;
  }

  /** Virtual time at which the first pending input is due at the earliest; undefined when it doesn't wait for time. */
  get due(): number | undefined {
    const trigger = this.#queue[0]?.on;
    return trigger && 'after' in trigger ? this.#since.time + trigger.after : undefined;
  }

  /** Gives what is due now. To be called between slices. */
  advance(now: number): void {
    for (let input = this.#queue[0]; input && this.#triggered(input, now); input = this.#queue[0]) {
      if (!this.#give(input.give)) return;
      // The guest may have answered already by the time that it is seen to have read the last byte.
      const text = this.#given > 0 ? this.#since.text : this.#console.length;
      this.#queue.shift();
      this.#given = 0;
      this.#since = { time: now, text };
    }
  }

  /** What is pending, as data. */
  save(): PendingInput {
    return { queue: [...this.#queue], given: this.#given, since: { ...this.#since }, last: { ...this.#last } };
  }

  /** Puts back what was pending. */
  restore({ queue, given, since, last }: PendingInput): void {
    this.#queue = [...queue];
    this.#given = given;
    this.#since = { ...since };
    Object.assign(this.#last, last);
  }

  #triggered({ on }: Input, now: number): boolean {
    if (on === undefined || this.#given > 0) return true;
    if ('after' in on) return now >= this.#since.time + on.after;
    return this.#console.since(this.#since.text).includes(on.when);
  }

  /** Gives the next byte of an action if the guest is ready for it. @returns whether the action is done. */
  #give(action: InputAction): boolean {
    if ('serial' in action) {
      if (!this.#console.serialReady) return false;
      if (this.#given >= action.serial.length) return true;
      this.#since.text = this.#console.length;
      this.#last.serial = action.serial.charCodeAt(this.#given++) & 0xff;
      this.#console.putSerial(this.#last.serial);
      return false;
    }
    if (!this.#console.ps2Ready) return false;
    if ('scancodes' in action) {
      if (this.#given >= action.scancodes.length) return true;
      this.#last.scancode = action.scancodes[this.#given++]!;
      if (this.#last.scancode < RELEASED) this.#since.text = this.#console.length;
      this.#console.putScancode(this.#last.scancode);
      return false;
    }
    const { dx, dy, buttons = [] } = action.mouse;
    this.#console.setButtons(buttons.includes('left'), buttons.includes('middle'), buttons.includes('right'));
    this.#console.moveMouse(dx, dy);
    return true;
  }
}
