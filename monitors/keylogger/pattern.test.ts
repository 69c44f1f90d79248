// The bait's pattern.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyPattern } from './pattern.ts';

test('half of the stretches are pauses, and bursts leave nothing on the line', () => {
  const { bursts } = keyPattern(1, 40);
  assert.is(bursts.filter((text) => text === '').length, 20);
  for (const text of bursts.filter((text) => text !== '')) assert.match(text, /^([a-z]+)[\b]+\n$/);
  for (const text of bursts) assert.is(text.replaceAll(/[^a-z]/g, '').length, text.replaceAll(/[^\b]/g, '').length);
  assert.equal(
    [...new Set(bursts.map((text) => text.length))].sort((a, b) => a - b),
    [0, 3, 5, 7, 9, 11],
  );
});

test('the seed decides the order', () => {
  assert.equal(keyPattern(7, 40), keyPattern(7, 40));
  const orders = new Set(
    [1, 2, 3, 4].map((seed) =>
      keyPattern(seed, 40)
        .bursts.map((text) => text.length)
        .join(),
    ),
  );
  assert.is(orders.size, 4);
});

test('no order is preferred: each place has keys in half of the patterns', () => {
  const rounds = 2000;
  const counts = new Float64Array(16);
  for (let seed = 1; seed <= rounds; seed++)
    for (const [place, text] of keyPattern(seed, 16).bursts.entries()) counts[place]! += text === '' ? 0 : 1;
  // Five standard deviations of a fair coin's count.
  for (const count of counts) assert.ok(Math.abs(count - rounds / 2) < 5 * Math.sqrt(rounds / 4), counts.join());
});

test.run();
