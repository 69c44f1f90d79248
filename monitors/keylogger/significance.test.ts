// The randomisation test: on processes that are known to follow the keys, and on those that are known not to.
import { sampleCorrelation } from 'simple-statistics';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SeededRandom } from '../../emulator/index.ts';
import { keyPattern } from './pattern.ts';
import { follows, type Series } from './significance.ts';

const OPTIONS = { level: 0.001, seed: 1, leastPerBurst: 0.25 };
const KEYS = Float64Array.from(keyPattern(1, 48).bursts, (text) => text.length);
const series = (what: string, values: ArrayLike<number>): Series => ({ what, values: Float64Array.from(values) });

/** Activity that knows nothing of the keys: now and then some, now and then a lot. */
function noise(seed: number, length = KEYS.length): number[] {
  const random = new SeededRandom(seed);
  return Array.from({ length }, () => Math.floor(random.fraction() ** 4 * 40));
}

test('the correlation is that of the textbook', () => {
  const follower = KEYS.map((count, i) => 3 * count + noise(9)[i]!);
  const [finding] = follows(KEYS, [[series('calls', follower)]], OPTIONS);
  assert.ok(Math.abs(finding!.correlation - sampleCorrelation([...KEYS], [...follower])) < 1e-12);
  assert.is(finding!.what, 'calls');
  assert.ok(finding!.significant);
});

test('who follows is found in a crowd that does not, by the series in which he does', () => {
  const crowd = Array.from({ length: 50 }, (_, i) => [series('a', noise(i + 1)), series('b', noise(i + 101))]);
  const drained = KEYS.map((count) => Number(count > 0));
  const findings = follows(KEYS, [...crowd, [series('a', noise(500)), series('b', drained)]], OPTIONS);
  assert.equal(
    findings.flatMap(({ significant, what }) => (significant ? [what] : [])),
    ['b'],
  );
});

test('p-values of those who do not follow are no smaller than they should be', () => {
  const findings = [1, 2, 3, 4, 5, 6, 7, 8].flatMap((seed) => {
    const keys = Float64Array.from(keyPattern(seed, 48).bursts, (text) => text.length);
    const first = 10_000 * seed;
    const processes = Array.from({ length: 200 }, (_, i) => [
      series('a', noise(first + i)),
      series('b', noise(first + 1000 + i)),
    ]);
    return follows(keys, processes, { ...OPTIONS, seed, leastPerBurst: 0 });
  });
  for (const level of [0.01, 0.05, 0.2]) {
    const share = findings.filter(({ p }) => p <= level).length / findings.length;
    assert.ok(share <= level + 3 * Math.sqrt((level * (1 - level)) / findings.length), `${share} at ${level}`);
  }
  assert.is(findings.filter(({ significant }) => significant).length, 0);
});

test('a clockwork that keys disturb a little, one that they hold up, and one that never changes do not follow', () => {
  const processes = [
    [
      series(
        'disturbed',
        KEYS.map((count) => 1000 + count / 100),
      ),
    ],
    [
      series(
        'held up',
        KEYS.map((count) => 1000 - 20 * count),
      ),
    ],
    [
      series(
        'constant',
        KEYS.map(() => 5),
      ),
    ],
    [],
  ];
  assert.equal(
    follows(KEYS, processes, OPTIONS).map(({ significant, p, what }) => [significant, p, what]),
    processes.map(() => [false, 1, undefined]),
  );
});

test('the same seed gives the same numbers', () => {
  const processes = Array.from({ length: 10 }, (_, i) => [series('a', noise(i + 1))]);
  assert.equal(follows(KEYS, processes, OPTIONS), follows(KEYS, processes, OPTIONS));
});

test.run();
