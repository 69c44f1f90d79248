// Test of the programs of the large user land: each runs in the guest. It boots 2.7 billion instructions, so only with WOLFDEN_TEST=all.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { command, runToPrompt, watchPrograms, withGuest } from '../testing/boot.ts';
import pins from './workloads-pins.json' with { type: 'json' };

/** A tiny run of each program, and what it says. */
const RUNS: readonly (readonly [line: string, says: RegExp])[] = [
  ['strace --version', /^strace -- version 6\.1/],
  ['strace -c true 2>&1', /execve/],
  ['hackbench -g 1 -l 2', /== 40 tasks\)[\s\S]*Time: \d/],
  ['cyclictest -q -l 20 -i 1000', /T: 0 .* C: +20 Min:/],
  ['sysbench cpu --events=2 --cpu-max-prime=1000 run', /total number of events: +2\n/],
  ['sqlite3 /tmp/db "create table t(x); insert into t values(20),(22); select sum(x) from t;"', /^42$/m],
  ['redis-server --save "" --daemonize yes --logfile /tmp/redis.log; sleep 1; redis-cli set wolf den', /^OK$/m],
  ['redis-cli get wolf; redis-cli shutdown', /^"?den"?$/m],
  ["perl -e 'print qq(perl $^V ), 6 * 7, qq(\\n)'", /^perl v5\.36\.\d+ 42$/m],
  ['python3 -c "import sys, re; print(sys.version_info[:2], [6 * 7])" 2>&1', /^\(3, 11\) \[42\]\n$/],
];

test('every pin of the workloads is for a package of its own', () => {
  const names = pins.map((pin) => pin.package);
  assert.equal(names, [...new Set(names)].sort());
  assert.ok(names.includes('libc6'));
});

if (process.env.WOLFDEN_TEST === 'all') {
  test('each program of the workloads runs, with all of its libraries', () =>
    withGuest('debian-6.1-workloads', async (guest) => {
      const { machine } = guest;
      await runToPrompt(guest);
      await command(machine, 'stty -echo').catch(() => '');
      const programs = watchPrograms(machine);
      for (const [line, says] of RUNS) assert.match(await command(machine, line), says, line);
      // glibc takes the gate that the vDSO offers.
      assert.ok(programs.syscalls.sysenter! > 1_000, JSON.stringify(programs));
    }));
} else console.log('skipped: running the workloads in the guest: WOLFDEN_TEST=all');

test.run();
