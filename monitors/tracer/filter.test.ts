// A filter tells of those events that its condition holds for, and of no other.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wasm } from '../../emulator/index.ts';
import { catalogueImage, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import { EVENT, Filter, LEVEL } from './filter.ts';

const { i32And, i32Const, i32Eq } = wasm.assembler;

test('what the condition holds for while the level admits it', async () => {
  const pup = await PupSession.start(await catalogueImage('pup'));
  await using _ = pup;
  await pup.until(PROMPT);
  const numbers: number[] = [];
  using _all = pup.machine.on('syscall', ({ number }) => void numbers.push(number));
  await pup.command('ls /bin');
  const [wanted] = numbers.splice(0);
  let told = 0;
  const condition = wasm.code(LEVEL, EVENT.c, i32Const(wanted!), i32Eq, i32And);
  const filter = new Filter(pup.machine, 'syscall', condition, () => {
    told++;
    assert.is(pup.machine.cpu.eax, wanted);
  });
  await pup.command('ls /bin');
  assert.is(told, 0);
  filter.level = 1;
  numbers.length = 0;
  await pup.command('ls /bin');
  const heard = numbers.filter((number) => number === wanted).length;
  assert.ok(heard > 0 && heard < numbers.length, `${heard} of ${numbers.length}`);
  assert.is(told, heard);
  filter[Symbol.dispose]();
  await pup.command('ls /bin');
  assert.is(told, heard);
});

test.run();
