// Tests with guests that boot from a CD with a BIOS, in the machine: they never run a program of less privilege.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GuestCrash, type Machine } from '../emulator/index.ts';
import { endOf, watchPrograms, withGuest } from './testing/boot.ts';

/** What a guest puts on its text screen, 80 columns, without the spaces at the ends of rows. */
function watchScreen(machine: Machine): () => string {
  const rows: string[][] = [];
  machine.on('screen-text', ({ row, column, character }) => {
    rows[row] ??= Array(80).fill(' ');
    rows[row][column] = String.fromCharCode(character);
  });
  return () => rows.map((row) => row.join('').trimEnd()).join('\n');
}

for (const { name, shows, time } of [
  { name: 'grub-rescue', shows: 'GNU GRUB  version 2.06', time: 4_000 },
  { name: 'ipxe', shows: 'iPXE 1.0.0+git', time: 8_000 },
]) {
  test(`${name} boots from its CD and never runs a program`, () =>
    withGuest(name, async ({ machine, prepared }) => {
      assert.is(prepared.guest.outcome, 'no-user-mode');
      const screen = watchScreen(machine);
      const programs = watchPrograms(machine);
      const end = await endOf(machine.run({ until: () => screen().includes(shows), for: time }));
      assert.is(end, 'until', screen());
      assert.equal(programs, { syscalls: {}, userEntries: 0 });
    }));
}

test('memtest86 is more than v86 can do: the machine says that the guest crashed, and where', () =>
  withGuest('memtest86', async ({ machine, prepared }) => {
    assert.is(prepared.guest.outcome, 'crashes');
    const programs = watchPrograms(machine);
    const crash = await endOf(machine.run({ for: 20_000 }));
    assert.instance(crash, GuestCrash, String(crash));
    assert.match((crash as GuestCrash).message, /^the guest crashed: .*\(previousEip 0x[0-9a-f]{8}, .*cpl 0\)$/);
    assert.is(programs.userEntries, 0);
    // It is dead, and says so each time.
    assert.instance(await endOf(machine.run({ for: 1 })), GuestCrash);
  }));

test.run();
