// Accesses to protected pages: reported before they happen, and denied without a trace.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Access, AccessDecision } from './access.ts';
import { type Frame, frameOf, phys, type VirtAddr, virt } from './address.ts';
import type { Machine } from './machine.ts';
import { ACCESSES, allAccesses, EAX, enableSse, faultHandler } from './testing/accesses.ts';
import { label } from './testing/assembly.ts';
import { record, startGuest } from './testing/run-guest.ts';
import { enterUser, PLACE } from './testing/tiny-guest.ts';
import * as x86 from './testing/x86.ts';

const FRAMES: readonly Frame[] = [frameOf(phys(PLACE.data)), frameOf(phys(PLACE.data + 0x1000))];

const show = ({ kind, size, physical, value }: Access): string => {
  const stored = value ? `=${value.map((word) => (word >>> 0).toString(16))}` : '';
  return `${kind[0]}${size}@${(physical - PLACE.data).toString(16)}${stored}`;
};

/** The vector by which a program says that an access comes next. */
const NEXT = 0x82;

/** A machine whose program makes all accesses at CPL 3, again and again. */
async function accessing() {
  const { machine, guest } = await startGuest({
    kernel: [enableSse, enterUser(), faultHandler, label('next'), x86.iret],
    user: [label('round'), allAccesses(x86.int(NEXT)), x86.jmp('round')],
    gates: { 14: { to: 'fault' }, [NEXT]: { to: 'next', dpl: 3 } },
  });
  machine.on('syscall', ({ vector }) => (vector === NEXT ? 'stop' : undefined));
  machine.on('page-fault', () => 'stop');
  /** Goes on to the access of a name, with the pages as they are at first. */
  const standAt = async (name: string): Promise<VirtAddr> => {
    const eip = virt(guest.address(`at ${name}`));
    while (machine.cpu.eip !== eip) {
      // Back from the kernel step by step, which may be to the very instruction.
      if (machine.cpu.cpl === 0) machine.step(20, () => machine.cpu.cpl === 0);
      else assert.is(await machine.run({ instructions: 100_000 }), 'stopped');
    }
    machine.memory.writePhysical(phys(PLACE.data), CONTENT);
    return eip;
  };
  return { machine, guest, standAt };
}

const CONTENT = Uint8Array.from({ length: 0x2000 }, (_, i) => i);

const pages = (machine: Machine): Buffer =>
  Buffer.from(machine.memory.readPhysical(phys(PLACE.data), 0x2000) as Uint8Array);

test('accesses of every kind are reported before they happen, and happen as if unwatched', async () => {
  const [plain, watched] = [await accessing(), await accessing()];
  let onAccess: (access: Access) => void = () => {};
  for (const frame of FRAMES) watched.machine.protect(frame, { read: true, write: true }, (access) => onAccess(access));
  for (const [name, { reports }] of Object.entries(ACCESSES)) {
    const eip = await watched.standAt(name);
    await plain.standAt(name);
    const model = pages(watched.machine);
    const seen: string[] = [];
    onAccess = (access) => {
      seen.push(show(access));
      assert.equal([access.by, access.address, access.eip, access.cpl], ['cpu', access.physical, eip, 3], name);
      // Nothing is written but what was reported before.
      assert.ok(model.equals(pages(watched.machine)), name);
      const at = access.physical - PLACE.data;
      for (let i = 0; access.value && i < access.size; i++) model[at + i] = access.value[i >> 2]! >>> (8 * (i & 3));
    };
    for (const { machine } of [plain, watched]) await machine.run({ instructions: 100_000 });
    assert.is(seen.join(' '), reports, name);
    assert.ok(pages(watched.machine).equals(pages(plain.machine)), name);
    assert.equal(watched.machine.cpu.toJSON(), plain.machine.cpu.toJSON(), name);
  }
  await Promise.all([plain.machine.close(), watched.machine.close()]);
});

test('denied, the guest has a page fault, and the instruction has done nothing', async () => {
  const { machine, standAt } = await accessing();
  let onAccess: (access: Access) => AccessDecision = () => undefined;
  for (const frame of FRAMES) machine.protect(frame, { read: true, write: true }, (access) => onAccess(access));
  let state: Record<string, number> = {};
  let memory = pages(machine);
  machine.on('page-fault', ({ cpu, address, errorCode }) => {
    const { previousEip, eflags, ...registers } = cpu.toJSON() as Record<string, number>;
    state = { ...registers, address, errorCode };
    memory = pages(machine);
  });
  for (const [name, { reports }] of Object.entries(ACCESSES)) {
    for (let denied = 0; denied < reports.split(' ').length; denied++) {
      const eip = await standAt(name);
      const { previousEip, eflags, cr2: _, ...before } = machine.cpu.toJSON() as Record<string, number>;
      let count = 0;
      let fault = { address: 0, errorCode: 0 };
      onAccess = ({ address, kind }) => {
        if (count++ !== denied) return undefined;
        fault = { address: address!, errorCode: 5 | (kind === 'write' ? 2 : 0) };
        return 'deny';
      };
      assert.is(await machine.run({ instructions: 100_000 }), 'stopped');
      onAccess = () => undefined;
      const { address, errorCode, cr2, ...after } = state;
      const what = `${name}, access ${denied}`;
      assert.equal({ address, errorCode }, fault, what);
      assert.equal([cr2, after.eip], [fault.address, eip], what);
      if (name.startsWith('rep')) {
        // A repeated instruction is interrupted between two elements: its registers name the one that was denied.
        assert.ok([after.esi, after.edi].includes(fault.address), what);
        const done = before.ecx! - after.ecx!;
        const size = name === 'rep movsd' ? 4 : 1;
        assert.equal(after.edi! - before.edi!, name === 'rep lodsb' ? 0 : done * size, what);
      } else {
        assert.equal(after, before, what);
        assert.ok(memory.equals(CONTENT), what);
      }
    }
  }
  await machine.close();
});

test('what needs no right that was taken is not reported', async () => {
  const { machine, standAt } = await accessing();
  await standAt('modify 32');
  const seen: string[] = [];
  machine.protect(FRAMES[1]!, { read: true, write: true }, (one) => void seen.push(show(one)));
  machine.protect(FRAMES[0]!, { execute: true }, (one) => void seen.push(show(one)));
  await machine.run({ instructions: 100_000 });
  assert.equal(seen, []);
  await machine.close();
});

test('stop lets the access happen', async () => {
  const { machine, guest, standAt } = await accessing();
  await standAt('write 32');
  machine.protect(FRAMES[0]!, { write: true }, () => 'stop');
  assert.is(await machine.run({ instructions: 100_000 }), 'stopped');
  assert.is(machine.cpu.eip, guest.address('after write 32'));
  assert.is(machine.memory.readWord(virt(PLACE.data + 8)), EAX);
  await machine.run({ instructions: 100_000 });
  await machine.close();
});

test('disposed of, a protection is gone; two on a frame both hear', async () => {
  const { machine, standAt } = await accessing();
  await standAt('modify 32');
  const heard: string[] = [];
  const first = machine.protect(FRAMES[0]!, { read: true }, ({ kind }) => void heard.push(`first ${kind}`));
  machine.protect(FRAMES[0]!, { read: true, write: true }, ({ kind }) => void heard.push(`second ${kind}`));
  const third = machine.protect(FRAMES[0]!, { write: true }, ({ kind }) => void heard.push(`third ${kind}`));
  third[Symbol.dispose]();
  await machine.run({ instructions: 100_000 });
  assert.equal(heard, ['first read', 'second read', 'second write']);
  first[Symbol.dispose]();
  await machine.close();
});

test('an error of a handler comes out of run, and the access has happened', async () => {
  const { machine, standAt } = await accessing();
  await standAt('write 32');
  machine.protect(FRAMES[0]!, { write: true }, () => {
    throw new Error('of the handler');
  });
  const message = await machine.run({ instructions: 100_000 }).catch((error: Error) => error.message);
  assert.is(message, 'of the handler');
  await machine.run({ instructions: 100_000 });
  assert.is(machine.memory.readWord(virt(PLACE.data + 8)), EAX);
  await machine.close();
});

test('frames and rights that make no sense are refused', async () => {
  const { machine, standAt } = await accessing();
  await standAt('read 32');
  assert.throws(() => machine.protect(0x800 as Frame, { read: true }, () => {}), /frame of RAM, 0 to 2047; found 2048/);
  assert.throws(() => machine.protect(FRAMES[0]!, {}, () => {}), /at least one of read, write/);
  assert.equal(record(machine, ['tlb-flush']), []);
  await machine.close();
});

test.run();
