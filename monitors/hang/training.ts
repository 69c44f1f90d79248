// Learns what a healthy guest does at most. To be run while the guest does all sorts of things, and nothing at all for a while.
import type { Machine } from '../../emulator/index.ts';
import type { Parameters } from '../parameters.ts';
import { type HangLimits, NO_LIMITS } from './limits.ts';
import { StretchWatch } from './stretches.ts';
import { type Waiting, Waits } from './waits.ts';

/** Lines that must have been typed before a place counts as one where a reader waits, and the share of them that it must have answered. */
const ENOUGH_LINES = 5;
const ENOUGH_ANSWERS = 0.9;

export class HangTraining implements Disposable {
  readonly #machine: Machine;
  readonly #waits: Waits;
  readonly #stretches: StretchWatch;
  readonly #longest = { ...NO_LIMITS.longest };
  readonly #longestWaits = new Map<string, number>();
  readonly #answers = new Map<string, { count: number; longest: number }>();
  readonly #begun: number;
  #preempts = false;
  #lines = 0;
  #line: number | undefined;
  #answered = new Set<string>();

  constructor(machine: Machine, parameters: Parameters) {
    this.#machine = machine;
    this.#begun = machine.cpu.time;
    this.#stretches = new StretchWatch(machine, {
      ended: (name, milliseconds, preempted) => {
        if (milliseconds <= this.#longest[name]) return;
        this.#longest[name] = milliseconds;
        if (name === 'sameThread') this.#preempts = preempted;
      },
      passed: () => {},
    });
    this.#waits = new Waits(machine, parameters, {
      switched: () => this.#stretches.switched(),
      woke: (waiting, now) => this.#woke(waiting, now),
    });
  }

  /** What has been learnt so far. */
  limits(): HangLimits {
    const now = this.#machine.cpu.time;
    const waits = new Map(this.#longestWaits);
    // Who waits still has not shown how long one may wait at that place: as long as the guest was watched, and longer.
    for (const { place, since } of this.#waits.list()) waits.set(place, Math.max(waits.get(place) ?? 0, now - since));
    const readers = [...this.#answers].filter(
      ([, { count }]) => this.#lines >= ENOUGH_LINES && count >= ENOUGH_ANSWERS * this.#lines,
    );
    return {
      longest: { ...this.#longest },
      preempts: this.#preempts,
      waits: Object.fromEntries(waits),
      watched: now - this.#begun,
      readers: Object.fromEntries(readers.map(([place, { longest }]) => [place, longest])),
    };
  }

  [Symbol.dispose](): void {
    this.#stretches[Symbol.dispose]();
    this.#waits[Symbol.dispose]();
  }

  #woke({ thread, place, since }: Waiting, now: number): void {
    this.#longestWaits.set(place, Math.max(this.#longestWaits.get(place) ?? 0, now - since));
    const { lineEnded } = this.#waits;
    if (lineEnded === undefined) return;
    if (lineEnded !== this.#line) {
      this.#line = lineEnded;
      this.#lines++;
      this.#answered = new Set();
    }
    if (since >= lineEnded || this.#answered.has(place) || !this.#waits.programs.has(thread)) return;
    this.#answered.add(place);
    const answers = this.#answers.get(place) ?? { count: 0, longest: 0 };
    this.#answers.set(place, { count: answers.count + 1, longest: Math.max(answers.longest, now - lineEnded) });
  }
}

/** Return addresses, innermost first, that are the same whenever a thread rests at a place; further ones may be left from earlier calls. */
const CERTAIN = 3;

/** The certain part of a place's key. */
export const certainPart = (place: string): string => place.split(' ', CERTAIN).join(' ');

/** A thread rests that waits for a share of what was watched: for 1 / RESTING_SHARE of it. */
export const RESTING_SHARE = 4;

/** The places where a healthy thread may wait without end, by the certain parts of their keys: somebody did, for a good part of what was watched. */
export const restingPlaces = ({ waits, watched }: HangLimits): ReadonlySet<string> =>
  new Set(
    Object.entries(waits).flatMap(([place, longest]) =>
      longest * RESTING_SHARE >= watched ? [certainPart(place)] : [],
    ),
  );
