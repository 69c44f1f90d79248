// Which calls are answers to keys.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Unit } from './activity.ts';
import { answersOf, worksLike } from './work.ts';

const KEYS = Float64Array.of(3, 0, 0, 5, 0, 3, 0, 5);
const suspect = (calls: Readonly<Record<number, readonly number[]>>) => ({
  ...{ name: 'x', kernel: false },
  units: [
    { calls: new Map(Object.entries(calls).map(([number, counts]) => [Number(number), Uint32Array.from(counts)])) },
  ] as unknown as Unit[],
});

test('answers are calls of which bursts bring more than pauses', () => {
  const some = suspect({
    1: [3, 0, 0, 5, 0, 3, 0, 5],
    2: [1, 1, 1, 1, 1, 1, 1, 1],
    3: [0, 9, 9, 0, 9, 0, 9, 0],
    4: [0, 0, 0, 1, 0, 0, 0, 0],
    5: [0, 0, 0, 1, 0, 1, 0, 0],
  });
  assert.equal(answersOf(some, KEYS, 0.3), [1, 5]);
  assert.equal(answersOf(some, KEYS, 0.25), [1, 4, 5]);
  assert.equal(answersOf(some, Float64Array.of(1, 1, 1), 1), [1, 2, 3]);
});

test('who works like a program answers by all of its answers', () => {
  const some = suspect({ 1: [1, 0, 0, 1, 0, 1, 0, 1], 2: [1, 0, 0, 1, 0, 1, 0, 1] });
  assert.ok(worksLike(some, { answers: [1] }, KEYS, 0.25));
  assert.ok(worksLike(some, {}, KEYS, 0.25));
  assert.not.ok(worksLike(some, { answers: [1, 3] }, KEYS, 0.25));
});

test.run();
