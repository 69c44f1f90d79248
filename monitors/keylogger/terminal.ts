// Who has the terminal when an expected program does not answer the keys itself: what its user has started in the foreground.
import type { Unit } from './activity.ts';
import type { ExpectedProgram } from './expectation.ts';
import type { Suspect } from './suspects.ts';

/**
 * The program in the foreground: the youngest of the descendants of a shell that waits, which has started nothing after what it waits for. With
 * it who was started by the same line, as the stages of a pipeline are.
 * @param followers who follows the keys and has no place yet.
 * @param answering expected programs that follow, too: one of them has waited only if it was still as long as its descendant was at work.
 */
export function foreground(
  followers: readonly Suspect[],
  units: readonly Unit[],
  expected: readonly ExpectedProgram[],
  answering: ReadonlySet<Unit>,
): readonly Suspect[] {
  const byPid = new Map(units.flatMap((unit) => (unit.pid === undefined ? [] : [[unit.pid, unit] as const])));
  const parentOf = ({ parent }: Unit): Unit | undefined => (parent === undefined ? undefined : byPid.get(parent));
  const isShell = (unit: Unit): boolean =>
    expected.some(({ name, pid }) => (name ? name === unit.name : pid === unit.pid));
  const shellOf = (unit: Unit): Unit | undefined => {
    const seen = new Set<Unit>();
    for (let at = parentOf(unit); at && !seen.has(at); at = parentOf(at)) {
      if (answering.size > 0 ? answering.has(at) : isShell(at)) return at;
      seen.add(at);
    }
    return undefined;
  };
  const waitedFor = (unit: Unit): boolean => {
    const shell = shellOf(unit);
    return shell !== undefined && (!answering.has(shell) || !overlap(unit, shell));
  };
  // Systems give ids in order. Who was there before the watch may be seen for the first time by his first key.
  const age = ({ units }: Suspect): number => units[0]!.pid ?? units[0]!.id;
  const waitedForAll = followers.filter(({ units }) => units.every(waitedFor)).sort((a, b) => age(b) - age(a));
  const [youngest] = waitedForAll;
  const answers = expected.flatMap((one) => one.answers ?? []);
  return waitedForAll.filter((one) => one === youngest || sameLine(one.units[0]!, youngest!.units[0]!, answers));
}

/**
 * Whether a shell was seen to start both without taking keys in between: of the calls by which it answers keys it made none. Who was first
 * seen when the bait was laid may have been there at any time before.
 */
const sameLine = (one: Unit, other: Unit, answers: readonly number[]): boolean =>
  one.early &&
  other.early &&
  one.parent !== undefined &&
  one.parent === other.parent &&
  answers.some((number) => one.parentCalls.has(number)) &&
  answers.every((number) => one.parentCalls.get(number) === other.parentCalls.get(number));

/** Whether one makes a call in a stretch between the first and the last in which another does. They may meet in those two. */
function overlap(inner: Unit, other: Unit): boolean {
  const busy = stretchesOf(inner);
  const [first, last] = [Math.min(...busy), Math.max(...busy)];
  return [...stretchesOf(other)].some((stretch) => stretch > first && stretch < last);
}

const stretchesOf = ({ calls }: Unit): Set<number> =>
  new Set([...calls.values()].flatMap((counts) => [...counts.keys()].filter((stretch) => counts[stretch]! > 0)));
