// Tests with whole guests in the machine: whose programs take which gate into the kernel.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runToPrompt, watchPrograms, withGuest } from './testing/boot.ts';

for (const name of ['debian-6.1-klibc', 'debian-6.1-int80']) {
  test(`${name} makes all of its system calls with INT 0x80`, () =>
    withGuest(name, async (guest) => {
      const { machine } = guest;
      const programs = watchPrograms(machine);
      await runToPrompt(guest);
      const before = programs.syscalls['int 0x80'] ?? 0;
      assert.ok(before > 50, `${before} system calls before the prompt`);
      machine.type('ls /; uname -r\n');
      await machine.run({ until: '6.1.0-', for: 10_000 });
      assert.ok(programs.syscalls['int 0x80']! > before + 20);
      assert.equal(Object.keys(programs.syscalls), ['int 0x80']);
    }));
}

test('a shell that ends is followed by another, on a terminal that works', () =>
  withGuest('debian-6.1', async (guest) => {
    const { machine } = guest;
    await runToPrompt(guest);
    machine.type('exit\n');
    // Each prompt ends with a question to the terminal.
    assert.is(await machine.run({ until: '# \x1b[6n', for: 10_000 }), 'until', machine.console.text.slice(-200));
    machine.type('echo $((6 * 7))\n');
    assert.is(await machine.run({ until: '\n42\r\n', for: 10_000 }), 'until', machine.console.text.slice(-200));
    // Programs of glibc take what the vDSO offers, and start with an INT.
    const programs = watchPrograms(machine);
    machine.type('/bin/true; echo done\n');
    await machine.run({ until: '\ndone', for: 10_000 });
    assert.ok(programs.syscalls.sysenter! > 10, JSON.stringify(programs));
  }));

test.run();
