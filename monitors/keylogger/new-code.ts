// Which functions are new on the way of the keys: Fisher's exact test against the training.
//
// Hypothesis to refute: a function that ran in some of the followed interrupts now and in none of the training is as likely in the one
// as in the other. Then of all ways to spread its a runs over n + m interrupts, C(n, a) in C(n + m, a) put all of them into the n of now. The level
// is divided by the number of functions that were seen (Bonferroni).
// Source: Fisher, Statistical Methods for Research Workers, 1934, 21.02.
import type { CalledCode } from './key-code.ts';

/** What training has seen of the way of the keys. */
export interface ExpectedCode {
  /** Interrupts with a key that were followed. */
  readonly windows: number;
  /** Functions that ran in them, or in interrupts without a key. */
  readonly functions: readonly number[];
}

/** A function that runs for keys, and did not in training. */
export interface NewCode {
  /** Its address in this boot, and that of the instruction that led there. */
  readonly address: number;
  readonly from: number;
  /** In how many of the followed interrupts with a key it ran. */
  readonly ran: number;
  readonly windows: number;
  /** Probability of that if it were as likely in training. */
  readonly p: number;
}

/** What to expect from now on. Undefined where no interrupt that brought a key was seen. */
export const expectedCode = ({ windows, functions, others }: CalledCode): ExpectedCode | undefined =>
  windows === 0
    ? undefined
    : { windows, functions: [...new Set([...functions.keys(), ...others])].sort((a, b) => a - b) };

/** Probability that all of `ran` fall into `now` of `now + before`. */
function chance(ran: number, now: number, before: number): number {
  let p = 1;
  for (let i = 0; i < ran; i++) p *= (now - i) / (now + before - i);
  return p;
}

/** Functions that are new, most likely first. @param level probability of any false one */
export function newCode(
  { windows, functions, others, base }: CalledCode,
  expected: ExpectedCode | undefined,
  level: number,
): readonly NewCode[] {
  if (!expected) return [];
  const old = new Set(expected.functions);
  return [...functions]
    .filter(([address]) => !old.has(address) && !others.has(address))
    .map(([address, { windows: ran, from }]) => ({
      address: (address + base) >>> 0,
      from: (from + base) >>> 0,
      ...{ ran, windows, p: chance(ran, windows, expected.windows) },
    }))
    .filter(({ p }) => p <= level / functions.size)
    .sort((a, b) => a.p - b.p || a.address - b.address);
}
