// Guest memory through the page tables of each kind, and what is not there.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cr3, phys, type VirtAddr, virt } from './address.ts';
import type { Machine } from './machine.ts';
import { type Item, long } from './testing/assembly.ts';
import { runToEnd, startGuest } from './testing/run-guest.ts';
import { PAGE } from './testing/system-tables.ts';
import { type GuestDescription, MEMORY_SIZE, PLACE } from './testing/tiny-guest.ts';
import * as x86 from './testing/x86.ts';

/** A second address space: its data page is another frame. */
const SPACE = 0x10e000;
const SECOND_TABLE = 0x130000;
const OTHER_FRAME = PLACE.data + 0x5000;

const description: GuestDescription = {
  kernel: [x86.storeImmediate(PLACE.data, 0x11111111), x86.finish],
  more: [
    { at: SPACE, items: [long(SECOND_TABLE | PAGE.present | PAGE.writable)] },
    { at: SECOND_TABLE + (PLACE.data >> 10), items: [long(OTHER_FRAME | PAGE.present)] },
    { at: OTHER_FRAME, items: [long(0x22222222)] },
  ],
};

const miss = (machine: Machine, address: VirtAddr, space?: ReturnType<typeof cr3>): string => {
  const found = machine.memory.read(address, 4, space);
  if (found instanceof Uint8Array) return `found ${found}`;
  return `${found.reason} at ${found.address.toString(16)}`;
};

test('a word is read by the translation that the CPU has, also when the page tables say another by now', async () => {
  const entry = PLACE.pageTable + (PLACE.data >> 10);
  const moved = OTHER_FRAME | PAGE.present | PAGE.writable | PAGE.user;
  for (const forgets of [false, true]) {
    const { machine } = await startGuest({
      ...description,
      kernel: [
        ...[x86.storeImmediate(PLACE.data, 0x11111111), x86.storeImmediate(entry, moved)],
        ...(forgets ? [x86.movFromControl('eax', 3), x86.movToControl(3, 'eax')] : []),
        x86.finish,
      ],
    });
    await runToEnd(machine);
    const { memory } = machine;
    assert.is(memory.translate(virt(PLACE.data)), OTHER_FRAME);
    assert.is(memory.readWord(virt(PLACE.data)), forgets ? 0x22222222 : 0x11111111);
    await machine.close();
  }
});

test('the same address in two spaces; rights do not matter to a monitor', async () => {
  const { machine } = await startGuest(description);
  await runToEnd(machine);
  const { memory } = machine;
  const [address, other] = [virt(PLACE.data), cr3(SPACE)];
  assert.equal([memory.readWord(address), memory.readWord(address, other)], [0x11111111, 0x22222222]);
  assert.is(memory.write(address, Uint8Array.of(1, 2, 3, 4), other), undefined);
  assert.equal([memory.readWord(address), memory.readWord(address, other)], [0x11111111, 0x04030201]);
  assert.is(memory.wordAt(phys(OTHER_FRAME)), 0x04030201);
  await machine.close();
});

test('what is not mapped is a miss with the address, and nothing is read or written', async () => {
  const { machine } = await startGuest(description);
  const { memory } = machine;
  assert.is(miss(machine, virt(PLACE.unmapped)), 'not-present at 300000');
  assert.is(miss(machine, virt(PLACE.unmapped - 2)), 'not-present at 300000');
  assert.is(miss(machine, virt(PLACE.data + 0x1000), cr3(SPACE)), 'not-present at 221000');
  const before = memory.readWord(virt(PLACE.unmapped - 4));
  const failed = memory.write(virt(PLACE.unmapped - 2), Uint8Array.of(9, 9, 9, 9));
  assert.is(failed?.reason, 'not-present');
  assert.is(memory.readWord(virt(PLACE.unmapped - 4)), before);
  assert.is(memory.readWord(virt(PLACE.unmapped)), undefined);
  assert.is(memory.translate(virt(PLACE.unmapped)), undefined);
  await machine.close();
});

test('physical memory ends where RAM ends', async () => {
  const { machine } = await startGuest(description);
  const { memory } = machine;
  assert.instance(memory.readPhysical(phys(MEMORY_SIZE - 4), 4), Uint8Array);
  assert.equal(memory.readPhysical(phys(MEMORY_SIZE - 4), 5), {
    ...{ kind: 'miss', reason: 'outside-memory', address: MEMORY_SIZE },
  });
  assert.is(memory.writePhysical(phys(MEMORY_SIZE), Uint8Array.of(1))?.reason, 'outside-memory');
  assert.is(memory.wordAt(phys(MEMORY_SIZE)), undefined);
  assert.throws(() => memory.readPhysical(phys(0), -1), /length: expected 0 or more/);
  await machine.close();
});

test('walks of 4 KiB, 4 MiB and PAE pages agree with what the CPU does', async () => {
  const large = 0x456788; // in the second 4 MiB, or the third 2 MiB
  const access: Item = [x86.storeImmediate(large, 0xabcd1234), x86.load('eax', large), x86.finish];
  for (const [paging, levels, size] of [
    ['4 MiB', 1, 4 << 20],
    ['PAE', 2, 2 << 20],
  ] as const) {
    const { machine } = await startGuest({ kernel: [access], paging });
    await runToEnd(machine);
    const { memory, cpu } = machine;
    assert.is(cpu.eax, 0xabcd1234, paging);
    assert.is(memory.readWord(virt(large)), 0xabcd1234, paging);
    const walk = memory.walk(virt(large));
    assert.is(walk.kind, 'page');
    assert.equal([walk.levels.length, walk.kind === 'page' && walk.pageSize], [levels, size], paging);
    assert.is(memory.translate(virt(large)), large, paging);
    const small = memory.walk(virt(PLACE.data + 5));
    assert.equal([small.levels.length, small.kind === 'page' && small.physical], [levels + 1, PLACE.data + 5], paging);
    await machine.close();
  }
});

test('without paging addresses are physical', async () => {
  const { machine } = await startGuest({ ...description, paging: 'none' });
  await runToEnd(machine);
  assert.is(machine.memory.readWord(virt(PLACE.data)), 0x11111111);
  assert.is(machine.memory.translate(virt(PLACE.unmapped)), PLACE.unmapped);
  await machine.close();
});

test('strings and unaligned words across pages', async () => {
  const { machine } = await startGuest({
    kernel: [x86.finish],
    more: [{ at: PLACE.data + 0xffe, items: [...Buffer.from('hello\0'), 0xff] }],
  });
  const { memory } = machine;
  const at = virt(PLACE.data + 0xffe);
  assert.is(memory.readString(at), 'hello');
  assert.is(memory.readString(at, 3), 'hel');
  assert.is(memory.readWord(at), 0x6c6c6568);
  await machine.close();
});

test('code that a monitor writes is what runs, compiled or not', async () => {
  const { machine, guest } = await startGuest({
    kernel: [x86.repeat('rounds', 200_000, 'edi', { define: 'patched' }, x86.inc('ebx')), x86.finish],
  });
  await machine.run({ instructions: 400_000 });
  const before = machine.cpu.ebx;
  assert.ok(before > 0 && before < 200_000);
  machine.memory.write(virt(guest.address('patched')), Uint8Array.of(0x45)); // inc ebp
  await runToEnd(machine);
  assert.is(machine.cpu.ebx + machine.cpu.ebp, 200_000);
  assert.ok(machine.cpu.ebx - before <= 1);
  await machine.close();
});

test.run();
