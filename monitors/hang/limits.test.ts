import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { NO_LIMITS, waitLimits } from './limits.ts';

const limits = waitLimits({
  ...NO_LIMITS,
  watched: 1000,
  waits: {
    reads: { count: 3, longest: 400, longestOfPrograms: 400 },
    pipe: { count: 50, longest: 20, longestOfPrograms: 20 },
    disk: { count: 50, longest: 5, longestOfPrograms: 1 },
    seldom: { count: 2, longest: 5, longestOfPrograms: 0 },
  },
});

test('who was seen to rest may rest; else the limit is four times the longest, and that of programs everywhere', () => {
  assert.is(limits('reads', true), Number.POSITIVE_INFINITY);
  assert.is(limits('pipe', true), 80);
  assert.is(limits('disk', false), 80);
  assert.is(limits('seldom', false), 250);
});

test('where nobody was seen to wait, programs may wait for a rest, and threads of the kernel for ever', () => {
  assert.is(limits('elsewhere', true), 250);
  assert.is(limits('elsewhere', false), Number.POSITIVE_INFINITY);
});

test.run();
