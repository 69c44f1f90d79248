// LIDT, LGDT, LTR, ESP0 of the TSS, WRMSR.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Item, label, long, short } from '../testing/assembly.ts';
import { bare, record, runToEnd, startGuest } from '../testing/run-guest.ts';
import { SELECTOR } from '../testing/system-tables.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from '../testing/tiny-guest.ts';
import * as x86 from '../testing/x86.ts';
import type { EventKind } from './kinds.ts';

async function events(description: GuestDescription, ...kinds: EventKind[]) {
  const { machine, guest } = await startGuest(description);
  const recorded = record(machine, kinds);
  await runToEnd(machine);
  await machine.close();
  return { recorded: bare(recorded), eips: recorded.map(({ eip }) => eip), address: guest.address };
}

test('LIDT and LGDT, with 32-bit and 16-bit operands', async () => {
  const operandSize = 0x66;
  const { recorded, eips, address } = await events(
    {
      kernel: [
        ...[label('lidt'), x86.lidt('table'), label('lgdt'), x86.lgdt('table')],
        ...[label('short lidt'), operandSize, x86.lidt('table'), x86.finish],
        ...[label('table'), short(0x3f), long(0x12345678)],
      ],
    },
    'descriptor-table',
  );
  assert.equal(recorded, [
    { kind: 'descriptor-table', register: 'idtr', base: 0x12345678, limit: 0x3f },
    { kind: 'descriptor-table', register: 'gdtr', base: 0x12345678, limit: 0x3f },
    // A 16-bit operand size takes 24 bits of the base.
    { kind: 'descriptor-table', register: 'idtr', base: 0x345678, limit: 0x3f },
  ]);
  assert.equal(eips, ['lidt', 'lgdt', 'short lidt'].map(address));
});

test('LIDT at CPL 3 is #GP and no event', async () => {
  const { recorded } = await events(
    { kernel: [enterUser()], user: [x86.lidt(PLACE.data), exitUser] },
    'descriptor-table',
    'exception',
  );
  assert.equal(recorded, [{ kind: 'exception', vector: 13, errorCode: 0 }]);
});

test('LTR', async () => {
  const { recorded } = await events(
    { kernel: [x86.mov('eax', SELECTOR.secondTss), x86.ltr('eax'), x86.finish] },
    'task-register',
  );
  assert.equal(recorded, [
    { kind: 'task-register', selector: SELECTOR.secondTss, base: PLACE.secondTss, cause: 'ltr' },
  ]);
});

test('ESP0: stores of each width into the current TSS, and another TSS', async () => {
  const esp0 = PLACE.tss + 4;
  const storeWord: Item = [0x66, 0xc7, 0x05, long(esp0), short(0x4321)];
  const storeByte: Item = [0xc6, 0x05, long(esp0 + 3), 0x11];
  const { recorded } = await events(
    {
      kernel: [
        ...[x86.storeImmediate(esp0, 0x125000), storeWord, storeByte],
        // What does not change ESP0 is no event: the same value, and the words beside it.
        ...[x86.storeImmediate(esp0, 0x11124321), x86.storeImmediate(PLACE.tss + 8, 0x10), x86.increment(PLACE.tss)],
        ...[x86.storeImmediate(esp0 - 2, 0x56780000), x86.increment(esp0)],
        ...[x86.storeImmediate(PLACE.secondTss + 4, 0x777000), x86.mov('eax', SELECTOR.secondTss), x86.ltr('eax')],
        ...[x86.storeImmediate(PLACE.secondTss + 4, 0x778000), x86.storeImmediate(esp0, 0x999000), x86.finish],
      ],
    },
    'tss-esp0',
  );
  const values = [PLACE.kernelStack, 0x125000, 0x124321, 0x11124321, 0x11125678, 0x11125679, 0x777000, 0x778000];
  const expected = values.slice(1).map((value, i) => ({ kind: 'tss-esp0', old: values[i], value }));
  assert.equal(recorded, expected);
});

test('WRMSR at CPL 0, and not at CPL 3', async () => {
  const write = [x86.mov('ecx', 0x175), x86.mov('eax', 0x1000), x86.mov('edx', 2), x86.wrmsr];
  const { recorded } = await events(
    { kernel: [write, enterUser()], user: [write, exitUser] },
    'msr-write',
    'exception',
  );
  assert.equal(recorded, [
    { kind: 'msr-write', msr: 0x175, low: 0x1000, high: 2 },
    { kind: 'exception', vector: 13, errorCode: 0 },
  ]);
});

test.run();
