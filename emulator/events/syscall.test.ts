// System calls by each gate, and the returns from them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Item, label } from '../testing/assembly.ts';
import { bare, record, runToEnd, startGuest } from '../testing/run-guest.ts';
import { SELECTOR } from '../testing/system-tables.ts';
import { EXIT, enterUser, exitUser, type GuestDescription, PLACE } from '../testing/tiny-guest.ts';
import * as x86 from '../testing/x86.ts';
import type { EventKind } from './kinds.ts';

const KINDS: readonly EventKind[] = ['syscall', 'syscall-return', 'software-interrupt', 'exception', 'cpl-change'];

async function events(description: GuestDescription) {
  const { machine, guest } = await startGuest(description);
  const recorded = record(machine, KINDS);
  await runToEnd(machine);
  await machine.close();
  return { recorded, address: guest.address };
}

/** The six argument registers of Linux, as `arguments` shows them. */
const ARGUMENTS: readonly Item[] = [
  ...[x86.mov('ebx', 11), x86.mov('ecx', 12), x86.mov('edx', 13)],
  ...[x86.mov('esi', 14), x86.mov('edi', 15), x86.mov('ebp', 16)],
];
const SHOWN = [11, 12, 13, 14, 15, 16];

/** How the program enters CPL 3 at first and leaves it at last. */
const begin = (target: number) => [
  { kind: 'cpl-change', old: 0, value: 3, way: 'iret' },
  { kind: 'syscall-return', path: 'iret', target, stack: PLACE.userStack, entry: 'unknown', value: 0 },
];
const end = (number: number, shown: readonly number[]) => [
  { kind: 'software-interrupt', vector: EXIT },
  { kind: 'syscall', gate: 'int', vector: EXIT, number, arguments: shown },
  { kind: 'cpl-change', old: 3, value: 0, way: 'interrupt-gate' },
];

test('INT n through a gate with DPL 3', async () => {
  const { recorded, address } = await events({
    kernel: [enterUser(), label('entry'), x86.mov('eax', 42), x86.iret],
    user: [ARGUMENTS, x86.mov('eax', 7), label('call'), x86.int(0x80), label('next'), exitUser],
    gates: { 128: { to: 'entry', dpl: 3 } },
  });
  assert.equal(bare(recorded), [
    ...begin(address('user')),
    { kind: 'software-interrupt', vector: 0x80 },
    { kind: 'syscall', gate: 'int', vector: 0x80, number: 7, arguments: SHOWN },
    { kind: 'cpl-change', old: 3, value: 0, way: 'interrupt-gate' },
    { kind: 'cpl-change', old: 0, value: 3, way: 'iret' },
    {
      kind: 'syscall-return',
      path: 'iret',
      target: address('next'),
      stack: PLACE.userStack,
      entry: 'syscall',
      value: 42,
    },
    ...end(42, SHOWN),
  ]);
  const call = recorded.find(({ kind }) => kind === 'syscall')!;
  assert.equal([call.eip, call.cpl, call.cr3], [address('call'), 3, PLACE.pageDirectory]);
});

test('INT n through a gate with DPL 0 is no system call but #GP', async () => {
  const { recorded, address } = await events({
    kernel: [enterUser(), label('fault'), x86.popRegister('eax'), [0x83, 0x04, 0x24, 2], x86.iret], // add dword [esp], 2
    user: [x86.int(0x30), label('next'), exitUser],
    gates: { 13: { to: 'fault' } },
  });
  const errorCode = (0x30 << 3) | 2;
  assert.equal(bare(recorded), [
    ...begin(address('user')),
    { kind: 'software-interrupt', vector: 0x30 },
    { kind: 'exception', vector: 13, errorCode },
    { kind: 'cpl-change', old: 3, value: 0, way: 'interrupt-gate' },
    { kind: 'cpl-change', old: 0, value: 3, way: 'iret' },
    {
      kind: 'syscall-return',
      path: 'iret',
      target: address('next'),
      stack: PLACE.userStack,
      entry: 'exception',
      value: errorCode,
    },
    ...end(errorCode, [0, 0, 0, 0, 0, 0]),
  ]);
});

test('INT n beyond the limit of the IDT, or with no gate there, is no system call', async () => {
  for (const vector of [0x50, 0xf0]) {
    const { recorded } = await events({
      kernel: [enterUser()],
      user: [x86.int(vector), exitUser],
    });
    const kinds = recorded.map(({ kind }) => kind);
    assert.equal(kinds.includes('syscall'), false, `vector ${vector}`);
  }
});

test('INT n at CPL 0 is a software interrupt and no system call', async () => {
  const { recorded } = await events({
    kernel: [x86.int(0x80), x86.finish, label('entry'), x86.iret],
    gates: { 128: { to: 'entry', dpl: 3 } },
  });
  assert.equal(bare(recorded), [{ kind: 'software-interrupt', vector: 0x80 }]);
});

test('SYSENTER and SYSEXIT', async () => {
  const { recorded, address } = await events({
    kernel: [
      ...[x86.mov('ecx', 0x174), x86.mov('eax', SELECTOR.kernelCode), x86.wrmsr],
      ...[x86.mov('ecx', 0x175), x86.mov('eax', PLACE.kernelStack), x86.wrmsr],
      ...[x86.mov('ecx', 0x176), x86.mov('eax', 'entry'), x86.wrmsr, x86.mov('eax', 0), enterUser()],
      ...[label('entry'), x86.mov('edx', 'next'), x86.mov('ecx', PLACE.userStack - 32), x86.mov('eax', 43)],
      x86.sysexit,
    ],
    user: [ARGUMENTS, x86.mov('eax', 8), label('call'), x86.sysenter, label('next'), exitUser],
  });
  const shown = SHOWN.with(1, PLACE.userStack - 32).with(2, address('next'));
  assert.equal(bare(recorded), [
    ...begin(address('user')),
    { kind: 'syscall', gate: 'sysenter', vector: 0, number: 8, arguments: SHOWN },
    { kind: 'cpl-change', old: 3, value: 0, way: 'sysenter' },
    { kind: 'cpl-change', old: 0, value: 3, way: 'sysexit' },
    {
      kind: 'syscall-return',
      path: 'sysexit',
      target: address('next'),
      stack: PLACE.userStack - 32,
      entry: 'unknown',
      value: 43,
    },
    ...end(43, shown),
  ]);
  assert.is(recorded.find(({ kind }) => kind === 'syscall')!.eip, address('call'));
});

test('SYSENTER without SYSENTER_CS is #GP', async () => {
  const { recorded } = await events({ kernel: [enterUser()], user: [x86.sysenter] });
  assert.equal(
    bare(recorded).filter(({ kind }) => kind === 'syscall' || kind === 'exception'),
    [{ kind: 'exception', vector: 13, errorCode: 0 }],
  );
});

test('a far call through a call gate, and RETF', async () => {
  const { recorded, address } = await events({
    kernel: [enterUser(), label('entry'), x86.mov('eax', 44), x86.retf],
    user: [ARGUMENTS, x86.mov('eax', 9), x86.farCall(SELECTOR.callGate, 0), label('next'), exitUser],
    callGate: 'entry',
  });
  assert.equal(bare(recorded), [
    ...begin(address('user')),
    { kind: 'syscall', gate: 'call-gate', vector: 0, number: 9, arguments: SHOWN },
    { kind: 'cpl-change', old: 3, value: 0, way: 'call-gate' },
    { kind: 'cpl-change', old: 0, value: 3, way: 'far-return' },
    {
      kind: 'syscall-return',
      path: 'retf',
      target: address('next'),
      stack: PLACE.userStack,
      entry: 'syscall',
      value: 44,
    },
    ...end(44, SHOWN),
  ]);
});

test.run();
