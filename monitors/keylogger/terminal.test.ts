// Who has the terminal, among made-up processes; with the verdicts that follow from it, `judge.test.ts`.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Unit } from './activity.ts';
import { foreground } from './terminal.ts';

const READ = 3;
const SHELL = { name: 'sh', calls: [READ], answers: [READ] };

function unit(id: number, parent: number | undefined, more: Partial<Unit> = {}): Unit {
  const nothing = { space: undefined, turns: new Uint32Array(8), controllerReads: 0, calls: new Map() };
  const who = { id, pid: id, parent, name: `program-${id}`, early: true, user: true };
  return { ...nothing, ...who, parentCalls: new Map(), ...more };
}

const shell = unit(10, 1, { name: 'sh' });
const alone = (one: Unit) => ({ name: one.name, units: [one], kernel: false });

/** Ids of those that have the terminal. */
function inFront(followers: readonly (readonly Unit[])[], units: readonly Unit[], answering: readonly Unit[] = []) {
  const suspects = followers.map((members) => ({ name: members[0]!.name, units: members, kernel: false }));
  return foreground(suspects, units, [SHELL], new Set(answering)).map((one) => one.units.map(({ id }) => id));
}

test('who descends from a shell through others that do not follow', () => {
  const [script, pager] = [unit(20, 10), unit(30, 20)];
  assert.equal(inFront([[pager]], [shell, script, pager]), [[30]]);
  assert.equal(inFront([[pager]], [script, pager]), [], 'its shell was never seen');
  assert.equal(inFront([[unit(40, undefined)]], [shell]), [], 'its parent is not known');
});

test('the youngest by id, whoever was seen first', () => {
  const [older, younger] = [unit(20, 10), unit(30, 10)];
  assert.equal(inFront([[older], [younger]], [shell, younger, older]), [[30]]);
});

test('a shell is known by its id where kernels have no names', () => {
  const [nameless, pager] = [unit(10, 1, { name: undefined }), unit(20, 10)];
  const expected = (pid: number) => [{ name: undefined, pid, calls: [READ] }];
  assert.is(foreground([alone(pager)], [nameless, pager], expected(10), new Set()).length, 1);
  assert.is(foreground([alone(pager)], [nameless, pager], expected(11), new Set()).length, 0);
});

test('of several that are judged as one, all must descend from the shell', () => {
  const [own, stranger] = [unit(20, 10), unit(30, 1)];
  const units = [shell, own, stranger];
  assert.equal(inFront([[own]], units), [[20]]);
  assert.equal(inFront([[own, stranger]], units), []);
});

test('structures that a guest has made into a ring come to an end', () => {
  const [one, other] = [unit(20, 30), unit(30, 20)];
  assert.equal(inFront([[one]], [one, other]), []);
});

test('a shell that answers has waited only if it was still between the first and the last call of its program', () => {
  const at = (...stretches: number[]) =>
    new Map([[READ, Uint32Array.from({ length: 8 }, (_, stretch) => Number(stretches.includes(stretch)))]]);
  const pager = unit(20, 10, { calls: at(2, 4) });
  for (const [stretches, expected] of [
    [[0, 1, 5], [[20]]],
    [[2, 4], [[20]]],
    [[0, 3], []],
  ] as const) {
    const answering = { ...shell, calls: at(...stretches) };
    assert.equal(inFront([[pager]], [answering, pager], [answering]), expected, `busy in ${stretches}`);
  }
  // Another shell that answers has nothing to do with it.
  const elsewhere = unit(50, 1, { name: 'sh', calls: at(3) });
  assert.equal(inFront([[pager]], [shell, elsewhere, pager], [elsewhere]), []);
});

test.run();
