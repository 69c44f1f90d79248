// Makes of what was booked who is to be tested, and the series of activity in which each may follow the keys.
import type { Unit } from './activity.ts';
import type { Series } from './significance.ts';

/**
 * Stretches behind the keys in which what they cause is looked for: first, and first behind the last. Sums over several find who works at
 * his own pace: each second, or when there is enough.
 */
const DELAYS: readonly (readonly [from: number, to: number])[] = [
  ...([0, 1, 2, 3].map((from) => [from, from + 1]) as [number, number][]),
  ...([
    [0, 2],
    [0, 4],
    [1, 5],
    [4, 8],
  ] as const),
];
/** Stretches of rest that the longest delay needs behind the pattern. */
export const REST = Math.max(...DELAYS.map(([, to]) => to)) - 1;

/** As many young processes of one name are tested as one: each may live for one key. */
const MANY = 4;

/** Who is tested: a process, or many short-lived ones of one name. */
export interface Suspect {
  readonly name: string | undefined;
  readonly units: readonly Unit[];
  readonly kernel: boolean;
}

/** The name without its numbers, by which workers of one kind differ. */
export const kindOf = (name: string | undefined): string | undefined => name?.replaceAll(/\d+/g, '#');

/** Who did anything while the bait was laid. */
export function suspects(units: readonly Unit[]): readonly Suspect[] {
  const active = units.filter(({ calls, turns }) => calls.size > 0 || turns.some((count) => count > 0));
  const young = new Map<string | undefined, Unit[]>();
  for (const unit of active) {
    if (unit.early || unit.space !== undefined) continue;
    const kind = kindOf(unit.name);
    young.set(kind, [...(young.get(kind) ?? []), unit]);
  }
  const crowds = [...young.values()].filter((crowd) => crowd.length >= MANY);
  const crowded = new Set(crowds.flat());
  return [...active.filter((unit) => !crowded.has(unit)).map((unit) => [unit]), ...crowds].map((members) => ({
    name: members[0]!.name,
    units: members,
    kernel: members.every(({ user }) => !user),
  }));
}

const delayed = (counts: Float64Array, stretches: number, [from, to]: readonly [number, number]): Float64Array =>
  Float64Array.from({ length: stretches }, (_, i) => {
    let sum = 0;
    for (let at = i + from; at < i + to; at++) sum += counts[at]!;
    return sum;
  });

/** Sums of counts, number by number. */
function sum(all: readonly Uint32Array[], length: number): Float64Array {
  const total = new Float64Array(length);
  for (const counts of all) for (let i = 0; i < length; i++) total[i]! += counts[i] ?? 0;
  return total;
}

const delayText = ([from, to]: readonly [number, number]): string =>
  to === from + 1 ? `${from} s later` : `${from} to ${to} s later`;

/**
 * The series of a suspect: each kind of its system calls, and all of them, at each delay; of the kernel's own threads, their turns. Turns of
 * programs tell nothing: whoever computes is interrupted by those who answer keys, and has a turn more.
 * @param stretches those of the pattern.
 * @param length the same with those of rest.
 * @param wanted numbers of the system calls to look at; all when left out.
 */
export function seriesOf(
  suspect: Suspect,
  stretches: number,
  length: number,
  wanted: (number: number) => boolean = () => true,
): readonly Series[] {
  const counts: { readonly what: string; readonly values: Float64Array }[] = [];
  if (suspect.kernel) {
    counts.push({
      what: 'turns',
      values: sum(
        suspect.units.map(({ turns }) => turns),
        length,
      ),
    });
  } else {
    const numbers = callsOf(suspect).filter(wanted);
    const ofNumber = (number: number) =>
      sum(
        suspect.units.flatMap(({ calls }) => calls.get(number) ?? []),
        length,
      );
    counts.push(...numbers.map((number) => ({ what: `system call ${number}`, values: ofNumber(number) })));
    const all = counts.map(({ values }) => Uint32Array.from(values));
    if (numbers.length > 1) counts.push({ what: 'system calls', values: sum(all, length) });
  }
  return DELAYS.flatMap((delay) =>
    counts.map(({ what, values }) => ({
      what: `${what}, ${delayText(delay)}`,
      values: delayed(values, stretches, delay),
    })),
  );
}

/** Numbers of the system calls that were made, in order. */
export const callsOf = ({ units }: Suspect): readonly number[] =>
  [...new Set(units.flatMap(({ calls }) => [...calls.keys()]))].sort((a, b) => a - b);
