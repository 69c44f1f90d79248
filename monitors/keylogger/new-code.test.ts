// The exact test on made-up interrupts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { CalledCode } from './key-code.ts';
import { expectedCode, newCode } from './new-code.ts';

const LEVEL = 0.001;

/** Functions by address, and in how many of the interrupts each ran. */
const called = (windows: number, functions: Readonly<Record<number, number>>, others: readonly number[] = []) =>
  ({
    windows,
    functions: new Map(Object.entries(functions).map(([at, ran]) => [Number(at), { windows: ran, from: 1 }])),
    others: new Set(others),
    base: 0xc0000000,
  }) satisfies CalledCode;

const trained = expectedCode(called(20, { 10: 20, 11: 1 }, [12]));

test('training keeps what ran with a key and without', () => {
  assert.equal(trained, { windows: 20, functions: [10, 11, 12] });
  assert.is(expectedCode(called(0, {})), undefined);
});

test('a function that ran each time and never in training is new, at its address of this boot', () => {
  const [one, ...others] = newCode(called(20, { 10: 20, 20: 20 }), trained, LEVEL);
  assert.equal(others, []);
  assert.equal([one!.address, one!.from, one!.ran, one!.windows], [0xc0000014, 0xc0000001, 20, 20]);
  // 20! 20! / 40!
  assert.ok(Math.abs(one!.p * 137846528820 - 1) < 1e-9);
});

test('neither what runs seldom, nor what runs in other interrupts, nor what training saw once is', () => {
  assert.equal(newCode(called(20, { 20: 4 }), trained, LEVEL), []);
  assert.equal(newCode(called(20, { 11: 20, 12: 20, 13: 20 }, [13]), trained, LEVEL), []);
  assert.equal(newCode(called(20, { 20: 20 }), undefined, LEVEL), []);
  // Too few interrupts can't tell.
  assert.equal(newCode(called(4, { 20: 4 }), expectedCode(called(4, { 10: 4 })), LEVEL), []);
});

test('the level is shared by all functions', () => {
  const ran = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [100 + at, 1]));
  const alone = newCode(called(8, { 20: 8 }), expectedCode(called(8, {})), LEVEL);
  assert.is(alone.length, 1);
  assert.equal(newCode(called(8, { ...ran, 20: 8 }), expectedCode(called(8, {})), LEVEL), []);
});

test.run();
