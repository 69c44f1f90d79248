// One look for keyloggers: lays a bait and judges what it has drawn. The guest goes on as ever meanwhile.
import type { Machine } from '../../emulator/index.ts';
import type { Activity } from './activity.ts';
import { Bait, type BaitDevice, STRETCH } from './bait.ts';
import type { Expectation } from './expectation.ts';
import { type Judgement, judge } from './judge.ts';
import { keyPattern } from './pattern.ts';
import { REST } from './suspects.ts';

/** How a study is made. */
export interface StudyOptions {
  /** Of the pattern and of the test. @default 1 */
  readonly seed?: number;
  /** Stretches of a second each, half of them with keys. @default 64 */
  readonly stretches?: number;
  /** Probability of any false report. @default 0.001 */
  readonly level?: number;
  /** @default 'keyboard' */
  readonly device?: BaitDevice;
}

/** Fewer stretches than this can't tell. */
export const FEWEST = 16;
/** System calls (or turns) that a burst must cause at least. */
const LEAST_PER_BURST = 0.25;

export class Study implements Disposable {
  readonly bait: Bait;
  readonly #activity: Activity;
  readonly #seed: number;
  readonly #level: number;

  /** Begins to type. @throws RangeError for options out of range. */
  constructor(machine: Machine, activity: Activity, options: StudyOptions = {}) {
    const { seed = 1, stretches = 64, level = 0.001, device = 'keyboard' } = options;
    if (!(Number.isInteger(stretches) && stretches >= FEWEST))
      throw new RangeError(`stretches: expected a whole number from ${FEWEST}, found ${stretches}`);
    if (!(level > 0 && level < 1)) throw new RangeError(`level: expected a number between 0 and 1, found ${level}`);
    this.#activity = activity;
    this.#seed = seed;
    this.#level = level;
    this.bait = new Bait(machine, keyPattern(seed, stretches), REST, device);
    activity.book(this.bait);
  }

  /** Virtual milliseconds that a study takes. */
  static duration(stretches = 64): number {
    return (stretches + REST) * STRETCH;
  }

  /** Stretches of the pattern that can be judged by now. */
  get usable(): number {
    return Math.max(this.bait.passed - REST, 0);
  }

  /** @returns undefined while too little has passed. */
  judge(expectation: Expectation | undefined): Judgement | undefined {
    if (this.usable < FEWEST) return undefined;
    const keys = Float64Array.from(this.bait.pattern.bursts.slice(0, this.usable), (text) => text.length);
    const options = { seed: this.#seed, level: this.#level, leastPerBurst: LEAST_PER_BURST };
    return judge({ units: this.#activity.units(), keys, code: this.#activity.code.seen }, expectation, options);
  }

  [Symbol.dispose](): void {
    this.bait[Symbol.dispose]();
  }
}
