import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type LineTimes, overheadOf } from './overhead.ts';

/** Times of a machine: its own for the line, and a few that something held up. */
const times = (each: number, late: readonly number[] = []) =>
  Array.from({ length: 5 }, (_, round) => each + (late[round] ?? 0));

const near = (found: number, expected: number) => assert.ok(Math.abs(found - expected) < 1e-9, `${found}, ${expected}`);

test('what one machine is slower by does not count', () => {
  const [first, second, watching] = [1, 1.2, 1.05];
  const periods: LineTimes[][] = [
    [{ plain: times(first), watched: times(second * watching), weight: 1 }],
    [{ plain: times(second), watched: times(first * watching), weight: 1 }],
  ];
  const { typical, fastest, periods: each } = overheadOf(periods);
  near(typical, watching);
  near(fastest, watching);
  near(each[0]! / each[1]!, 1.44);
});

test('lines count by their instructions, and a run that was held up does not', () => {
  const line = (watched: number, weight: number): LineTimes => ({
    ...{ plain: times(1, [0, 9]), watched: times(watched, [7, 0, 7]), weight },
  });
  const { typical, fastest } = overheadOf([[line(1.1, 1), line(1.3, 3)]]);
  near(typical, 1.25);
  near(fastest, 1.25);
  const heldUp = overheadOf([[{ plain: times(1), watched: times(1, [1, 1, 1]), weight: 1 }]]);
  near(heldUp.typical, 2);
  near(heldUp.fastest, 1);
});

test.run();
