// HLT, ports, DMA, compiled code, the serial line and the screen.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { phys } from '../address.ts';
import type { MachineOptions } from '../machine.ts';
import { type Item, label, long } from '../testing/assembly.ts';
import { out, readSector } from '../testing/devices.ts';
import { hotPrograms } from '../testing/hot-programs.ts';
import { bare, record, runToEnd, startGuest } from '../testing/run-guest.ts';
import { enterUser, type GuestDescription, PLACE } from '../testing/tiny-guest.ts';
import * as x86 from '../testing/x86.ts';
import type { EventKind } from './kinds.ts';

async function events(description: GuestDescription, kinds: readonly EventKind[], options?: Partial<MachineOptions>) {
  const { machine } = await startGuest(description, options);
  const recorded = record(machine, kinds);
  await runToEnd(machine);
  await machine.close();
  return bare(recorded);
}

test('HLT and what wakes it', async () => {
  const timer = [
    ...[out(0x20, 0x11), out(0x21, 0x20), out(0x21, 4), out(0x21, 1), out(0x21, 0xfe)],
    ...[out(0x43, 0x34), out(0x40, 0), out(0x40, 0x10)],
  ];
  assert.equal(
    await events(
      { kernel: [timer, x86.sti, x86.hlt, x86.finish, label('timer'), x86.iret], gates: { 32: { to: 'timer' } } },
      ['halt', 'interrupt'],
    ),
    [
      { kind: 'halt', halted: true },
      { kind: 'halt', halted: false },
      { kind: 'interrupt', vector: 0x20 },
      { kind: 'halt', halted: true },
    ],
  );
});

test('HLT at CPL 3 is no halt', async () => {
  assert.equal(await events({ kernel: [enterUser()], user: [x86.hlt] }, ['halt', 'exception']), [
    { kind: 'exception', vector: 13, errorCode: 0 },
    { kind: 'halt', halted: true }, // of the handler that ends the run
  ]);
});

/** A port that no device has: reads give ones. */
const FREE = 0xf000;
/** Interrupt mask of the first controller, which v86 keeps outside its device models. */
const MASK = 0x21;

test('IN and OUT of each width, in all encodings', async () => {
  const io = (port: number, size: number, write: boolean, value: number) => ({
    ...{ kind: 'port-io', port, size, write, value },
  });
  assert.equal(
    await events(
      {
        kernel: [
          ...[x86.mov('eax', 0x11223344), x86.mov('edx', FREE), x86.outByte, x86.outWord, x86.outLong],
          ...[x86.inByte, x86.inWord, x86.inLong],
          ...[x86.mov('eax', 0x55667788), [0xe6, 0xe8], [0x66, 0xe7, 0xe8], [0xe7, 0xe8]],
          ...[
            [0xe4, 0xe8],
            [0x66, 0xe5, 0xe8],
            [0xe5, 0xe8],
          ],
          ...[out(MASK, 0xa5), [0xe4, MASK], x86.finish],
        ],
      },
      ['port-io'],
    ),
    [
      ...[io(FREE, 1, true, 0x44), io(FREE, 2, true, 0x3344), io(FREE, 4, true, 0x11223344)],
      ...[io(FREE, 1, false, 0xff), io(FREE, 2, false, 0xffff), io(FREE, 4, false, 0xffffffff)],
      ...[io(0xe8, 1, true, 0x88), io(0xe8, 2, true, 0x7788), io(0xe8, 4, true, 0x55667788)],
      ...[io(0xe8, 1, false, 0xff), io(0xe8, 2, false, 0xffff), io(0xe8, 4, false, 0xffffffff)],
      ...[io(MASK, 1, true, 0xa5), io(MASK, 1, false, 0xa5)],
    ],
  );
});

test('string I/O of each width, repeated and not', async () => {
  const strings = (opcode: readonly number[], pointer: 'esi' | 'edi'): Item => [
    ...[x86.mov('ecx', 2), x86.mov(pointer, PLACE.data), [0xf3, ...opcode]],
    ...[x86.mov(pointer, PLACE.data), [...opcode]],
  ];
  const recorded = await events(
    {
      kernel: [
        ...[x86.mov('edx', FREE), strings([0x6e], 'esi'), strings([0x66, 0x6f], 'esi'), strings([0x6f], 'esi')],
        ...[strings([0x6c], 'edi'), strings([0x66, 0x6d], 'edi'), strings([0x6d], 'edi'), x86.finish],
      ],
      more: [{ at: PLACE.data, items: [1, 2, 3, 4, 5, 6, 7, 8] }],
    },
    ['port-io'],
  );
  const seen = recorded.map(({ size, write, value }) => [write ? 'out' : 'in', size, value]);
  assert.equal(seen, [
    ...[1, 2, 1].map((value) => ['out', 1, value]),
    ...[0x0201, 0x0403, 0x0201].map((value) => ['out', 2, value]),
    ...[0x04030201, 0x08070605, 0x04030201].map((value) => ['out', 4, value]),
    ...[0xff, 0xff, 0xff].map((value) => ['in', 1, value]),
    ...[0xffff, 0xffff, 0xffff].map((value) => ['in', 2, value]),
    ...[0xffffffff, 0xffffffff, 0xffffffff].map((value) => ['in', 4, value]),
  ]);
});

test('a floppy controller that reads a sector by DMA', async () => {
  const floppy = new Uint8Array(1440 << 10).map((_, i) => i % 251);
  const { machine } = await startGuest({ kernel: [readSector(PLACE.data), x86.finish] }, { boot: { floppy } });
  const recorded = record(machine, ['dma']);
  await runToEnd(machine);
  assert.equal(bare(recorded), [{ kind: 'dma', address: PLACE.data, length: 512 }]);
  assert.equal(machine.memory.readPhysical(phys(PLACE.data), 512), floppy.slice(0, 512));
  await machine.close();
});

test('compiled code is announced before it is installed', async () => {
  const description = hotPrograms()['system calls by INT']!;
  const installs = await events(description, ['jit-install']);
  const pages = installs.map(({ address }) => (address as number) & ~0xfff);
  assert.equal([...new Set(pages)].sort(), [PLACE.kernel, PLACE.user]);
  for (const { size } of installs) assert.ok((size as number) > 500);
  assert.equal(await events(description, ['jit-install'], { jit: false }), []);
});

test('bytes on the serial line', async () => {
  const text = 'Hi!';
  const { machine } = await startGuest({
    kernel: [...[...text].map((character) => out(0x3f8, character.charCodeAt(0))), x86.finish],
  });
  const recorded = record(machine, ['serial-output']);
  await runToEnd(machine);
  assert.equal(
    bare(recorded),
    [...text].map((character) => ({ kind: 'serial-output', port: 0, byte: character.charCodeAt(0) })),
  );
  assert.is(machine.console.text, text);
  await machine.close();
});

test('characters on the text screen', async () => {
  const put = (row: number, column: number, character: string): Item => [
    ...[0xc6, 0x05, long(0xb8000 + 2 * (80 * row + column)), character.charCodeAt(0)], // mov byte [cell], character
  ];
  const { machine } = await startGuest({
    kernel: [
      // What a BIOS would have done: memory at 0xb8000 for text, and planes 0 and 1 written.
      ...[out(0x3ce, 6), out(0x3cf, 0x0e), out(0x3c4, 2), out(0x3c5, 3)],
      ...[put(0, 0, 'A'), put(2, 5, 'b'), x86.finish],
    ],
  });
  const recorded = record(machine, ['screen-text']);
  await runToEnd(machine);
  assert.equal(bare(recorded), [
    { kind: 'screen-text', row: 0, column: 0, character: 'A'.charCodeAt(0) },
    { kind: 'screen-text', row: 2, column: 5, character: 'b'.charCodeAt(0) },
  ]);
  await machine.close();
});

test.run();
