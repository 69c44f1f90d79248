// Running to where memory is mapped: at once where it is, to the space that maps it where that is another, not for ever where none does.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from '../../emulator/index.ts';
import { catalogueImage, catalogueMap, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import { untilMapped } from './mapped.ts';

test('memory that is mapped, in another space only, and nowhere', async () => {
  await using session = await PupSession.start(await catalogueImage('pup'));
  await session.until(PROMPT);
  const { machine } = session;
  const { symbols } = await catalogueMap('pup');
  const code = ['schedule', 'trap_dispatch', 'call_getppid'].map((name) => symbols[name]!.address);
  const before = machine.cpu.instructions;
  assert.ok(await untilMapped(machine, code));
  assert.is(machine.cpu.instructions, before, 'the kernel is mapped in each space of pup');

  // The program of another process: nobody else has its pages.
  let program: number | undefined;
  {
    using _call = machine.on('syscall', ({ eip }) => {
      program ??= eip;
    });
    await session.command('ls');
  }
  const idle = machine.cpu.cr3;
  assert.is(machine.memory.translate(virt(program!)), undefined, 'the idle task runs no program');
  machine.type('ls\n');
  assert.ok(await untilMapped(machine, [program!]));
  assert.is.not(machine.cpu.cr3, idle);
  assert.is.not(machine.memory.translate(virt(program!)), undefined);

  const { time } = machine.cpu;
  assert.not(await untilMapped(machine, [0x70000000]));
  assert.ok(machine.cpu.time - time < 3000, 'virtual time is bounded');
});

test.run();
