// Page protections and compiled code: armed after it was made they take effect at once, and nothing differs from the interpreter.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Access } from './access.ts';
import { type Frame, frameOf, phys, virt } from './address.ts';
import type { Machine } from './machine.ts';
import { allAccesses, enableSse, faultHandler, pageContent } from './testing/accesses.ts';
import { label } from './testing/assembly.ts';
import { ROUNDS as CALLS, spin } from './testing/hot-programs.ts';
import { record, runToEnd, startGuest } from './testing/run-guest.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from './testing/tiny-guest.ts';
import * as x86 from './testing/x86.ts';

const FRAMES: readonly Frame[] = [frameOf(phys(PLACE.data)), frameOf(phys(PLACE.data + 0x1000))];
/** Counts rounds, outside the protected pages. */
const ROUND = PLACE.data + 0x2000;

/** Few rounds with much idling in each: enough for v86 to compile the page long before the last. */
const ROUNDS = 400;
const IDLING = 600;

function hotAccesses(): GuestDescription {
  return {
    kernel: [enableSse, enterUser(), faultHandler],
    user: [
      ...[label('round'), spin(IDLING), allAccesses(), x86.increment(ROUND), x86.load('eax', ROUND)],
      ...[x86.cmp('eax', ROUNDS), x86.jnz('round'), exitUser],
    ],
    more: [{ at: PLACE.data, items: [pageContent()] }],
    gates: { 14: { to: 'fault' } },
  };
}

const show = ({ kind, size, address, value, eip, cpl }: Access): string =>
  `${kind} ${size} ${address!.toString(16)} ${value} at ${eip.toString(16)} cpl ${cpl}`;

const roundOf = (machine: Machine): number => machine.memory.readWord(virt(ROUND))!;

test('armed from the start, reports and denials are those of the interpreter, before and after compilation', async () => {
  const logs: string[][] = [];
  const states: unknown[] = [];
  for (const jit of [false, true]) {
    const { machine } = await startGuest(hotAccesses(), { jit });
    const log: string[] = [];
    let installed = 0;
    machine.on('jit-install', () => void installed++);
    let count = 0;
    for (const frame of FRAMES)
      machine.protect(frame, { read: true, write: true }, (access) => {
        count++;
        log.push(`round ${roundOf(machine)}: ${show(access)}`);
        return count % 7 === 0 ? 'deny' : undefined;
      });
    const faults = record(machine, ['page-fault']);
    await runToEnd(machine);
    assert.is(installed > 0, jit);
    assert.ok(faults.length > ROUNDS);
    logs.push([...log, ...faults.map((fault) => JSON.stringify(fault))]);
    states.push([machine.cpu.toJSON(), machine.memory.readPhysical(phys(PLACE.data), 0x2000)]);
    await machine.close();
  }
  const different = logs[0]!.findIndex((line, i) => line !== logs[1]![i]);
  if (different >= 0) assert.equal(logs[1]!.slice(different, different + 5), logs[0]!.slice(different, different + 5));
  assert.is(logs[1]!.length, logs[0]!.length);
  assert.equal(states[1], states[0]);
});

test('armed when compiled code exists, the next access is reported', async () => {
  const { machine } = await startGuest(hotAccesses());
  let installed = 0;
  machine.on('jit-install', () => void installed++);
  await machine.run({ until: () => installed > 0 });
  await machine.run({ instructions: 10_000 });
  const from = roundOf(machine);
  assert.ok(from < ROUNDS - 50, 'the program was compiled too late');
  const perRound = new Map<number, number>();
  const watch = FRAMES.map((frame) =>
    machine.protect(frame, { read: true, write: true }, () => {
      const round = roundOf(machine);
      perRound.set(round, (perRound.get(round) ?? 0) + 1);
    }),
  );
  await machine.run({ until: () => roundOf(machine) > from + 20 });
  const counts = [...perRound].sort(([a], [b]) => a - b).map(([, count]) => count);
  // The first and the last round may be watched in part.
  assert.ok(counts.length > 20);
  assert.is(new Set(counts.slice(1, -1)).size, 1);
  for (const one of watch) one[Symbol.dispose]();
  const seen = [...perRound.values()].reduce((a, b) => a + b);
  await runToEnd(machine);
  assert.is(
    [...perRound.values()].reduce((a, b) => a + b),
    seen,
  );
  await machine.close();
});

test('armed by a listener inside compiled code', async () => {
  const { machine } = await startGuest({
    kernel: [enterUser(), label('entry'), x86.iret],
    user: [x86.repeat('rounds', CALLS, 'edi', spin(), x86.store(PLACE.data, 'edi'), x86.int(0x80)), exitUser],
    gates: { 128: { to: 'entry', dpl: 3 } },
  });
  let calls = 0;
  const writes: number[] = [];
  machine.on('syscall', ({ vector }) => {
    if (vector === 0x80 && ++calls === CALLS - 50)
      machine.protect(FRAMES[0]!, { write: true }, ({ value }) => void writes.push(value![0]!));
  });
  await runToEnd(machine);
  assert.equal(
    writes,
    Array.from({ length: 50 }, (_, i) => 50 - i),
  );
  await machine.close();
});

test.run();
