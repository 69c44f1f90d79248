// Whether a process follows the keys: a randomisation test.
//
// Hypothesis to refute: what the process does does not depend on the keys. The bait's stretches were put into a random order, so under the
// hypothesis every other order would have gone with the same activity just as likely. The statistic is the largest correlation of keys with
// any series of the process's activity; its p-value is the share of random orders that reach it. So the choice among series and delays costs
// nothing more: each order had the same choice. Over processes, the level is divided by their number (Bonferroni).
// Sources: Fisher, The Design of Experiments, 1935, III; Westfall and Young, Resampling-Based Multiple Testing, 1993, 2.2 (maximum statistic).
import { SeededRandom } from '../../emulator/index.ts';
import { shuffle } from './pattern.ts';

/** Activity that may follow the keys of each stretch: one number for each. */
export interface Series {
  readonly what: string;
  readonly values: Float64Array;
}

/** How one process fares. */
export interface Finding {
  /** Pearson's correlation of the series that follows best; 0 when none may. */
  readonly correlation: number;
  /** That series. */
  readonly what: string | undefined;
  /** How much more there is in it for a burst of keys, by regression. */
  readonly perBurst: number;
  /** Probability of such a correlation if keys don't matter. */
  readonly p: number;
  readonly significant: boolean;
}

/** What is asked of the test. */
export interface TestOptions {
  /** Probability that any process at all is found that does not follow the keys. */
  readonly level: number;
  readonly seed: number;
  /** Less than this more for a burst is no reaction to keys: it is how keys disturb the clockwork of others. */
  readonly leastPerBurst: number;
}

/** Exceedances after which it is clear that there is nothing. */
const ENOUGH = 20;
/** Float sums of the same numbers in another order differ by less. */
const TINY = 1e-9;

interface Candidate {
  readonly vectors: readonly Float64Array[];
  readonly observed: number;
  exceeded: number;
  tried: number;
}

/** Centres and scales to length 1, so that a correlation is a sum of products. @returns undefined for a constant */
function standard(values: Float64Array): { readonly vector: Float64Array; readonly length: number } | undefined {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const centred = values.map((value) => value - mean);
  const length = Math.hypot(...centred);
  return length < TINY ? undefined : { vector: centred.map((value) => value / length), length };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Tests processes.
 * @param keys how many keys were typed in each stretch.
 * @param processes the series of each.
 * @returns a finding for each, in their order.
 */
export function follows(
  keys: Float64Array,
  processes: readonly (readonly Series[])[],
  options: TestOptions,
): readonly Finding[] {
  const x = standard(keys);
  const typed = keys.filter((count) => count > 0);
  const burst = typed.reduce((sum, count) => sum + count, 0) / typed.length;
  const rated = processes.map((all) => rate(all, x, burst, options.leastPerBurst));
  const candidates = rated.flatMap(({ candidate }) => candidate ?? []);
  const number = Math.max(processes.length, 1);
  if (x) permute(x.vector, candidates, Math.ceil((2 * number) / options.level), options.seed);
  return rated.map(({ candidate, correlation, what, perBurst }) => {
    const p = candidate ? (1 + candidate.exceeded) / (1 + candidate.tried) : 1;
    return { correlation, what, perBurst, p, significant: candidate !== undefined && p <= options.level / number };
  });
}

/** Finds the series that follows best among those whose effect is large enough. */
function rate(
  all: readonly Series[],
  x: ReturnType<typeof standard>,
  burst: number,
  least: number,
): Omit<Finding, 'p' | 'significant'> & { readonly candidate?: Candidate } {
  let best: Omit<Finding, 'p' | 'significant'> = { correlation: 0, what: undefined, perBurst: 0 };
  const vectors: Float64Array[] = [];
  for (const { what, values } of all) {
    const y = standard(values);
    if (!x || !y) continue;
    vectors.push(y.vector);
    const correlation = dot(x.vector, y.vector);
    const perBurst = ((correlation * y.length) / x.length) * burst;
    if (perBurst >= least && correlation > best.correlation) best = { correlation, what, perBurst };
  }
  if (best.what === undefined) return best;
  return { ...best, candidate: { vectors, observed: best.correlation - TINY, exceeded: 0, tried: 0 } };
}

/** Counts the random orders of the keys whose best correlation reaches the observed one. */
function permute(x: Float64Array, candidates: readonly Candidate[], rounds: number, seed: number): void {
  const random = new SeededRandom(seed);
  const order = x.slice();
  let open = candidates;
  for (let round = 0; round < rounds && open.length > 0; round++) {
    shuffle(order, random);
    let closed = false;
    for (const one of open) {
      one.tried++;
      if (!one.vectors.some((vector) => dot(order, vector) >= one.observed)) continue;
      one.exceeded++;
      closed ||= one.exceeded >= ENOUGH;
    }
    if (closed) open = open.filter(({ exceeded }) => exceeded < ENOUGH);
  }
}
