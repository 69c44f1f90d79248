// Accesses to protected pages: reported before they happen, and denied without a trace.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Frame, frameOf, phys, virt } from './address.ts';
import type { Machine } from './machine.ts';
import type { Access, AccessDecision } from './protect.ts';
import { ACCESSES, EAX, enableSse, type MemoryAccess, pageContent } from './testing/accesses.ts';
import { label } from './testing/assembly.ts';
import { record, runToEnd, startGuest } from './testing/run-guest.ts';
import { enterUser, exitUser, PLACE } from './testing/tiny-guest.ts';
import * as x86 from './testing/x86.ts';

const FRAMES: readonly Frame[] = [frameOf(phys(PLACE.data)), frameOf(phys(PLACE.data + 0x1000))];

const show = ({ kind, size, physical, value }: Access): string => {
  const stored = value ? `=${value.map((word) => (word >>> 0).toString(16))}` : '';
  return `${kind[0]}${size}@${(physical - PLACE.data).toString(16)}${stored}`;
};

/** A machine that stands at CPL 3 before the access itself. */
async function standingAt({ items, length }: MemoryAccess) {
  const { machine, guest } = await startGuest({
    kernel: [enableSse, enterUser(), label('fault'), x86.finish],
    user: [x86.mov('eax', EAX), ...items, label('after'), exitUser],
    more: [{ at: PLACE.data, items: [pageContent()] }],
    gates: { 14: { to: 'fault' } },
  });
  const eip = virt(guest.address('after') - length);
  machine.step(100, () => machine.cpu.eip !== eip);
  assert.is(machine.cpu.eip, eip);
  return { machine, eip, after: guest.address('after') };
}

const pages = (machine: Machine): Uint8Array => machine.memory.readPhysical(phys(PLACE.data), 0x2000) as Uint8Array;

for (const [name, access] of Object.entries(ACCESSES)) {
  test(`${name}: reported before it happens`, async () => {
    const plain = await standingAt(access);
    await runToEnd(plain.machine);
    const { machine, eip } = await standingAt(access);
    const reports: string[] = [];
    const model = pages(machine);
    for (const frame of FRAMES)
      machine.protect(frame, { read: true, write: true }, (one) => {
        reports.push(show(one));
        assert.equal([one.by, one.address, one.eip, one.cpl], ['cpu', one.physical, eip, 3]);
        // Nothing is written but what was reported before.
        assert.ok(Buffer.from(model).equals(pages(machine)));
        const at = one.physical - PLACE.data;
        for (let i = 0; one.value && i < one.size; i++) model[at + i] = one.value[i >> 2]! >>> (8 * (i & 3));
      });
    await runToEnd(machine);
    assert.is(reports.join(' '), access.reports);
    // Watched, it does what it does unwatched.
    assert.equal(pages(machine), pages(plain.machine));
    assert.equal(machine.cpu.toJSON(), plain.machine.cpu.toJSON());
    await Promise.all([machine.close(), plain.machine.close()]);
  });

  test(`${name}: denied, the guest has a page fault and nothing else`, async () => {
    const last = access.reports.split(' ').length - 1;
    for (const denied of new Set([0, last >> 1, last])) {
      const { machine, eip } = await standingAt(access);
      const before = { registers: machine.cpu.toJSON(), pages: pages(machine) };
      const repeated = name.startsWith('rep');
      const { ecx, edi } = machine.cpu;
      let seen = 0;
      let fault: { address: number; errorCode: number } | undefined;
      for (const frame of FRAMES)
        machine.protect(frame, { read: true, write: true }, (one): AccessDecision => {
          if (seen++ !== denied) return undefined;
          fault = { address: one.address!, errorCode: 5 | (one.kind === 'write' ? 2 : 0) };
          return 'deny';
        });
      const state: { registers?: unknown; pages?: Uint8Array } = {};
      machine.on('page-fault', ({ cpu, address, errorCode }) => {
        assert.equal({ address, errorCode }, fault);
        const { cr2, eflags, previousEip, ...registers } = cpu.toJSON() as Record<string, number>;
        assert.is(cr2, fault!.address);
        state.registers = registers;
        state.pages = pages(machine);
        return 'stop';
      });
      assert.is(await machine.run({ instructions: 100_000 }), 'stopped');
      const { cr2, eflags, previousEip, ...registers } = before.registers as Record<string, number>;
      const after = state.registers as Record<string, number>;
      assert.is(after.eip, eip);
      if (repeated) {
        // A repeated instruction is interrupted between two elements: its registers name the one that was denied.
        const size = name === 'rep movsd' ? 4 : 1;
        const done = ecx - after.ecx!;
        assert.ok([after.esi, after.edi].includes(fault!.address), `access ${denied}`);
        assert.is(name === 'rep lodsb' ? 0 : done * size, after.edi! - edi);
      } else {
        assert.equal(after, registers, `access ${denied}`);
        assert.ok(Buffer.from(before.pages).equals(state.pages!), `access ${denied}`);
      }
      await machine.close();
    }
  });
}

test('what needs no right that was taken is not reported', async () => {
  const { machine } = await standingAt(ACCESSES['modify 32']!);
  const seen: string[] = [];
  machine.protect(FRAMES[1]!, { read: true, write: true }, (one) => void seen.push(show(one)));
  machine.protect(FRAMES[0]!, { execute: true }, (one) => void seen.push(show(one)));
  await runToEnd(machine);
  assert.equal(seen, []);
  await machine.close();
});

test('stop lets the access happen', async () => {
  const { machine, after } = await standingAt(ACCESSES['write 32']!);
  machine.protect(FRAMES[0]!, { write: true }, () => 'stop');
  assert.is(await machine.run({ instructions: 100_000 }), 'stopped');
  assert.is(machine.cpu.eip, after);
  assert.is(machine.memory.readWord(virt(PLACE.data + 8)), EAX);
  await runToEnd(machine);
  await machine.close();
});

test('disposed of, a protection is gone; two on a frame both hear', async () => {
  const { machine } = await standingAt(ACCESSES['modify 32']!);
  const heard: string[] = [];
  const first = machine.protect(FRAMES[0]!, { read: true }, ({ kind }) => void heard.push(`first ${kind}`));
  machine.protect(FRAMES[0]!, { read: true, write: true }, ({ kind }) => void heard.push(`second ${kind}`));
  const third = machine.protect(FRAMES[0]!, { write: true }, ({ kind }) => void heard.push(`third ${kind}`));
  third[Symbol.dispose]();
  await runToEnd(machine);
  assert.equal(heard, ['first read', 'second read', 'second write']);
  first[Symbol.dispose]();
  await machine.close();
});

test('an error of a handler comes out of run, and the access has happened', async () => {
  const { machine } = await standingAt(ACCESSES['write 32']!);
  machine.protect(FRAMES[0]!, { write: true }, () => {
    throw new Error('of the handler');
  });
  const message = await machine.run({ instructions: 100_000 }).catch((error: Error) => error.message);
  assert.is(message, 'of the handler');
  await runToEnd(machine);
  assert.is(machine.memory.readWord(virt(PLACE.data + 8)), EAX);
  await machine.close();
});

test('frames and rights that make no sense are refused', async () => {
  const { machine } = await standingAt(ACCESSES['read 32']!);
  assert.throws(() => machine.protect(0x800 as Frame, { read: true }, () => {}), /frame of RAM, 0 to 2047; found 2048/);
  assert.throws(() => machine.protect(FRAMES[0]!, {}, () => {}), /at least one of read, write/);
  assert.equal(record(machine, ['tlb-flush']), []);
  await machine.close();
});

test.run();
