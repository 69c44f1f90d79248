import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { match, occursIn } from './match.ts';

test('each line is matched once', () => {
  assert.equal(match(['a', 'b'], ['b', 'a']), { truth: 2, matched: 2, missed: [], extra: [] });
  assert.equal(match(['a', 'a', 'c'], ['a', 'b', 'b']), {
    truth: 3,
    matched: 1,
    missed: ['b', 'b'],
    extra: ['a', 'c'],
  });
});

test('a list occurs in another without a gap, or not', () => {
  assert.ok(occursIn(['b', 'c'], ['a', 'b', 'c', 'd']));
  assert.not(occursIn(['b', 'd'], ['a', 'b', 'c', 'd']));
});

test.run();
