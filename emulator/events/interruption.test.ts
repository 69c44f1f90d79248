// Page faults, other exceptions, and hardware interrupts.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from '../address.ts';
import { type Item, label } from '../testing/assembly.ts';
import { bare, record, runToEnd, startGuest } from '../testing/run-guest.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from '../testing/tiny-guest.ts';
import * as x86 from '../testing/x86.ts';
import type { EventKind } from './kinds.ts';

async function events(description: GuestDescription, kinds: readonly EventKind[]) {
  const { machine, guest } = await startGuest(description);
  const recorded = record(machine, kinds);
  await runToEnd(machine);
  await machine.close();
  return { recorded, address: guest.address };
}

/** Past the instruction of `length` bytes that raised an exception with an error code. */
const skip = (length: number): Item => [[0x83, 0xc4, 4], [0x83, 0x04, 0x24, length], x86.iret];

/** Bits of a page fault's error code. */
const [PRESENT, WRITE, USER] = [1, 2, 4];

test('page faults: read, write, read-modify-write and fetch, from CPL 3 and 0', async () => {
  const { recorded, address } = await events(
    {
      kernel: [
        ...[label('kernel read'), x86.load('eax', PLACE.unmapped), label('kernel write')],
        ...[x86.store(PLACE.readOnly, 'eax'), enterUser()],
        ...[label('fault'), [0x8b, 0x44, 0x24, 4]], // mov eax, [esp + 4]
        ...[x86.cmp('eax', PLACE.unmapped), x86.jz('fetched'), skip(6)],
        ...[label('fetched'), x86.finish],
      ],
      user: [
        ...[label('unmapped read'), x86.load('eax', PLACE.unmapped + 4), label('unmapped write')],
        ...[x86.store(PLACE.unmapped + 8, 'eax'), label('forbidden read'), x86.load('eax', PLACE.kernelData)],
        ...[label('forbidden write'), x86.store(PLACE.readOnly, 'eax'), label('modify'), x86.increment(PLACE.readOnly)],
        ...[x86.jmp('nowhere')],
      ],
      more: [{ at: PLACE.unmapped, items: [label('nowhere'), x86.nop] }],
      gates: { 14: { to: 'fault' } },
    },
    ['page-fault', 'exception'],
  );
  const expected: readonly (readonly [string, number, number])[] = [
    ['kernel read', PLACE.unmapped, 0],
    ['kernel write', PLACE.readOnly, PRESENT | WRITE],
    ['unmapped read', PLACE.unmapped + 4, USER],
    ['unmapped write', PLACE.unmapped + 8, USER | WRITE],
    ['forbidden read', PLACE.kernelData, USER | PRESENT],
    ['forbidden write', PLACE.readOnly, USER | PRESENT | WRITE],
    ['modify', PLACE.readOnly, USER | PRESENT | WRITE],
    ['nowhere', PLACE.unmapped, USER],
  ];
  const stamp = (at: string, errorCode: number) => ({
    cr3: PLACE.pageDirectory,
    cpl: errorCode & USER ? 3 : 0,
    eip: address(at),
  });
  assert.equal(
    recorded,
    expected.flatMap(([at, fault, errorCode]) => [
      { kind: 'page-fault', ...stamp(at, errorCode), address: fault, errorCode },
      { kind: 'exception', ...stamp(at, errorCode), vector: 14, errorCode },
    ]),
  );
});

test('exceptions with and without an error code', async () => {
  const { recorded } = await events(
    {
      kernel: [
        enterUser(),
        ...[label('bare'), [0x83, 0x04, 0x24, 2], x86.iret], // add dword [esp], 2
        ...[label('coded'), skip(2)],
        ...[label('trap'), x86.iret],
      ],
      user: [
        ...[x86.mov('ebx', 0), [0xf7, 0xf3]], // div ebx
        x86.ud2,
        ...[x86.mov('ebx', 0x7fff0000), [0x03, 0xdb], 0xce], // add ebx, ebx; into
        [x86.hlt, x86.nop],
        ...[x86.mov('ebx', 0x88), [0x8e, 0xdb]], // mov ds, ebx: beyond the GDT's limit
        x86.int3,
        exitUser,
      ],
      gates: {
        0: { to: 'bare' },
        3: { to: 'trap', dpl: 3 },
        4: { to: 'trap', dpl: 3 },
        6: { to: 'bare' },
        13: { to: 'coded' },
      },
    },
    ['exception', 'software-interrupt'],
  );
  assert.equal(bare(recorded), [
    { kind: 'exception', vector: 0, errorCode: undefined },
    { kind: 'exception', vector: 6, errorCode: undefined },
    { kind: 'software-interrupt', vector: 4 },
    { kind: 'exception', vector: 13, errorCode: 0 },
    { kind: 'exception', vector: 13, errorCode: 0x88 },
    { kind: 'software-interrupt', vector: 3 },
    { kind: 'software-interrupt', vector: 0x81 },
  ]);
});

/** Has the interrupt controllers start their vectors at `base` and lets only the timer through. */
const timerAt = (base: number): Item => {
  const out = (port: number, value: number): Item => [
    [0xb0, value],
    [0xe6, port],
  ];
  return [
    ...[out(0x20, 0x11), out(0x21, base), out(0x21, 4), out(0x21, 1), out(0x21, 0xfe)],
    ...[out(0x43, 0x34), out(0x40, 0), out(0x40, 0x10)],
  ];
};

test('the timer interrupt is no exception, whatever its vector', async () => {
  for (const base of [6, 0x20]) {
    const { recorded } = await events(
      {
        kernel: [
          ...[timerAt(base), x86.sti, x86.hlt, x86.cli, x86.ud2, x86.finish],
          ...[label('timer'), x86.pushRegister('eax'), [0xb0, 0x20, 0xe6, 0x20], x86.popRegister('eax')],
          // A second time it is #UD that comes here, if they share a vector.
          ...[x86.increment(PLACE.data), x86.load('ebx', PLACE.data), x86.cmp('ebx', 2)],
          ...[x86.jz('skip'), x86.iret, label('skip'), [0x83, 0x04, 0x24, 2], x86.iret],
          ...[label('invalid'), [0x83, 0x04, 0x24, 2], x86.iret],
        ],
        gates: { [base]: { to: 'timer' }, ...(base === 6 ? {} : { 6: { to: 'invalid' } }) },
      },
      ['interrupt', 'exception', 'software-interrupt'],
    );
    assert.equal(bare(recorded), [
      { kind: 'interrupt', vector: base },
      { kind: 'exception', vector: 6, errorCode: undefined },
    ]);
  }
});

test('an interrupt that nobody listened to leaves no trace: the next exception is one', async () => {
  const { machine } = await startGuest({
    kernel: [
      ...[timerAt(6), x86.sti, x86.hlt, x86.cli, x86.repeat('spin', 200_000, 'ecx'), x86.ud2, x86.finish],
      ...[label('both'), x86.pushRegister('eax'), [0xb0, 0x20, 0xe6, 0x20], x86.popRegister('eax')],
      ...[x86.increment(PLACE.data), x86.load('ebx', PLACE.data), x86.cmp('ebx', 2), x86.jz('skip'), x86.iret],
      ...[label('skip'), [0x83, 0x04, 0x24, 2], x86.iret],
    ],
    gates: { 6: { to: 'both' } },
  });
  await machine.run({ until: () => machine.memory.readWord(virt(PLACE.data)) === 1 });
  const recorded = record(machine, ['interrupt', 'exception']);
  await runToEnd(machine);
  assert.equal(bare(recorded), [{ kind: 'exception', vector: 6, errorCode: undefined }]);
  await machine.close();
});

test.run();
