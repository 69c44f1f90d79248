// What is remembered of instructions that have to end yet.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cr3, phys } from './address.ts';
import { UnfinishedInstructions } from './unfinished.ts';

const execution = (physical: number, space = 1, stack = 2) => ({ physical: phys(physical), space: cr3(space), stack });

test('one resumes once, with the same address, space and stack only', () => {
  const unfinished = new UnfinishedInstructions();
  const running = execution(5);
  unfinished.add(running);
  running.stack = 9; // what runs next: the one that was added stays as it was
  for (const other of [running, execution(6), execution(5, 3)]) assert.not(unfinished.resume(other));
  assert.ok(unfinished.resume(execution(5)));
  assert.not(unfinished.resume(execution(5)));
  assert.ok(unfinished.none);
});

test('the oldest is forgotten where there are too many', () => {
  const unfinished = new UnfinishedInstructions();
  for (let physical = 0; physical <= 64; physical++) unfinished.add(execution(physical));
  assert.equal(
    [0, 1, 64].map((physical) => unfinished.resume(execution(physical))),
    [false, true, true],
  );
});

test.run();
