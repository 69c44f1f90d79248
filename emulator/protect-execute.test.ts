// Execution taken from pages: at any CPL, or at CPL 0, by frame or as SMEP does.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Access } from './access.ts';
import { frameOf, phys, virt } from './address.ts';
import { Machine } from './machine.ts';
import { loadAssets } from './node/assets.ts';
import { label } from './testing/assembly.ts';
import { spin } from './testing/hot-programs.ts';
import { record, runToEnd, startGuest } from './testing/run-guest.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from './testing/tiny-guest.ts';
import * as x86 from './testing/x86.ts';

/** A page of code beside the program. */
const OTHER = PLACE.user + 0x4000;
const FRAME = frameOf(phys(OTHER));

/** Where an execution is reported, in hexadecimal: the byte fetched, the instruction, CPL. */
const show = ({ kind, address, eip, cpl }: Access): string =>
  `${kind} ${address!.toString(16)} of ${eip.toString(16)} at ${cpl}`;

const subroutine = { at: OTHER, items: [label('other'), x86.inc('ebx'), x86.ret] };

const PAGE_FAULT = { 14: { to: 'fault' } };
/** Ends the run, with CR2 in EDX and the error code in ESI. */
const faultHandler = [label('fault'), x86.popRegister('esi'), [0x0f, 0x20, 0xd2], x86.finish];

async function reports(
  description: GuestDescription,
  arm: (machine: Machine, log: (access: Access) => void) => unknown,
) {
  const { machine, guest } = await startGuest(description);
  const log: string[] = [];
  arm(machine, (access) => void log.push(show(access)));
  await runToEnd(machine);
  return { machine, guest, log };
}

const at = (cpl: number, address = OTHER, eip = address) =>
  `execute ${address.toString(16)} of ${eip.toString(16)} at ${cpl}`;

test('each entry into the page is reported, from any CPL', async () => {
  const { machine, log } = await reports(
    {
      kernel: [x86.call('other'), enterUser()],
      user: [x86.call('other'), x86.call('other'), exitUser],
      more: [subroutine],
    },
    (guest, heard) => guest.protect(FRAME, { execute: true }, heard),
  );
  assert.equal(log, [at(0), at(3), at(3)]);
  assert.is(machine.cpu.ebx, 3);
  await machine.close();
});

test('taken at CPL 0 only, it is not reported at CPL 3', async () => {
  const { machine, log } = await reports(
    { kernel: [x86.call('other'), enterUser()], user: [x86.call('other'), exitUser], more: [subroutine] },
    (guest, heard) => guest.protect(FRAME, { supervisorExecute: true }, heard),
  );
  assert.equal(log, [at(0)]);
  await machine.close();
});

test('an instruction whose last bytes lie in the page is reported', async () => {
  const start = OTHER - 3;
  const { machine, log } = await reports(
    {
      kernel: [enterUser()],
      user: [x86.call('straddling'), exitUser],
      more: [{ at: start, items: [label('straddling'), x86.mov('ebx', 0x11223344), x86.ret] }],
    },
    (guest, heard) => guest.protect(FRAME, { execute: true }, heard),
  );
  // Its tail enters the page; the instruction after it is in the page already.
  assert.equal(log, [at(3, OTHER, start)]);
  assert.is(machine.cpu.ebx, 0x11223344);
  await machine.close();
});

test('denied, the guest has a page fault at the instruction, and nothing of it is done', async () => {
  for (const [cpl, straddling] of [
    [0, false],
    [3, false],
    [3, true],
  ] as const) {
    const start = straddling ? OTHER - 3 : OTHER;
    const call = [x86.mov('ebx', 7), x86.call('there'), exitUser];
    const { machine } = await startGuest({
      kernel: [cpl === 0 ? call : enterUser(), faultHandler],
      user: cpl === 3 ? call : [],
      more: [{ at: start, items: [label('there'), x86.mov('ebx', 0x11223344), x86.ret] }],
      gates: PAGE_FAULT,
    });
    const faults = record(machine, ['page-fault']);
    machine.protect(FRAME, { execute: true }, () => 'deny');
    await runToEnd(machine);
    const errorCode = cpl === 3 ? 5 : 1;
    assert.equal(faults, [
      { kind: 'page-fault', cr3: PLACE.pageDirectory, cpl, eip: start, address: OTHER, errorCode },
    ]);
    assert.equal([machine.cpu.ebx, machine.cpu.edx, machine.cpu.esi], [7, OTHER, errorCode]);
    await machine.close();
  }
});

test('armed when the page is compiled, and inside a page that is being executed', async () => {
  const { machine } = await startGuest({
    kernel: [enterUser()],
    user: [x86.repeat('rounds', 6000, 'edi', x86.call('hot'), x86.increment(PLACE.data)), exitUser],
    more: [{ at: OTHER, items: [label('hot'), spin(), x86.ret] }],
  });
  const compiled = new Set<number>();
  machine.on('jit-install', ({ address }) => void compiled.add(address & ~0xfff));
  await machine.run({ until: () => compiled.has(OTHER) });
  const rounds = (): number => machine.memory.readWord(virt(PLACE.data))!;
  const from = rounds();
  assert.ok(from < 5900);
  let entries = 0;
  const watch = machine.protect(FRAME, { execute: true }, () => void entries++);
  await machine.run({ until: () => rounds() > from + 50 });
  // The run may stand inside the page at both ends.
  const seen = rounds() - from;
  assert.ok(Math.abs(entries - seen) <= 1, `${entries} entries in ${seen} rounds`);
  watch[Symbol.dispose]();
  const before = entries;
  await runToEnd(machine);
  assert.is(entries, before);
  await machine.close();
});

test('SMEP: pages of CPL 3 are not executed at CPL 0, whether they are known to the TLB or not', async () => {
  const { machine, log } = await reports(
    {
      kernel: [x86.call('other'), x86.load('eax', OTHER), x86.call('other'), x86.call('own'), enterUser()],
      user: [x86.call('other'), exitUser],
      more: [subroutine, { at: PLACE.kernel + 0x2000, items: [label('own'), x86.ret] }],
    },
    (guest, heard) => guest.smep(heard),
  );
  assert.equal(log, [at(0), at(0)]);
  await machine.close();
});

test('SMEP denies what ret2usr does', async () => {
  const { machine } = await startGuest({
    kernel: [x86.call('other'), x86.finish, faultHandler],
    more: [subroutine],
    gates: PAGE_FAULT,
  });
  machine.smep(() => 'deny');
  await runToEnd(machine);
  // Bits 0 and 4: the page was there, and it was a fetch.
  assert.equal([machine.cpu.ebx, machine.cpu.edx, machine.cpu.esi], [0, OTHER, 0x11]);
  await machine.close();
});

/** A page of the kernel's own. */
const OWN = PLACE.kernel + 0x2000;
const OWN_FRAME = frameOf(phys(OWN));

test('SMEP: a frame that is owned is not executed at CPL 0 through a supervisor page either, until it is disowned', async () => {
  const { machine, guest } = await startGuest({
    kernel: [x86.call('own'), x86.call('own'), label('between'), x86.call('own'), x86.finish],
    more: [{ at: OWN, items: [label('own'), x86.inc('ebx'), x86.ret] }],
  });
  const log: string[] = [];
  const watch = machine.smep((access) => void log.push(show(access)));
  watch.own(OWN_FRAME);
  machine.probe(virt(guest.address('between')), () => watch.disown(OWN_FRAME));
  await runToEnd(machine);
  assert.equal(log, [at(0, OWN), at(0, OWN)]);
  assert.is(machine.cpu.ebx, 3);
  assert.throws(() => watch.own(frameOf(phys(machine.memory.size))), /frame: expected a frame of RAM/);
  await machine.close();
});

test('SMEP: an owned frame that is denied gives the page fault that a CPU without SMEP would', async () => {
  const { machine } = await startGuest({
    kernel: [x86.call('own'), x86.finish, faultHandler],
    more: [{ at: OWN, items: [label('own'), x86.inc('ebx'), x86.ret] }],
    gates: PAGE_FAULT,
  });
  machine.smep(() => 'deny').own(OWN_FRAME);
  await runToEnd(machine);
  assert.equal([machine.cpu.ebx, machine.cpu.edx, machine.cpu.esi], [0, OWN, 1]);
  await machine.close();
});

test('SMEP: a frame whose kernel code is compiled is heard of from when it is owned, and no more in a restored machine', async () => {
  const { machine } = await startGuest({
    kernel: [x86.repeat('rounds', 20_000, 'edi', x86.call('hot'), x86.increment(PLACE.data)), x86.finish],
    more: [{ at: OWN, items: [label('hot'), spin(), x86.ret] }],
  });
  const compiled = new Set<number>();
  machine.on('jit-install', ({ address }) => void compiled.add(address & ~0xfff));
  await machine.run({ until: () => compiled.has(OWN) });
  const rounds = (guest = machine): number => guest.memory.readWord(virt(PLACE.data))!;
  let entries = 0;
  const watch = machine.smep(() => void entries++);
  await machine.run({ until: () => rounds() > 4000 });
  assert.is(entries, 0);
  watch.own(OWN_FRAME);
  const from = rounds();
  await machine.run({ until: () => rounds() > from + 50 });
  const seen = rounds() - from;
  assert.ok(Math.abs(entries - seen) <= 1, `${entries} entries in ${seen} rounds`);
  const restored = await Machine.restore(await machine.save(), await loadAssets());
  let again = 0;
  restored.smep(() => void again++);
  await runToEnd(restored);
  assert.is(again, 0);
  assert.is(rounds(restored), 20_000);
  await restored.close();
  await machine.close();
});

test('SMEP hears of each entry, though the page is hot at CPL 0 before it is armed and after', async () => {
  const { machine } = await startGuest({
    kernel: [
      x86.repeat('rounds', 8000, 'edi', x86.load('eax', OTHER), x86.call('hot'), x86.increment(PLACE.data)),
      x86.finish,
    ],
    more: [{ at: OTHER, items: [label('hot'), spin(), x86.ret] }],
  });
  const compiled = new Set<number>();
  machine.on('jit-install', ({ address }) => void compiled.add(address & ~0xfff));
  await machine.run({ until: () => compiled.has(OTHER) });
  const rounds = (): number => machine.memory.readWord(virt(PLACE.data))!;
  const from = rounds();
  let entries = 0;
  machine.smep(() => void entries++);
  await runToEnd(machine);
  const seen = rounds() - from;
  assert.ok(seen > 4000);
  assert.ok(Math.abs(entries - seen) <= 1, `${entries} entries in ${seen} rounds`);
  await machine.close();
});

test('a page without R can be executed, also when it is hot, and its code can be changed', async () => {
  const { machine } = await startGuest({
    kernel: [enterUser()],
    user: [
      ...[x86.repeat('rounds', 3000, 'edi', x86.call('hot')), x86.storeImmediate('code', 0x4b), x86.call('hot')],
      exitUser,
    ],
    more: [{ at: OTHER, items: [label('hot'), spin(), label('code'), x86.inc('ebx'), [0x0f, 0x1f, 0], x86.ret] }],
  });
  const reads: number[] = [];
  machine.protect(FRAME, { read: true }, ({ address }) => void reads.push(address!));
  await machine.run({ instructions: 10_000_000 }).catch((error: Error) => assert.unreachable(error.message));
  assert.equal(reads, []);
  await machine.close();
});

test('single steps into a page without X are reported', async () => {
  const { machine } = await startGuest({ kernel: [x86.call('other'), x86.finish], more: [subroutine] });
  const log: string[] = [];
  machine.protect(FRAME, { execute: true }, (access) => void log.push(show(access)));
  machine.step(4);
  assert.equal([...new Set(log)], [at(0), at(0, OTHER + 1)]);
  await machine.close();
});

test.run();
