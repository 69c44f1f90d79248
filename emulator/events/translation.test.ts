// Fills and flushes of the TLB.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { frameOf, virt } from '../address.ts';
import { bare, record, runToEnd, startGuest } from '../testing/run-guest.ts';
import { PAGE } from '../testing/system-tables.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from '../testing/tiny-guest.ts';
import * as x86 from '../testing/x86.ts';

/** Two pages of virtual memory away from their frames. */
const GLOBAL = 0x310000;
const LOCAL = 0x311000;
const PAGES = {
  [GLOBAL]: PLACE.data | PAGE.present | PAGE.writable | PAGE.global,
  [LOCAL]: (PLACE.data + 0x1000) | PAGE.present | PAGE.writable,
};

async function events(description: GuestDescription) {
  const { machine } = await startGuest(description);
  const recorded = record(machine, ['tlb-fill', 'tlb-flush']);
  await runToEnd(machine);
  await machine.close();
  const pages: readonly unknown[] = [GLOBAL, GLOBAL + 8, LOCAL, PLACE.data, PLACE.readOnly];
  return bare(recorded).filter(({ kind, address }) => kind === 'tlb-flush' || pages.includes(address));
}

const fill = (address: number, frame: number, fields: Readonly<Record<string, boolean>> = {}) => ({
  ...{ kind: 'tlb-fill', address, frame, user: false, writable: false, global: false, write: false },
  ...fields,
});

test('a read fills a read-only entry, a write after it fills again, and what is cached is not walked', async () => {
  assert.equal(
    await events({
      kernel: [
        ...[x86.load('eax', LOCAL), x86.load('eax', LOCAL), x86.store(LOCAL, 'eax')],
        ...[x86.store(LOCAL, 'eax'), x86.load('eax', LOCAL), enterUser()],
      ],
      user: [x86.load('eax', PLACE.readOnly), x86.load('eax', PLACE.data), exitUser],
      pages: PAGES,
    }),
    [
      fill(LOCAL, PLACE.data + 0x1000),
      fill(LOCAL, PLACE.data + 0x1000, { writable: true, write: true }),
      fill(PLACE.readOnly, PLACE.readOnly, { user: true }),
      fill(PLACE.data, PLACE.data, { user: true }),
    ],
  );
});

test('a write to CR3 drops all but global entries, one to CR4.PGE or CR0.PG all', async () => {
  const touch = [x86.load('eax', GLOBAL + 8), x86.load('eax', LOCAL)];
  const global = fill(GLOBAL + 8, PLACE.data, { global: true });
  const local = fill(LOCAL, PLACE.data + 0x1000);
  assert.equal(
    await events({
      kernel: [
        ...[x86.mov('eax', 0x80), x86.movToControl(4, 'eax'), touch, touch],
        ...[x86.movFromControl('eax', 3), x86.movToControl(3, 'eax'), touch],
        ...[x86.mov('eax', 0), x86.movToControl(4, 'eax'), touch],
        x86.finish,
      ],
      pages: PAGES,
    }),
    [
      { kind: 'tlb-flush', scope: 'all', address: undefined },
      ...[global, local, { kind: 'tlb-flush', scope: 'non-global', address: undefined }, local],
      ...[{ kind: 'tlb-flush', scope: 'all', address: undefined }, { ...global, global: false }, local],
    ],
  );
});

test('INVLPG drops one page', async () => {
  assert.equal(
    await events({
      kernel: [
        ...[x86.load('eax', GLOBAL), x86.load('eax', LOCAL), x86.invlpg(LOCAL + 20)],
        ...[x86.load('eax', GLOBAL), x86.load('eax', LOCAL), x86.finish],
      ],
      pages: PAGES,
    }),
    [
      ...[fill(GLOBAL, PLACE.data), fill(LOCAL, PLACE.data + 0x1000)],
      ...[{ kind: 'tlb-flush', scope: 'page', address: LOCAL + 20 }, fill(LOCAL, PLACE.data + 0x1000)],
    ],
  );
});

test('without paging each page is its own frame', async () => {
  assert.equal(await events({ kernel: [x86.load('eax', PLACE.data), x86.finish], paging: 'none' }), [
    fill(PLACE.data, PLACE.data, { user: true }),
  ]);
});

test('a listener that protects the frame being filled hears of the access that filled it', async () => {
  const { machine } = await startGuest({
    kernel: [
      ...[x86.mov('eax', 1), x86.store(LOCAL, 'eax'), x86.movFromControl('edx', 3), x86.movToControl(3, 'edx')],
      ...[x86.store(LOCAL + 4, 'eax'), x86.finish],
    ],
    pages: PAGES,
  });
  const writes: number[] = [];
  machine.on('tlb-fill', ({ address, frame }) => {
    if (address !== LOCAL || writes.length > 0) return;
    machine.protect(frameOf(frame), { write: true }, (access) => void writes.push(access.address!));
  });
  await runToEnd(machine);
  assert.equal(writes, [LOCAL, LOCAL + 4]);
  assert.is(machine.memory.readWord(virt(LOCAL + 4)), 1);
  await machine.close();
});

test.run();
