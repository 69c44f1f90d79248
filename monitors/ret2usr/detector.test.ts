// The detector on guests of a few instructions: frames that change hands, and a kernel that lies on the user's pages.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { x86 } from '../../emulator/index.ts';
import { label } from '../../emulator/testing/assembly.ts';
import { runToEnd, startGuest } from '../../emulator/testing/run-guest.ts';
import { enterUser, type GuestDescription, PLACE } from '../../emulator/testing/tiny-guest.ts';
import * as op from '../../emulator/testing/x86.ts';
import { unknownParameters } from '../parameters.ts';
import { Ret2UserDetector, type Violation } from './index.ts';

const [SUPERVISOR, USER] = [3, 7];
/** A user page, the kernel's own page of the same frame, and the entry of the first. */
const CODE = PLACE.data + 0x1000;
const ALIAS = PLACE.unmapped + 0x1000;
const ENTRY = PLACE.pageTable + 4 * (CODE >>> 12);
const CALL = 0x42;
/** Long enough for the watch to begin: it does between two slices. */
const LONG = 300_000;

async function watch(description: GuestDescription) {
  const { machine } = await startGuest(description);
  const found: Violation[] = [];
  const parameters = unknownParameters('a test');
  const detector = new Ret2UserDetector(machine, await x86.loadDecoder(), parameters, 'report', (one) =>
    found.push(one),
  );
  await runToEnd(machine);
  return { machine, detector, found };
}

test('a frame of the user’s is one through the kernel’s page too, for as long as a user page leads to it', async () => {
  const { machine, detector, found } = await watch({
    kernel: [
      ...[enterUser(), label('attack'), op.mov('edx', ALIAS), [0xff, 0xd2]], // call edx
      ...[op.storeImmediate(ENTRY, 0), op.invlpg(CODE), [0xff, 0xd2], op.finish],
    ],
    user: [op.repeat('wait', LONG, 'ecx', op.nop), op.load('eax', CODE), op.int(CALL)],
    more: [{ at: CODE, items: [op.inc('ebx'), op.ret] }],
    pages: { [CODE]: CODE | USER, [ALIAS]: CODE | SUPERVISOR },
    gates: { [CALL]: { to: 'attack', dpl: 3 } },
  });
  assert.is(machine.cpu.ebx, 2);
  const [one] = found;
  assert.is(found.length, 1);
  assert.equal([one!.kind, one!.instruction, one!.target, one!.to], ['call', 'call edx', 'user-frame', ALIAS]);
  assert.equal(one!.mapping, { space: one!.space, page: CODE, writable: true });
  assert.equal(detector.counts, { violations: 1, repeated: 0, released: 1 });
  assert.is(one!.process, undefined);
  await machine.close();
});

test('a kernel that lies on the user’s pages is said to be, and not reported', async () => {
  const { machine, detector, found } = await watch({
    kernel: [enterUser(), label('call'), op.inc('ebx'), op.finish],
    user: [op.repeat('wait', LONG, 'ecx', op.nop), op.int(CALL)],
    pages: { [PLACE.kernel]: PLACE.kernel | USER, [PLACE.prologue]: PLACE.prologue | USER },
    gates: { [CALL]: { to: 'call', dpl: 3 } },
  });
  assert.is(machine.cpu.ebx, 1);
  assert.equal(found, []);
  assert.is(detector.blind, 'kernel-on-user-pages');
  await machine.close();
});

test.run();
