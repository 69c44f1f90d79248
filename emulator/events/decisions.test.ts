// What listeners decide: suppress, stop, and what becomes of an error of theirs.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { phys } from '../address.ts';
import type { Machine } from '../machine.ts';
import { type Item, label, long, short } from '../testing/assembly.ts';
import { hotPrograms } from '../testing/hot-programs.ts';
import { record, runToEnd, startGuest } from '../testing/run-guest.ts';
import { PAGE, SELECTOR } from '../testing/system-tables.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from '../testing/tiny-guest.ts';
import * as x86 from '../testing/x86.ts';
import { EVENT_KINDS, type EventKind } from './kinds.ts';

/** Runs a guest with everything of a kind suppressed, and gives it to `check` at its end. */
async function suppressed(
  kind: EventKind,
  description: GuestDescription,
  check: (machine: Machine) => void,
  decide: (event: Readonly<Record<string, unknown>>) => boolean = () => true,
): Promise<void> {
  const { machine } = await startGuest(description);
  let count = 0;
  machine.on(kind, (event) => {
    if (!decide(event as never)) return;
    count++;
    return 'suppress';
  });
  await runToEnd(machine);
  assert.ok(count > 0, `no ${kind}`);
  check(machine);
  await machine.close();
}

const kernel = (...items: readonly Item[]): GuestDescription => ({ kernel: [...items, x86.finish] });

test('a suppressed write of a control register has no effect', async () => {
  const write = (control: 0 | 3 | 4, value: number): Item => [x86.mov('eax', value), x86.movToControl(control, 'eax')];
  await suppressed('cr0-write', kernel(write(0, 0x11)), ({ cpu }) => assert.is(cpu.cr0, 0x80010011));
  await suppressed('cr3-write', kernel(write(3, 0)), ({ cpu }) => assert.is(cpu.cr3, PLACE.pageDirectory));
  await suppressed('cr4-write', kernel(write(4, 0x90)), ({ cpu }) => assert.is(cpu.cr4, 0));
  await suppressed('cr0-write', kernel(x86.mov('eax', 0x19), x86.lmsw('eax')), ({ cpu }) =>
    assert.is(cpu.cr0, 0x80010011),
  );
});

test('a suppressed CR3 write flushes nothing', async () => {
  const { machine } = await startGuest(kernel(x86.movFromControl('eax', 3), x86.movToControl(3, 'eax')));
  const flushes = record(machine, ['tlb-flush']);
  machine.on('cr3-write', () => 'suppress');
  await runToEnd(machine);
  assert.equal(flushes, []);
  await machine.close();
});

test('CLTS is not to be suppressed', async () => {
  const set: Item = [x86.mov('eax', 0x80010019), x86.movToControl(0, 'eax')];
  await suppressed(
    'cr0-write',
    kernel(set, x86.clts),
    ({ cpu }) => assert.is(cpu.cr0, 0x80010011),
    ({ cause }) => cause === 'clts',
  );
});

test('suppressed LIDT, LGDT and WRMSR leave the registers', async () => {
  const table: Item = [label('table'), short(7), long(0x1234)];
  await suppressed(
    'descriptor-table',
    { kernel: [x86.lidt('table'), x86.lgdt('table'), x86.finish, table] },
    ({ cpu }) =>
      assert.equal([cpu.idtrBase, cpu.idtrLimit, cpu.gdtrBase, cpu.gdtrLimit], [PLACE.idt, 0x7ff, PLACE.gdt, 0x3f]),
  );
  await suppressed('msr-write', kernel(x86.mov('ecx', 0x176), x86.mov('eax', 5), x86.wrmsr), ({ cpu }) =>
    assert.is(cpu.msr.sysenterEip, 0),
  );
});

test('a suppressed OUT does nothing, and a suppressed IN gives ones', async () => {
  const [port, value] = [0x3fb, 0x1b]; // the line control register of COM1
  const out: Item = [x86.mov('edx', port), x86.mov('eax', value), x86.outByte];
  const readBack: Item = [x86.mov('eax', 0), x86.inByte, x86.movRegister('ebx', 'eax')];
  const { machine } = await startGuest(kernel(out, readBack));
  await runToEnd(machine);
  assert.is(machine.cpu.ebx, value);
  await machine.close();
  const description = kernel(out, readBack);
  await suppressed(
    'port-io',
    description,
    ({ cpu }) => assert.is(cpu.ebx, 0),
    ({ write }) => write === true,
  );
  await suppressed(
    'port-io',
    description,
    ({ cpu }) => assert.is(cpu.ebx, 0xff),
    ({ write }) => write === false,
  );
});

test('a suppressed system call or software interrupt is an instruction that does nothing', async () => {
  const user: Item = [x86.mov('eax', 1), x86.int(0x80), x86.mov('ebx', 2), exitUser];
  const description: GuestDescription = {
    kernel: [enterUser(), label('entry'), x86.mov('eax', 99), x86.iret],
    user: [user],
    gates: { 128: { to: 'entry', dpl: 3 } },
  };
  for (const kind of ['syscall', 'software-interrupt'] as const)
    await suppressed(
      kind,
      description,
      ({ cpu }) => assert.equal([cpu.eax, cpu.ebx], [1, 2]),
      ({ vector }) => vector === 0x80,
    );
  const sysenter: GuestDescription = {
    kernel: [
      ...[x86.mov('ecx', 0x174), x86.mov('eax', SELECTOR.kernelCode), x86.wrmsr, x86.mov('ecx', 0x176)],
      ...[x86.mov('eax', 'unexpected'), x86.wrmsr, enterUser()],
    ],
    user: [x86.sysenter, x86.mov('ebx', 3), exitUser],
  };
  await suppressed(
    'syscall',
    sysenter,
    ({ cpu }) => assert.is(cpu.ebx, 3),
    ({ gate }) => gate === 'sysenter',
  );
});

test('a suppressed page fault runs the instruction again: a listener can map the page instead of the guest', async () => {
  for (const kind of ['page-fault', 'exception'] as const) {
    const { machine } = await startGuest({
      kernel: [enterUser()],
      user: [x86.mov('eax', 77), x86.store(PLACE.unmapped, 'eax'), x86.load('ebx', PLACE.unmapped), exitUser],
    });
    let faults = 0;
    const { memory } = machine;
    machine.on(kind, () => {
      faults++;
      const entry = new Uint8Array(4);
      new DataView(entry.buffer).setUint32(0, PLACE.data | PAGE.present | PAGE.writable | PAGE.user, true);
      memory.writePhysical(phys(PLACE.pageTable + (PLACE.unmapped >> 10)), entry);
      return 'suppress';
    });
    await runToEnd(machine);
    assert.equal([faults, machine.cpu.ebx, memory.wordAt(phys(PLACE.data))], [1, 77, 77]);
    await machine.close();
  }
});

test('a suppressed install leaves the code to the interpreter', async () => {
  const description = hotPrograms()['system calls by INT']!;
  const compiled = await startGuest(description);
  await runToEnd(compiled.machine);
  await suppressed('jit-install', description, ({ cpu }) => assert.equal(cpu.toJSON(), compiled.machine.cpu.toJSON()));
  await compiled.machine.close();
});

/** One guest in which events of most kinds happen. */
const varied = (): GuestDescription => ({
  kernel: [
    ...[x86.movFromControl('eax', 3), x86.movToControl(3, 'eax'), x86.clts, x86.mov('eax', 0x10)],
    ...[x86.movToControl(4, 'eax'), x86.lidt('idtr'), x86.mov('ecx', 0x176), x86.wrmsr],
    ...[x86.mov('edx', 0x3f8), x86.outByte, x86.storeImmediate(PLACE.tss + 4, PLACE.taskStack), enterUser()],
    ...[label('entry'), x86.mov('eax', SELECTOR.secondTss), x86.ltr('eax'), x86.iret],
    ...[label('fault'), [0x83, 0xc4, 4], [0x83, 0x04, 0x24, 6], x86.iret], // add esp, 4; add dword [esp], 6
  ],
  user: [x86.int(0x80), x86.load('eax', PLACE.kernelData), x86.mov('ebx', 3), exitUser],
  gates: { 128: { to: 'entry', dpl: 3 }, 14: { to: 'fault' } },
});

test('stop: the machine stops after the instruction, and a run goes on as if nothing had been', async () => {
  const kinds = EVENT_KINDS.filter((kind) => kind !== 'jit-install');
  for (const description of [varied(), hotPrograms()['page faults at CPL 3']!]) {
    const whole = await startGuest(description);
    const expected = record(whole.machine, kinds);
    await runToEnd(whole.machine);
    const { machine } = await startGuest(description);
    const recorded = record(machine, kinds);
    // Stops are many in short programs and few in long ones.
    const every = Math.ceil(expected.length / 100);
    let seen = 0;
    let eip = -1;
    for (const kind of kinds)
      machine.on(kind, (event) => {
        if (++seen % every !== 0) return;
        eip = event.eip;
        return 'stop';
      });
    let stops = 0;
    for (;;) {
      const end = await machine.run({ instructions: 50_000_000 });
      if (end !== 'stopped') break;
      stops++;
      // All events since the one that stopped are of the same instruction.
      for (const event of recorded.slice(seen - (seen % every))) assert.is(event.eip, eip);
    }
    assert.ok(stops > 10);
    assert.equal(recorded, expected);
    assert.equal(machine.cpu.toJSON(), whole.machine.cpu.toJSON());
    await Promise.all([machine.close(), whole.machine.close()]);
  }
});

test("a listener's error comes out of run, and the machine can go on", async () => {
  const { machine } = await startGuest(varied());
  const recorded = record(machine, ['cr3-write', 'syscall', 'page-fault']);
  let thrown = 0;
  for (const kind of ['cr3-write', 'syscall', 'page-fault', 'tss-esp0'] as const)
    machine.on(kind, () => {
      thrown++;
      throw new Error(`of ${kind}`);
    });
  const messages: string[] = [];
  for (let ended = false; !ended; )
    await runToEnd(machine).then(
      () => (ended = true),
      (error: Error) => messages.push(error.message),
    );
  assert.equal(messages.slice(0, 4), ['of cr3-write', 'of tss-esp0', 'of syscall', 'of tss-esp0']);
  assert.is(messages.length, thrown);
  assert.equal(
    recorded.map(({ kind }) => kind),
    ['cr3-write', 'syscall', 'page-fault', 'syscall'],
  );
  assert.is(machine.cpu.ebx, 3);
  await machine.close();
});

test.run();
