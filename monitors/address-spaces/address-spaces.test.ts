// Counts of address spaces and system calls against what the guests themselves say of their forks and calls.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../../emulator/index.ts';
import { loadAssets } from '../../emulator/node/assets.ts';
import { findGuest, guestState, prepareGuest } from '../../guests/index.ts';
import { type AddressSpace, AddressSpaces } from './index.ts';

/** Virtual milliseconds in which a command must be done. */
const PATIENCE = 60_000;

async function boot(name: string) {
  const { boot, memorySize, prompt } = await prepareGuest(await findGuest(name), { offline: true });
  const machine = await Machine.create({ boot, memorySize }, await loadAssets());
  const monitor = new AddressSpaces(machine);
  assert.is(await machine.run({ until: prompt!, for: PATIENCE }), 'until');
  const command = async (line: string): Promise<string> => {
    const from = machine.console.text.length;
    machine.type(`${line}\n`);
    assert.is(await machine.run({ until: prompt!, for: PATIENCE }), 'until', line);
    return machine.console.text.slice(from);
  };
  return { machine, monitor, command };
}

const sum = (spaces: readonly AddressSpace[], value: (space: AddressSpace) => number): number =>
  spaces.reduce((total, space) => total + value(space), 0);

/** Number after a word in the guest's text. */
const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? Number.NaN);

for (const variant of [
  'pup',
  'pup-sysenter',
  'pup-callgate',
  'pup-tss',
  'pup-pae',
  'pup-threads',
  'pup-2g',
  'pup-alien',
]) {
  test(`${variant}: each fork and each exec makes an address space`, async () => {
    const { machine, monitor, command } = await boot(variant);
    for (const line of ['ls', 'ls /bin | sort | wc', 'forkstorm 40', 'echo a', 'forkstorm 40', 'ps'])
      await command(line);
    // The guest writes its record in one system call: what it counts is what was counted when it begins to.
    let calls = 0;
    let seen: readonly AddressSpace[] = [];
    const listener = machine.on('serial-output', () => {
      if (seen.length > 0 || !machine.console.text.endsWith('@truth begin')) return;
      seen = monitor.list().filter(({ user }) => user);
      calls = sum(seen, ({ entries }) => entries.syscalls);
    });
    const record = await command('truth');
    listener[Symbol.dispose]();
    const total = /@truth total .*/.exec(record)![0];
    const number = (name: string) => numberIn(total, new RegExp(` ${name}=(\\d+)`));
    assert.is(calls, number('syscalls'));
    assert.is(seen.length, number('forks') + number('execs'));
    assert.is(new Set(seen.map(({ id }) => id)).size, seen.length);
    assert.ok(new Set(seen.map(({ cr3 }) => cr3)).size < seen.length, 'values of CR3 were used again');
    monitor[Symbol.dispose]();
    await machine.close();
  });
}

test('pup: kernel entries are system calls, interrupts and exceptions; time on the CPU adds up', async () => {
  const { machine, monitor, command } = await boot('pup');
  const from = machine.cpu.instructions;
  const before = sum(monitor.list(), ({ instructions }) => instructions);
  await command('sieve');
  const all = monitor.list();
  for (const { entries } of all) assert.is(entries.all, entries.syscalls + entries.interrupts + entries.exceptions);
  assert.ok(sum(all, ({ entries }) => entries.interrupts) > 0);
  assert.is(sum(all, ({ instructions }) => instructions) - before, machine.cpu.instructions - from);
  for (const { cpuTime, instructions } of all)
    assert.ok(Math.abs(cpuTime - instructions / (machine.options.mips * 1000)) < 1e-6);
  for (const { born, seen, died } of all) {
    assert.ok(seen.instructions >= born.instructions);
    assert.ok(died === undefined || died.instructions >= born.instructions);
  }
  monitor[Symbol.dispose]();
  await machine.close();
});

test('pup: tells births and deaths as they happen, nothing after it was disposed of', async () => {
  const { machine, monitor, command } = await boot('pup');
  monitor[Symbol.dispose]();
  const told: string[] = [];
  const second = new AddressSpaces(machine, {
    born: ({ id }) => told.push(`born ${id}`),
    died: ({ id }) => told.push(`died ${id}`),
  });
  await command('echo one');
  await command('echo two');
  assert.is(told.filter((line) => line.startsWith('born')).length, second.count);
  assert.is(told.filter((line) => line.startsWith('died')).length, second.list().filter(({ died }) => died).length);
  assert.ok(told.some((line) => line.startsWith('died')));
  second[Symbol.dispose]();
  const silent = told.length;
  await command('echo three');
  assert.is(told.length, silent);
  await machine.close();
});

test('pup: goes on from a snapshot as if there had been none', async () => {
  const { machine, monitor, command } = await boot('pup');
  await command('forkstorm 20');
  const file = await machine.save();
  const copy = await Machine.restore(file, await loadAssets());
  const second = new AddressSpaces(copy);
  assert.equal(second.list(), monitor.list());
  for (const one of [machine, copy]) {
    one.type('forkstorm 30\n');
    const from = one.console.text.length;
    assert.is(await one.run({ until: () => one.console.text.includes('pup# ', from), for: PATIENCE }), 'until');
  }
  assert.ok(
    second.list().some(({ died }, index) => died && monitor.list()[index]!.born.instructions < died.instructions),
  );
  assert.equal(second.list(), monitor.list());
  for (const one of [monitor, second]) one[Symbol.dispose]();
  await machine.close();
  await copy.close();
});

/** Processes that Linux has made since it booted. */
const PROCESSES = /^processes (\d+)/m;

for (const guest of ['debian-6.1', 'debian-6.1-pae']) {
  test(`${guest}: 300 forks are 300 address spaces, 100 with exec 200`, async () => {
    const state = await guestState(await findGuest(guest));
    if (state.kind !== 'cached') {
      console.log(`skipped: ${guest} is not in the cache (${state.kind}): wolfden guests fetch ${guest}`);
      return;
    }
    const { machine, monitor, command } = await boot(guest);
    await command('stty -echo');
    const loop = (count: number, body: string) => `i=0; while [ $i -lt ${count} ]; do ${body}; i=$((i+1)); done`;
    for (const [count, body, spaces] of [
      [300, '(:)', 1],
      [100, '/bin/true', 2],
    ] as const) {
      const before = numberIn(await command('cat /proc/stat'), PROCESSES);
      const from = monitor.count;
      await command(loop(count, body));
      const fresh = monitor.list().slice(from);
      const forks = numberIn(await command('cat /proc/stat'), PROCESSES) - before - 1;
      assert.is(forks, count);
      assert.is(fresh.length, forks * spaces);
      assert.ok(fresh.every(({ user, died }) => user && died !== undefined));
      assert.ok(new Set(fresh.map(({ cr3 }) => cr3)).size < 50, 'values of CR3 were used again');
      // A subshell and a program end by exit_group, at the least.
      assert.ok(fresh.every(({ entries }) => entries.syscalls > 0));
    }
    monitor[Symbol.dispose]();
    await machine.close();
  });
}

test.run();
