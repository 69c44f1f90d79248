// The design of the comparison, on two pups; no times are looked at.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Machine } from '../emulator/index.ts';
import { catalogueImage, PROMPT, PupSession } from '../guests/pup/testing/session.ts';
import { crossover } from './crossover.ts';

async function pup(): Promise<PupSession> {
  const session = await PupSession.start(await catalogueImage('pup'));
  await session.until(PROMPT);
  return session;
}

test('each machine does each line of each round, and is watched in one of the periods', async () => {
  await using first = await pup();
  await using second = await pup();
  const seen: string[] = [];
  const watched = new Set<Machine>();
  const side = (session: PupSession, name: string) => ({
    machine: session.machine,
    async command(line: string) {
      seen.push(`${name} ${line}${watched.has(session.machine) ? ', watched' : ''}`);
      await session.command(line);
    },
  });
  const watch = (machine: Machine) => {
    watched.add(machine);
    return { [Symbol.dispose]: () => void watched.delete(machine) };
  };
  const sides = [side(first, 'first'), side(second, 'second')] as const;
  const before = first.machine.cpu.instructions;
  const prepare = (machine: Machine) => void seen.push(machine === first.machine ? 'first begins' : 'second begins');
  const cost = await crossover(sides, watch, ['echo a', 'echo b'], { warming: 1, measured: 1, prepare });
  const rounds = [
    ['first begins', 'second begins'],
    ['first echo a', 'second echo a, watched', 'second echo b, watched', 'first echo b'],
    ['second echo a, watched', 'first echo a', 'first echo b', 'second echo b, watched'],
    ['second begins', 'first begins'],
    ['second echo a', 'first echo a, watched', 'first echo b, watched', 'second echo b'],
    ['first echo a, watched', 'second echo a', 'second echo b', 'first echo b, watched'],
  ];
  assert.equal(seen, rounds.flat());
  assert.is(watched.size, 0);
  assert.equal([cost.rounds, cost.allRounds, cost.periods.length], [2, 4, 2]);
  const all = first.machine.cpu.instructions - before;
  assert.ok(Math.abs((4 * cost.instructions) / all - 1) < 0.1, `${cost.instructions} a round, ${all} in four`);
});

test('machines that do not do the same work are not compared', async () => {
  await using first = await pup();
  await using second = await pup();
  const sides = [
    { machine: first.machine, command: (line: string) => first.command(line) },
    { machine: second.machine, command: () => second.command('forkstorm 20') },
  ] as const;
  const nothing = () => ({ [Symbol.dispose]() {} });
  try {
    await crossover(sides, nothing, ['echo a'], { warming: 0, measured: 1 });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /^echo a: expected the same work, found \d+ and \d+$/);
  }
});

test.run();
