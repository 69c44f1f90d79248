// wolfden spaces: the numbers of forks that the guests are asked for come out.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findGuest, guestState } from '../guests/index.ts';
import { EXIT } from './exit-code.ts';
import { jsonLines, wolfden } from './testing.ts';

test('pup: the default tour, each program a fork and an exec', async () => {
  const { code, stdout, stderr } = await wolfden(['spaces', '--forks', '120', '--json']);
  assert.is(code, EXIT.ok, stderr);
  const spaces = jsonLines(stdout);
  const summary = spaces.pop()!;
  // ls, ps, three programs in a pipe, forkstorm 100, forkstorm 20: two spaces each, and one for each child of forkstorm.
  assert.is(summary.new, 2 * 7 + 120);
  assert.is(summary.spaces, spaces.length);
  assert.ok(spaces.every(({ kind }) => kind === 'address-space'));
});

test('the final table has the youngest spaces and the sum', async () => {
  const { code, stdout } = await wolfden(['spaces', 'pup', '--send', 'echo a', '--rows', '2']);
  assert.is(code, EXIT.ok);
  assert.match(stdout, /^ *space +CR3 +first seen +last seen +ended/);
  assert.match(stdout, /pup ran the lines of --send: 2 new address spaces/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing is drawn over where nobody looks.
  assert.not.match(stdout, /\x1b/);
});

test('debian-6.1: 300 forks are 300 new address spaces', async () => {
  const { kind } = await guestState(await findGuest('debian-6.1'));
  if (kind !== 'cached') {
    console.log(`skipped: debian-6.1 is not in the cache (${kind}): wolfden guests fetch debian-6.1`);
    return;
  }
  const { code, stdout, stderr } = await wolfden(['spaces', 'debian-6.1', '--forks', '300', '--json']);
  assert.is(code, EXIT.ok, stderr);
  assert.is(jsonLines(stdout).at(-1)!.new, 300);
});

test.run();
