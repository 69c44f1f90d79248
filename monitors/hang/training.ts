// Learns what a healthy guest does at most. To be run while the guest does all sorts of things, and nothing at all for a while.
import type { Machine } from '../../emulator/index.ts';
import type { Parameters } from '../parameters.ts';
import { type HangLimits, NO_LIMITS, type Waited } from './limits.ts';
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
  readonly #waited = new Map<string, Waited>();
  readonly #answers = new Map<string, { count: number; longest: number }>();
  readonly #begun: number;
  #lines = 0;
  #line: number | undefined;
  #answered = new Set<string>();

  constructor(machine: Machine, parameters: Parameters) {
    this.#machine = machine;
    this.#begun = machine.cpu.time;
    this.#stretches = new StretchWatch(machine, {
      ended: (name, milliseconds) => {
        this.#longest[name] = Math.max(this.#longest[name], milliseconds);
      },
      passed: () => {},
    });
    this.#waits = new Waits(machine, parameters, {
      switched: () => this.#stretches.switched(),
      givenToProgram: () => this.#stretches.givenToProgram(),
      woke: (waiting, now, same) => this.#woke(waiting, now, same),
    });
  }

  /** What has been learnt so far. */
  limits(): HangLimits {
    const now = this.#machine.cpu.time;
    const waits = new Map(this.#waited);
    // Who waits still has not shown how long one may wait at that place: as long as until now, and longer.
    for (const waiting of this.#waits.list()) this.#add(waits, waiting, now);
    const readers = [...this.#answers].filter(
      ([, { count }]) => this.#lines >= ENOUGH_LINES && count >= ENOUGH_ANSWERS * this.#lines,
    );
    return {
      longest: this.#stretches.upTo(this.#longest),
      waits: Object.fromEntries(waits),
      watched: now - this.#begun,
      readers: Object.fromEntries(readers.map(([place, { longest }]) => [place, longest])),
    };
  }

  [Symbol.dispose](): void {
    this.#stretches[Symbol.dispose]();
    this.#waits[Symbol.dispose]();
  }

  #woke(waiting: Waiting, now: number, same: boolean): void {
    const { thread, place, since } = waiting;
    this.#add(this.#waited, waiting, now);
    const { lineEnded } = this.#waits;
    if (lineEnded === undefined || !same) return;
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

  #add(waits: Map<string, Waited>, { thread, place, since }: Waiting, now: number): void {
    const time = now - since;
    const { count, longest, longestOfPrograms } = waits.get(place) ?? { count: 0, longest: 0, longestOfPrograms: 0 };
    waits.set(place, {
      count: count + 1,
      longest: Math.max(longest, time),
      longestOfPrograms: this.#waits.programs.has(thread) ? Math.max(longestOfPrograms, time) : longestOfPrograms,
    });
  }
}
