// Tests of the GNU Mach guest on the machine: it runs to its end, and the machine's events are what its tasks counted.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { EventMap } from '../../emulator/events/map.ts';
import { Machine } from '../../emulator/machine.ts';
import { loadAssets } from '../../emulator/node/assets.ts';
import { GuestError } from '../error.ts';
import { findGuest } from '../find.ts';
import { type PreparedGuest, prepareGuest } from '../prepare.ts';
import { linesOf, readTruth } from './truth.ts';

/** Trap numbers. */
const TASK_CREATE = 68;
const TASK_TERMINATE = 69;
/** The crasher writes here. */
const NOWHERE = 0x7ffff000;
/** Stacks of a task's threads lie this far apart. */
const STACK_SHIFT = 16;
/** More than the guest needs, so that a hang ends the test. */
const LIMIT = 1e9;

/** What the machine saw of one address space, from its first system call until tasks were ended. */
interface Space {
  calls: number;
  readonly stacks: Set<number>;
}

/** What a run showed. */
interface Run {
  readonly console: string;
  readonly calls: Map<number, number>;
  readonly gates: Set<string>;
  readonly bootstrap: Space;
  readonly children: Space[];
  readonly spaces: number;
  readonly crashes: number;
}

async function runGuest(prepared: PreparedGuest, jit: boolean): Promise<Run> {
  const { image, memorySize } = prepared;
  const machine = await Machine.create({ boot: { multiboot: image }, memorySize, jit }, await loadAssets());
  const calls = new Map<number, number>();
  const gates = new Set<string>();
  const open = new Map<number, Space>();
  const seen = new Set<number>();
  const children: Space[] = [];
  let bootstrap: number | undefined;
  let crashes = 0;
  machine.on('page-fault', ({ address, write, user }: EventMap['page-fault']) => {
    if (address === NOWHERE && write && user) crashes++;
  });
  machine.on('syscall', ({ gate, number, stack, cr3, cpl }: EventMap['syscall']) => {
    const trap = -(number | 0);
    calls.set(trap, (calls.get(trap) ?? 0) + 1);
    gates.add(`${gate} from CPL ${cpl}`);
    bootstrap ??= cr3;
    seen.add(cr3);
    // The kernel gives a page directory of an ended task to a new one. Tasks are made and ended in turns.
    if (trap === TASK_CREATE)
      for (const [space, one] of open) if (space !== bootstrap && open.delete(space)) children.push(one);
    const space = open.get(cr3) ?? { calls: 0, stacks: new Set() };
    open.set(cr3, space);
    space.calls++;
    space.stacks.add((stack - 1) >>> STACK_SHIFT);
  });
  assert.is(await machine.run({ until: prepared.prompt!, instructions: LIMIT }), 'until');
  // The bootstrap task's last system call comes after its last line.
  await machine.run({ for: 100 });
  const first = open.get(bootstrap!)!;
  open.delete(bootstrap!);
  children.push(...open.values());
  return { console: machine.console.text, calls, gates, bootstrap: first, children, spaces: seen.size, crashes };
}

const UNREACHABLE = ['apt-missing', 'no-mirror', 'offline', 'package-vanished'];

async function prepareOrSkip(): Promise<PreparedGuest | undefined> {
  try {
    return await prepareGuest(await findGuest('gnumach-1.8'));
  } catch (error) {
    if (!(error instanceof GuestError) || !UNREACHABLE.includes(error.trouble)) throw error;
    console.log(`skipped: GNU Mach is not in the cache and cannot be fetched: ${error.message}`);
    return undefined;
  }
}

const prepared = await prepareOrSkip();
const bootTest = prepared === undefined ? test.skip : test;
const run = prepared && (await runGuest(prepared, true));

const numbers = (values: Iterable<number>): number[] => [...values].sort((a, b) => a - b);

bootTest('32 MiB and no BIOS are enough, and all tasks find what they have to', () => {
  assert.is(prepared!.memorySize, 32 << 20);
  const results = linesOf(run!.console, 'result');
  assert.is(results.length, 6);
  for (const line of results) assert.match(line, /^@result of=\w+ found=(\d+) expected=\1$/);
  assert.equal(linesOf(run!.console, 'failed'), []);
  const { tasks, total } = readTruth(run!.console);
  assert.is(tasks.length, total.tasks);
  assert.is(linesOf(run!.console, 'task').length, total.tasks - 1);
  assert.is(linesOf(run!.console, 'thread').length, total.threads - 1);
  assert.is(linesOf(run!.console, 'ended').length, total.tasks - 1);
});

bootTest('each system call is one event, through the call gate, with its trap number', () => {
  const truth = readTruth(run!.console);
  assert.equal(numbers(run!.calls.keys()), numbers(truth.calls.keys()));
  for (const [number, count] of truth.calls) assert.is(run!.calls.get(number), count, `trap ${number}`);
  assert.equal([...run!.gates], ['call-gate from CPL 3']);
  assert.is(run!.calls.get(TASK_CREATE), truth.total.tasks - 1);
  assert.is(run!.calls.get(TASK_TERMINATE), truth.total.tasks - 1);
});

bootTest('CR3 tells tasks apart and the stack tells threads apart, while tasks live', () => {
  const [first, ...others] = readTruth(run!.console).tasks;
  assert.is(run!.bootstrap.calls, first!.syscalls);
  // The crasher makes no system call: it is the one task that system calls do not show.
  const calling = others.filter((task) => task.syscalls > 0);
  assert.equal(
    others.filter((task) => task.syscalls === 0).map((task) => task.name),
    ['crasher'],
  );
  assert.equal(numbers(run!.children.map((child) => child.calls)), numbers(calling.map((task) => task.syscalls)));
  assert.equal(numbers(run!.children.map((child) => child.stacks.size)), numbers(calling.map((task) => task.threads)));
  assert.ok(run!.spaces < calling.length, 'page directories are used again');
});

bootTest('a crash is a page fault, and then a message to the bootstrap task', () => {
  assert.is(run!.crashes, 1);
  assert.equal(linesOf(run!.console, 'crash'), ['@crash task=13 exception=1 code=1 subcode=0x7ffff000']);
});

bootTest('interpreted, the guest says and does the same', async () => {
  const interpreted = await runGuest(prepared!, false);
  assert.is(interpreted.console, run!.console);
  assert.equal(interpreted.calls, run!.calls);
});

test('a truth cut short is an error', () => {
  assert.throws(() => readTruth('@truth begin\n@truth task id=0'), /cut short or missing/);
  assert.throws(() => readTruth('@truth total tasks=1\n@truth end\n'), /expected a field threads/);
});

test.run();
