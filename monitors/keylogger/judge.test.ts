// Verdicts on made-up processes: the cases that no guest of ours shows, above all loggers that hide behind names.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Unit } from './activity.ts';
import type { Expectation } from './expectation.ts';
import { judge } from './judge.ts';
import { keyPattern } from './pattern.ts';
import { REST } from './suspects.ts';

const OPTIONS = { level: 0.001, seed: 1, leastPerBurst: 0.25 };
const KEYS = Float64Array.from(keyPattern(1, 96).bursts, (text) => text.length);
const LENGTH = KEYS.length + REST;
const NO_CODE = { windows: 0, functions: new Map(), others: new Set<number>(), base: 0 };
const [READ, WRITE, OPEN] = [3, 4, 5];

const NOTHING = { controllerReads: 0, parentCalls: new Map<number, number>() };
const following = (each: number): Uint32Array => Uint32Array.from({ length: LENGTH }, (_, i) => each * (KEYS[i] ?? 0));
const steady = (): Uint32Array => new Uint32Array(LENGTH).fill(50);

/** A process that makes calls: `id` says in which order it was seen. */
function unit(id: number, name: string, calls: Readonly<Record<number, Uint32Array>>, more: Partial<Unit> = {}): Unit {
  const byNumber = new Map(Object.entries(calls).map(([number, counts]) => [Number(number), counts]));
  const who = { id, name, pid: 100 + id, parent: 1, space: undefined, early: true };
  return { ...who, user: true, calls: byNumber, turns: new Uint32Array(LENGTH), ...NOTHING, ...more };
}

const shell = unit(1, 'sh', { [READ]: following(1), [WRITE]: following(1) });
const EXPECTED: Expectation = {
  programs: [{ name: 'sh', calls: [READ, WRITE], answers: [READ, WRITE] }],
  ...{ kernel: ['kworker/#'], newest: 101 },
};
const verdicts = (units: readonly Unit[], expectation: Expectation | undefined = EXPECTED) =>
  judge({ units, keys: KEYS, code: NO_CODE }, expectation, OPTIONS);
const seen = (units: readonly Unit[], expectation?: Expectation) =>
  verdicts(units, expectation).reports.map(({ name, pids, reason }) => `${name} ${pids.join('+')} ${reason}`);

test('the name of an expected program serves one process: who acts like it, else the older', () => {
  const disguised = unit(2, 'sh', { [READ]: following(1), [OPEN]: following(1) });
  assert.equal(seen([disguised, shell]), ['sh 102 follows-keys']);
  const twin = unit(2, 'sh', { [READ]: following(1), [WRITE]: following(1) });
  assert.equal(seen([twin, shell]), ['sh 102 follows-keys']);
  // In the boot of the training the process itself is known.
  const inTraining = { ...EXPECTED, programs: [{ ...EXPECTED.programs[0]!, pid: 102 }] };
  assert.equal(seen([twin, shell], inTraining), ['sh 101 follows-keys']);
});

test('who does more than in training is reported, and not for calls that keys do not cause', () => {
  const hooked = unit(1, 'sh', { [READ]: following(1), [WRITE]: following(1), [OPEN]: following(1) });
  assert.equal(seen([hooked]), ['sh 101 does-more']);
  const busy = unit(1, 'sh', { [READ]: following(1), [WRITE]: following(1), [OPEN]: steady() });
  assert.equal(seen([busy]), []);
  // Where the calls of the training are known, and not which of them answer keys, each other call counts.
  assert.equal(seen([hooked], { programs: [{ name: 'sh', calls: [READ, WRITE] }] }), ['sh 101 does-more']);
  // A profile's name says nothing of calls.
  assert.equal(seen([hooked], { programs: [{ name: 'sh' }] }), []);
});

test('a program in the foreground does more only if it does the work of an expected one, too', () => {
  const waiting = unit(1, 'sh', {});
  const inFront = (calls: Readonly<Record<number, Uint32Array>>) =>
    seen([waiting, unit(2, 'program', calls, { parent: 101 })]);
  assert.equal(inFront({ [READ]: following(1), [WRITE]: following(1), [OPEN]: following(1) }), [
    'program 102 does-more',
  ]);
  assert.equal(inFront({ [READ]: following(1), [OPEN]: following(1) }), []);
  // A call without keys, or once, is no answer to them.
  const once = Uint32Array.from({ length: LENGTH }, (_, i) => Number(i === KEYS.findIndex((count) => count > 0)));
  for (const write of [steady(), once])
    assert.equal(inFront({ [READ]: following(1), [WRITE]: write, [OPEN]: following(1) }), []);
  // So with a shell that reads lines for a script of its user's.
  assert.equal(seen([unit(1, 'sh', { [READ]: following(1), [OPEN]: following(1) })]), []);
});

test('a program in the foreground may end before the pattern does: its shell was still until then', () => {
  const half = KEYS.length / 2;
  const part = (wanted: (stretch: number) => boolean): Uint32Array =>
    following(1).map((count, stretch) => (wanted(stretch) ? count : 0));
  const resumed = unit(1, 'sh', { [READ]: part((i) => i >= half), [WRITE]: part((i) => i >= half) });
  const ended = unit(2, 'pager', { [READ]: part((i) => i < half), [OPEN]: part((i) => i < half) }, { parent: 101 });
  const { reports, answering } = verdicts([resumed, ended]);
  assert.equal([reports, answering.map(({ name }) => name)], [[], ['sh', 'pager']]);
  // Who goes on while the shell answers, or is not its own, has never had the terminal.
  const logger = unit(3, 'logger', { [OPEN]: following(1) }, { parent: 101 });
  assert.equal(seen([resumed, ended, logger]), ['logger 103 follows-keys']);
  assert.equal(seen([resumed, { ...ended, parent: 1 }]), ['pager 102 follows-keys']);
});

test('the youngest descendant of a shell that does not answer has the terminal', () => {
  const waiting = unit(1, 'sh', { [READ]: steady() });
  const logger = unit(2, 'logger', { [READ]: following(1) }, { parent: 101 });
  const editor = unit(3, 'editor', { [READ]: following(1) }, { parent: 101 });
  const { reports, answering } = verdicts([editor, logger, waiting]);
  assert.equal([reports.map(({ name }) => name), answering.map(({ name }) => name)], [['logger'], ['editor']]);
  assert.ok(answering[0]!.foreground);
  // With the shell at the terminal, nobody else has it; and a stranger never does.
  assert.equal(seen([editor, shell]), ['editor 103 follows-keys']);
  assert.equal(seen([waiting, unit(4, 'stranger', { [READ]: following(1) })]), ['stranger 104 follows-keys']);
});

test('the stages of a pipeline have the terminal together, and who was started by another line has it not', () => {
  const waiting = unit(1, 'sh', {});
  const child = (id: number, reads: number, more: Partial<Unit> = {}) =>
    unit(id, `stage-${id}`, { [READ]: following(1) }, { parent: 101, parentCalls: new Map([[READ, reads]]), ...more });
  assert.equal(seen([waiting, child(2, 7), child(3, 7), child(4, 7)]), []);
  assert.equal(seen([waiting, child(2, 3), child(3, 7), child(4, 7)]), ['stage-2 102 follows-keys']);
  // Who is first seen with the bait may have been there before the line was typed, and so may all when the shell was never seen at work.
  assert.equal(seen([waiting, child(2, 7, { early: false }), child(3, 7)]), ['stage-2 102 follows-keys']);
  const unseen = { parentCalls: new Map<number, number>() };
  assert.equal(seen([waiting, child(2, 7, unseen), child(3, 7, unseen)]), ['stage-2 102 follows-keys']);
  assert.equal(seen([waiting, child(2, 7, { parent: 103 }), child(3, 7)]), ['stage-2 102 follows-keys']);
});

test('processes that live for one key each are one suspect', () => {
  const young = [...KEYS.entries()].flatMap(([stretch, count]) => {
    if (count === 0) return [];
    const counts = new Uint32Array(LENGTH);
    counts[stretch] = count;
    return [unit(10 + stretch, `log-${stretch}`, { [WRITE]: counts }, { early: false })];
  });
  const { reports, tested } = verdicts([shell, ...young]);
  assert.is(tested, 2);
  assert.equal(
    reports.map(({ reason, pids }) => [reason, pids.length]),
    [['follows-keys', young.length]],
  );
});

test("threads of the kernel: only those that are new, of a kind that wasn't there", () => {
  const thread = (id: number, name: string) => unit(id, name, {}, { user: false, turns: following(1) });
  assert.equal(seen([shell, thread(7, 'kworker/3')]), []);
  assert.equal(seen([shell, unit(0, 'rcu', {}, { user: false, turns: following(2), pid: 15 })]), []);
  assert.equal(seen([shell, thread(8, 'klogd')]), ['klogd 108 kernel-thread']);
  assert.equal(seen([shell, thread(8, 'klogd')], { programs: EXPECTED.programs }), []);
});

test('a program that reads the keyboard controller itself is reported, however steadily it does, in training too', () => {
  const poller = unit(5, 'poller', { [READ]: steady() }, { controllerReads: 1000 });
  assert.equal(seen([shell, poller]), ['poller 105 reads-controller']);
  assert.equal(
    verdicts([shell, poller], undefined).reports.map(({ name }) => name),
    ['poller'],
  );
});

test('turns of a program are no activity: who computes is interrupted by those who answer', () => {
  const computing = unit(6, 'spin', { [READ]: steady() }, { turns: following(1) });
  assert.equal(seen([shell, computing]), []);
});

test('a name of the profile, an id and an address space each name an expected program', () => {
  assert.equal(seen([shell], { programs: [{ name: 'sh' }] }), []);
  assert.equal(seen([shell], { programs: [{ pid: 101 }] }), []);
  const space = { ...shell, name: undefined, pid: undefined, space: 4096 } as unknown as Unit;
  assert.equal(seen([space], { programs: [{ space: 4096 }] }), []);
  assert.is(verdicts([space], { programs: [{ space: 8192 }] }).reports[0]?.spaces[0], 4096);
});

test.run();
