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

test.run();
