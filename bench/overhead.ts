// What watching costs, of the times that two machines took which were watched by turns.
//
// Two machines of one process differ by a per cent or two whatever watches them, by where their memory and code came to lie. So each is watched in one of
// two periods: what a machine is slower by raises one period's ratio and lowers the other's by as much, and their geometric mean is free of it
// (a crossover design, as clinical trials have them).
import { geometricMean, median, min } from 'simple-statistics';

/** Times that one line took in each round, per instruction of the guest. */
export interface LineTimes {
  readonly plain: readonly number[];
  readonly watched: readonly number[];
  /** Instructions of the guest: how much the line counts. */
  readonly weight: number;
}

/** Ratios of CPU time, watched to unwatched. */
export interface Overhead {
  /** Of the sums of each line's median times. */
  readonly typical: number;
  /** Of the sums of each line's shortest times: noise only ever adds. */
  readonly fastest: number;
  /** `typical` in each period: they lie apart by twice what the machines differ by. */
  readonly periods: readonly number[];
}

function ratio(lines: readonly LineTimes[], of: (times: number[]) => number): number {
  const sum = (side: 'plain' | 'watched') =>
    lines.reduce((total, line) => total + line.weight * of([...line[side]]), 0);
  return sum('watched') / sum('plain');
}

/** @param periods of each period the lines: the machine that is watched in one is the unwatched one of the other */
export function overheadOf(periods: readonly (readonly LineTimes[])[]): Overhead {
  const typical = periods.map((lines) => ratio(lines, median));
  const fastest = periods.map((lines) => ratio(lines, min));
  return { typical: geometricMean(typical), fastest: geometricMean(fastest), periods: typical };
}
