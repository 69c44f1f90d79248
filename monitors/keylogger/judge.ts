// Tells loggers from those who are meant to answer keys.
import type { Unit } from './activity.ts';
import type { Expectation, ExpectedProgram } from './expectation.ts';
import type { CalledCode } from './key-code.ts';
import { expectedCode, type NewCode, newCode } from './new-code.ts';
import { type Finding, follows, type Series, type TestOptions } from './significance.ts';
import { callsOf, kindOf, REST, type Suspect, seriesOf, suspects } from './suspects.ts';
import { foreground } from './terminal.ts';
import { answersOf, worksLike } from './work.ts';

/** Why a process is reported. */
export type Reason =
  /** It follows the keys, and nobody expects it to. */
  | 'follows-keys'
  /** It does what an expected program does with the keys, and makes system calls with them besides that were not made in training. */
  | 'does-more'
  /** A thread of the kernel that was made after the training follows the keys. */
  | 'kernel-thread'
  /** A program reads the keyboard controller itself. */
  | 'reads-controller';

/** Somebody who is a keylogger by all that was seen. */
export interface Report extends Finding {
  readonly reason: Reason;
  readonly name: string | undefined;
  /** The processes: one, or many short-lived ones. */
  readonly pids: readonly (number | undefined)[];
  /** Where ids are not known. */
  readonly spaces: readonly number[];
  readonly controllerReads: number;
}

/** What a bait has brought to light. */
export interface Judgement {
  readonly reports: readonly Report[];
  /** Functions of the kernel that run in the keyboard's interrupt, and did not in training: whose, nobody can say. */
  readonly newCode: readonly NewCode[];
  /** Those who follow the keys and are meant to. `foreground` is nobody's name in the expectation, but who now has the terminal. */
  readonly answering: readonly (Finding & { readonly name: string | undefined; readonly foreground: boolean })[];
  /** How many were tested. */
  readonly tested: number;
  /** Who to expect from now on, if this guest is as it should be. */
  readonly expected: Expectation;
}

/** Activity while a pattern was typed. */
export interface Observation {
  readonly units: readonly Unit[];
  /** Keys in each stretch of the pattern, those only that REST stretches have followed. */
  readonly keys: Float64Array;
  readonly code: CalledCode;
}

interface Follower {
  readonly suspect: Suspect;
  readonly finding: Finding;
}

/** Judges. @param expectation undefined in training: then all who follow are `answering`. */
export function judge(
  { units, keys, code }: Observation,
  expectation: Expectation | undefined,
  options: TestOptions,
): Judgement {
  const list = suspects(units);
  const series = (suspect: Suspect, wanted?: (number: number) => boolean): readonly Series[] =>
    seriesOf(suspect, keys.length, keys.length + REST, wanted);
  const findings = follows(
    keys,
    list.map((suspect) => series(suspect)),
    options,
  );
  const all = list.map((suspect, i) => ({ suspect, finding: findings[i]! }));
  const following = all.filter(({ finding }) => finding.significant);
  const programs = following.filter(({ suspect }) => !suspect.kernel);
  const expected = { ...learnt(all, programs, keys, options.leastPerBurst), code: expectedCode(code) };
  const answers = ({ suspect, finding }: Follower, foreground = false) => ({
    ...finding,
    name: suspect.name,
    foreground,
  });
  const direct = all.filter(({ suspect }) => reads(suspect) > 0);
  if (!expectation) {
    const answering = following.map((one) => answers(one));
    const reports = direct.map((one) => report('reads-controller', one));
    return { reports, newCode: [], answering, tested: list.length, expected };
  }
  const taken = assign(programs, expectation.programs);
  const inFront = foreground(
    programs.flatMap((one) => (taken.has(one) ? [] : one.suspect)),
    units,
    expectation.programs,
    new Set([...taken.keys()].flatMap(({ suspect }) => suspect.units)),
  );
  const front = programs.filter(({ suspect }) => inFront.includes(suspect));
  const same = ({ suspect }: Follower, one: ExpectedProgram): boolean =>
    worksLike(suspect, one, keys, options.leastPerBurst);
  const alike: (readonly [Follower, ExpectedProgram])[] = [...taken].filter(([one, program]) => same(one, program));
  for (const one of front)
    if (expectation.programs.some((program) => same(one, program)))
      alike.push([one, { calls: pooled(expectation.programs) }]);
  const reports = [
    ...programs
      .filter((one) => !taken.has(one) && !front.includes(one))
      .map((one) => ({ by: one, reason: 'follows-keys' as const })),
    ...more(alike, keys, series, options).map((one) => ({ by: one, reason: 'does-more' as const })),
    ...following
      .filter(({ suspect }) => suspect.kernel && isNew(suspect, expectation))
      .map((one) => ({ by: one, reason: 'kernel-thread' as const })),
    ...direct.map((one) => ({ by: one, reason: 'reads-controller' as const })),
  ];
  const first = reports.filter(({ by }, i) => reports.findIndex((other) => other.by.suspect === by.suspect) === i);
  return {
    reports: first.map(({ by, reason }) => report(reason, by)),
    newCode: newCode(code, expectation.code, options.level),
    answering: [...taken.keys(), ...front].map((one) => answers(one, front.includes(one))),
    tested: list.length,
    expected,
  };
}

const reads = ({ units }: Suspect): number => units.reduce((sum, { controllerReads }) => sum + controllerReads, 0);

const report = (reason: Reason, { suspect, finding }: Follower): Report => ({
  ...finding,
  reason,
  name: suspect.name,
  pids: suspect.units.map(({ pid }) => pid),
  spaces: suspect.units.flatMap(({ space }) => space ?? []),
  controllerReads: reads(suspect),
});

function learnt(
  all: readonly Follower[],
  programs: readonly Follower[],
  keys: Float64Array,
  least: number,
): Expectation {
  const kernel = all.flatMap(({ suspect }) => (suspect.kernel ? (kindOf(suspect.name) ?? []) : []));
  return {
    programs: programs.flatMap(({ suspect }) =>
      suspect.units.map(({ name, pid, space }) => ({
        ...{ name, pid, space },
        ...{ calls: callsOf(suspect), answers: answersOf(suspect, keys, least) },
      })),
    ),
    kernel: [...new Set(kernel)].sort(),
    newest: Math.max(...all.flatMap(({ suspect }) => suspect.units.map(({ pid }) => pid ?? -1))),
  };
}

/**
 * Whether a thread of the kernel has been made since the training: its kind did not run then, and its id is larger than all were. That
 * it did not run is not enough: many threads of a kernel work only when programs work, and follow whoever follows the keys.
 */
const isNew = ({ name, units }: Suspect, { kernel, newest }: Expectation): boolean =>
  kernel !== undefined &&
  newest !== undefined &&
  !kernel.includes(kindOf(name) ?? '') &&
  units.every(({ pid }) => pid !== undefined && pid > newest);

/** System calls of a follower that an expected program isn't known to make. */
const unknownCalls = ({ suspect }: Follower, { calls }: ExpectedProgram): number =>
  calls ? callsOf(suspect).filter((number) => !calls.includes(number)).length : 0;

/** Whether it may be that program by name, or by what is known in place of it. */
const fits = ({ suspect: { name, units } }: Follower, one: ExpectedProgram): boolean => {
  if (one.name !== undefined && name !== undefined) return one.name === name;
  return units.some(
    ({ pid, space }) => (pid !== undefined && pid === one.pid) || (space !== undefined && space === one.space),
  );
};

/** For each expected program one of those who follow: the same process, or who acts most like it, or the oldest. */
function assign(programs: readonly Follower[], expected: readonly ExpectedProgram[]): Map<Follower, ExpectedProgram> {
  const taken = new Map<Follower, ExpectedProgram>();
  for (const one of expected) {
    const same = ({ suspect }: Follower): boolean =>
      suspect.units.some(({ pid }) => pid !== undefined && pid === one.pid);
    const [best] = programs
      .filter((follower) => !taken.has(follower) && fits(follower, one))
      .sort(
        (a, b) =>
          Number(same(b)) - Number(same(a)) ||
          unknownCalls(a, one) - unknownCalls(b, one) ||
          a.suspect.units[0]!.id - b.suspect.units[0]!.id,
      );
    if (best) taken.set(best, one);
  }
  return taken;
}

/** The system calls of all expected programs; undefined when those of one are not known. */
function pooled(expected: readonly ExpectedProgram[]): readonly number[] | undefined {
  const calls = expected.map((one) => one.calls);
  return calls.length > 0 && calls.every((one) => one !== undefined) ? calls.flat() : undefined;
}

/** Those who do with each burst what they are not known to do. */
function more(
  alike: readonly (readonly [Follower, ExpectedProgram])[],
  keys: Float64Array,
  series: (suspect: Suspect, wanted: (number: number) => boolean) => readonly Series[],
  options: TestOptions,
): readonly Follower[] {
  const doubtful = alike.filter(([follower, one]) => unknownCalls(follower, one) > 0);
  const findings = follows(
    keys,
    doubtful.map(([{ suspect }, { calls }]) => series(suspect, (number) => !calls!.includes(number))),
    options,
  );
  return doubtful
    .map(([{ suspect }], i) => ({ suspect, finding: findings[i]! }))
    .filter(({ finding }) => finding.significant);
}
