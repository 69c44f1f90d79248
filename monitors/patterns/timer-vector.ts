import type { Entries } from './observe/entries.ts';
import type { Spell } from './observe/time.ts';
import { type Finding, pattern } from './pattern.ts';

const LEAST_TICKS = 8;

/** How even the times between interrupts are: the share of them that lie within a tenth of the median. */
function evenness(times: readonly number[]): number {
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  const median = [...gaps].sort((a, b) => a - b)[gaps.length >> 1] ?? 0;
  return gaps.filter((gap) => Math.abs(gap - median) <= median / 10).length / Math.max(gaps.length, 1);
}

const timesOf = ({ interrupts }: Spell, vector: number): readonly number[] => interrupts.get(vector) ?? [];

/** Ticks that a run from power-on must have, and how even they must be where nobody can tell what the guest was doing. */
const MANY_TICKS = 100;
const VERY_EVEN = 0.8;

/** Of a guest that was not left alone: the one vector that comes at even intervals. */
function fromWholeRun({ interrupts }: Entries): Finding<number> {
  const even = [...interrupts].filter(([, { times }]) => times.length >= MANY_TICKS && evenness(times) >= VERY_EVEN);
  const [only] = even;
  if (!only || even.length > 1)
    return {
      reason: 'the guest has no prompt at which it could be left alone, and no one vector comes at even intervals',
    };
  return {
    value: only[0],
    confidence: 0.8,
    evidence: [{ what: 'interrupts at even intervals', count: only[1].count }],
  };
}

export default pattern({
  name: 'timer-vector',
  parameter: 'timerVector',
  words:
    'A timer interrupts at even intervals while the machine has work, and it does so without anybody’s doing: it is the one vector that comes in an idle machine, too.',
  source: 'Intel 8254 and local APIC timers; the clock interrupt of every preemptive system',
  refutation: 'A vector that stays away while nothing happens outside of the machine',
  stage: 'time',
  needs: [],
  infer({ time, entries }) {
    if (!time) return fromWholeRun(entries);
    const vectors = [...time.idle.interrupts.keys()].map((vector) => ({
      vector,
      idle: timesOf(time.idle, vector).length,
      even: evenness(
        timesOf(time.busy, vector).length >= LEAST_TICKS ? timesOf(time.busy, vector) : timesOf(time.idle, vector),
      ),
    }));
    const [best, second] = vectors
      .filter(({ idle }) => idle >= LEAST_TICKS)
      .sort((a, b) => b.even * b.idle - a.even * a.idle);
    if (!best) return { reason: 'no interrupt came again and again while the machine had nothing to do' };
    if (second && second.even * second.idle > (best.even * best.idle) / 2)
      return { reason: `vectors ${best.vector} and ${second.vector} both come without anybody's doing` };
    return {
      value: best.vector,
      confidence: best.even > 0.5 ? 0.95 : 0.8,
      evidence: [
        { what: 'interrupts of an idle machine', count: best.idle },
        { what: `of the intervals within a tenth of their median: ${Math.round(100 * best.even)} %` },
      ],
    };
  },
});
