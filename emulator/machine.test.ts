// The machine as a whole: steps, counts, repeatability, crashes.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from './address.ts';
import { BootImageError } from './boot/index.ts';
import { EVENT_KINDS } from './events/kinds.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { loadAssets } from './node/assets.ts';
import { type Item, label, long, short } from './testing/assembly.ts';
import { hotPrograms, spin } from './testing/hot-programs.ts';
import { runToEnd, startGuest } from './testing/run-guest.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from './testing/tiny-guest.ts';
import * as x86 from './testing/x86.ts';
import { GuestCrash } from './v86/guest-fault.ts';

const kernel = (...items: readonly Item[]): GuestDescription => ({ kernel: [...items, x86.finish] });

test('single steps: one instruction each, through exceptions and changes of CPL', async () => {
  const { machine, guest } = await startGuest({
    kernel: [enterUser(), label('entry'), x86.mov('eax', 3), label('return'), x86.iret],
    user: [x86.mov('eax', 1), x86.mov('ebx', 2), label('call'), x86.int(0x80), label('next'), exitUser],
    gates: { 128: { to: 'entry', dpl: 3 } },
  });
  const kernelLength = 5; // the pushes of enterUser
  machine.step(kernelLength + 1);
  const seen: number[] = [];
  machine.step(6, () => void seen.push(machine.cpu.eip));
  const start = guest.address('user');
  assert.equal(seen, [start + 5, ...['call', 'entry', 'return', 'next', 'exit'].map(guest.address)]);
  // The callback ends the stepping, and a halted CPU makes no step.
  machine.step(5, () => false);
  assert.is(machine.cpu.eip, guest.address('exit') + 1);
  machine.step(5);
  const { instructions } = machine.cpu;
  machine.step(5);
  assert.equal([machine.cpu.halted, machine.cpu.instructions], [true, instructions]);
  await machine.close();
});

/** A guest that waits for a byte on its serial port. */
const waiting = (): GuestDescription => {
  const out = (port: number, value: number): Item => [x86.mov('edx', port), x86.mov('eax', value), x86.outByte];
  const [serialVector, dataReady, interruptsOn] = [0x24, 1, 8];
  return {
    kernel: [
      ...[out(0x20, 0x11), out(0x21, 0x20), out(0x21, 4), out(0x21, 1), out(0x21, 0xef)],
      ...[out(0x3f9, dataReady), out(0x3fc, interruptsOn), x86.sti, x86.hlt, x86.finish, label('received'), x86.iret],
    ],
    gates: { [serialVector]: { to: 'received' } },
  };
};

test('a listener stops at the interrupt that input raises while the guest waits', async () => {
  const { machine, guest } = await startGuest(waiting());
  await machine.run({ until: () => machine.cpu.halted });
  machine.on('interrupt', () => 'stop');
  machine.type('a');
  assert.is(await machine.run({ for: 1000 }), 'stopped');
  assert.is(machine.cpu.eip, guest.address('received'));
  await machine.close();
});

test('who stops the machine and steps it after the slice has the run go on', async () => {
  const { machine, guest } = await startGuest(waiting());
  await machine.run({ until: () => machine.cpu.halted });
  let stopped = false;
  const stepped: number[] = [];
  machine.on('interrupt', () => {
    stopped = true;
    return 'stop';
  });
  machine.afterSlice(() => {
    if (!stopped) return;
    stopped = false;
    machine.step(1, () => void stepped.push(machine.cpu.eip));
  });
  machine.type('a');
  assert.is(await machine.run({ for: 1000 }), 'halted');
  // IRET went back behind HLT.
  assert.equal(stepped.length, 1);
  assert.ok(stepped[0]! < guest.address('received'));
  await machine.close();
});

test('stepped or run, the same events at the same instructions', async () => {
  const description = hotPrograms()['page faults at CPL 3']!;
  const logs: string[][] = [];
  for (const step of [true, false]) {
    const { machine } = await startGuest(description, { jit: false });
    const log: string[] = [];
    for (const kind of EVENT_KINDS) machine.on(kind, (event) => void log.push(JSON.stringify(event)));
    if (step) machine.step(20_000);
    else await machine.run({ until: () => machine.cpu.instructions > 20_200 });
    // The log of the longer run is cut: a run ends with a slice.
    logs.push(log);
    await machine.close();
  }
  const shortest = Math.min(...logs.map(({ length }) => length));
  assert.ok(shortest > 100);
  assert.equal(logs[0]!.slice(0, shortest), logs[1]!.slice(0, shortest));
});

test('the passing of time is heard of between slices, from a guest that causes no event', async () => {
  const { machine } = await startGuest(kernel(x86.cli, label('loop'), x86.jmp('loop')));
  const times: number[] = [];
  const subscription = machine.afterSlice(() => void times.push(machine.cpu.time));
  await machine.run({ for: 20 });
  assert.ok(times.length >= 10 && times.every((time, index) => index === 0 || time > times[index - 1]!));
  subscription[Symbol.dispose]();
  const { length } = times;
  await machine.run({ for: 5 });
  assert.is(times.length, length);
  machine.afterSlice(() => {
    throw new Error('enough');
  });
  const failure = await machine.run({ for: 5 }).catch((error: Error) => error.message);
  assert.is(failure, 'enough');
  await machine.close();
});

test('in the interpreter the counter is exact at each event', async () => {
  const between = [0, 1, 5, 1000];
  const { machine } = await startGuest(
    kernel(between.map((count) => [Array.from({ length: count }, () => x86.nop), x86.outImmediate(0x80)])),
    { jit: false },
  );
  const at: number[] = [];
  machine.on('port-io', ({ instructions }) => void at.push(instructions));
  const from = machine.cpu.instructions;
  await runToEnd(machine);
  const expected = between.map((_, i) => between.slice(0, i + 1).reduce((sum, count) => sum + count + 1, from));
  assert.equal(at, expected);
  assert.is(machine.cpu.instructions, expected.at(-1)! + 2);
  await machine.close();
});

test('the counter never goes back, and time goes with it', async () => {
  const { machine } = await startGuest(hotPrograms()['exceptions at CPL 3']!, { mips: 10 });
  let last = 0;
  let seen = 0;
  for (const kind of EVENT_KINDS)
    machine.on(kind, ({ instructions, time }) => {
      assert.ok(instructions >= last, `${instructions} after ${last}`);
      assert.is(time, instructions / 10_000);
      last = instructions;
      seen++;
    });
  await runToEnd(machine);
  assert.ok(seen > 10_000);
  await machine.close();
});

test('the same guest twice: the same log, to the last count', async () => {
  const options: Partial<MachineOptions>[] = [{}, { jit: false }, { seed: 7 }];
  for (const option of options) {
    const logs: string[][] = [];
    for (let run = 0; run < 2; run++) {
      const { machine } = await startGuest(hotPrograms()['system tables and ports']!, option);
      const log: string[] = [];
      for (const kind of EVENT_KINDS) machine.on(kind, (event) => void log.push(JSON.stringify(event)));
      await runToEnd(machine);
      logs.push([...log, JSON.stringify(machine.cpu), `${machine.cpu.instructions}`]);
      await machine.close();
    }
    assert.ok(logs[0]!.length > 10_000);
    assert.is(logs[0]!.join('\n') === logs[1]!.join('\n'), true);
  }
});

test('RDTSC goes with instructions', async () => {
  const rdtsc: Item = [0x0f, 0x31];
  const { machine } = await startGuest(kernel(rdtsc, x86.movRegister('ebx', 'eax'), spin(50_000), rdtsc), {
    jit: false,
  });
  await runToEnd(machine);
  const ticks = machine.cpu.eax - machine.cpu.ebx;
  assert.ok(ticks > 0);
  const again = await startGuest(kernel(rdtsc, x86.movRegister('ebx', 'eax'), spin(50_000), rdtsc), { jit: false });
  await runToEnd(again.machine);
  assert.is(again.machine.cpu.eax - again.machine.cpu.ebx, ticks);
  await Promise.all([machine.close(), again.machine.close()]);
});

const crash = async (description: GuestDescription): Promise<GuestCrash> => {
  const { machine } = await startGuest(description);
  const error = await machine.run({ instructions: 10_000_000 }).then(
    (end) => assert.unreachable(end),
    (thrown: unknown) => thrown,
  );
  assert.instance(error, GuestCrash);
  // A dead machine stays dead, and can still be looked at.
  const again = await machine.run().catch((thrown: unknown) => thrown);
  assert.is(again, error);
  assert.throws(
    () => machine.step(),
    (thrown: unknown) => thrown === error,
  );
  assert.is(machine.cpu.cr3, (error as GuestCrash).registers.cr3);
  await machine.close();
  return error as GuestCrash;
};

test('a triple fault is a crash with registers', async () => {
  // The IDT lies in a page that is not mapped, and so is the handler of what comes of that.
  const error = await crash({
    kernel: [
      x86.mov('ebx', 0x1234),
      x86.lidt('nowhere'),
      label('fatal'),
      x86.ud2,
      label('nowhere'),
      short(0x7ff),
      long(PLACE.unmapped),
    ],
  });
  assert.match(error.reason, /triple fault/);
  assert.equal([error.registers.ebx, error.registers.cpl], [0x1234, 0]);
  assert.is(error.registers.cr2, PLACE.unmapped + 14 * 8);
  assert.match(error.message, /the guest crashed: triple fault.*cr2 0x00300070/);
});

test('a stack that is not mapped: no exception can be delivered', async () => {
  const error = await crash(kernel(x86.mov('esp', PLACE.unmapped + 0x100), x86.ud2));
  assert.match(error.reason, /triple fault/);
});

test('an empty IDT is a crash that says what v86 says', async () => {
  const error = await crash({
    kernel: [x86.lidt('empty'), x86.ud2, label('empty'), short(0), long(0)],
  });
  assert.ok(error.reason.length > 0);
  assert.is(error.registers.idtrLimit, 0);
});

test('a multiboot image without a header is refused', async () => {
  const assets = await loadAssets();
  for (const multiboot of [new Uint8Array(0), new Uint8Array(8192)]) {
    try {
      await Machine.create({ boot: { multiboot } }, assets);
      assert.unreachable('an image without a header was taken');
    } catch (error) {
      assert.instance(error, BootImageError);
      assert.match((error as Error).message, /^multiboot image at offset 0x0: expected a Multiboot v1 header/);
    }
  }
});

test('limits of a run', async () => {
  const forever: GuestDescription = { kernel: [label('forever'), x86.jmp('forever')] };
  const { machine } = await startGuest(forever);
  assert.is(await machine.run({ instructions: 1_000_000 }), 'instructions');
  assert.ok(machine.cpu.instructions >= 1_000_000);
  const { time } = machine.cpu;
  assert.is(await machine.run({ for: 20 }), 'for');
  assert.ok(machine.cpu.time >= time + 20 && machine.cpu.time < time + 25);
  assert.is(await machine.run({ signal: AbortSignal.abort() }), 'aborted');
  let asked = 0;
  assert.is(await machine.run({ until: () => ++asked === 3 }), 'until');
  assert.is(machine.cpu.eip, virt(PLACE.kernel));
  await machine.close();
});

test.run();
