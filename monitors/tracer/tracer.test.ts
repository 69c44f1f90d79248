// The tracer on pup, matched one by one with what pup's kernel says of itself; and against a driver that hides a process.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from '../../emulator/index.ts';
import { numberIn, type PupRecord, pupRecords } from '../../guests/pup/records.ts';
import { catalogueImage, catalogueMap, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import type { ParameterValues } from '../parameters.ts';
import { parametersOf, pupValues } from '../testing/pup-parameters.ts';
import type { ThreadRecord } from './thread-record.ts';
import { timeline } from './timeline.ts';
import { Tracer } from './tracer.ts';
import { tree } from './tree.ts';

const WORKLOAD = [
  'forkstorm 30',
  'pingpong 50',
  'ls /bin | sort | wc',
  'crash all',
  'threads 8',
  'nosuchprogram',
  'cat /etc/motd | sort | wc',
  'sieve 2000 & sieve 1000 & wait',
];

/** One for each way to switch, to find current, to keep names and ids, and to pass arguments. */
const VARIANTS = ['pup', 'pup-int2e', 'pup-sysenter', 'pup-callgate', 'pup-tss', 'pup-threads', 'pup-alien'];

async function start(name: string): Promise<{ pup: PupSession; values: Partial<ParameterValues> }> {
  const image = await catalogueImage(name);
  const pup = await PupSession.start(image);
  await pup.until(PROMPT);
  return { pup, values: await pupValues(await catalogueMap(name), image) };
}

/** What the guest says, in the words of the log below. */
function told({ words, fields }: PupRecord): string | undefined {
  const [kind] = words;
  if (kind === 'fork') return `fork ${fields.get('parent')} ${fields.get('pid')} ${fields.get('name')}`;
  if (kind === 'exec') return `exec ${fields.get('pid')} ${fields.get('name')} ${fields.get('path')}`;
  return kind === 'exit' ? `exit ${fields.get('pid')} ${fields.get('name')}` : undefined;
}

const sorted = (lines: readonly (string | undefined)[]) => lines.filter((line) => line !== undefined).sort();

for (const name of VARIANTS) {
  test(`${name}: every fork, exec and exit, no more and no less`, async () => {
    const { pup, values } = await start(name);
    await using _ = pup;
    await pup.command('truth on');
    const log: string[] = [];
    let threads = 0;
    using tracer = new Tracer(pup.machine, parametersOf(values), {
      created: (one) => {
        if (one.thread) threads++;
        else if (one.created) log.push(`fork ${one.parent} ${one.pid} ${one.name}`);
      },
      executed: (one) => log.push(`exec ${one.pid} ${one.name} ${one.path}`),
      ended: (one, last) => last && log.push(`exit ${one.pid} ${one.name}`),
    });
    const from = pup.output.length;
    for (const line of WORKLOAD) await pup.command(line);
    const truth = sorted(pupRecords(pup.output.slice(from), 'truth').map(told));
    assert.ok(truth.length > 100, `${truth.length} records`);
    assert.equal(sorted(log), truth);
    assert.is(threads, values.processId!.via === undefined ? 0 : 8);
    assert.is(tracer.source, 'stack-switch');
    // Nobody's time is lost: what ran since the first switch was somebody's.
    assert.ok(JSON.stringify(tracer.list()).length > 0);
    const booked = tracer.list().reduce((sum, { instructions }) => sum + instructions, 0);
    assert.ok(booked > 0.99 * (pup.machine.cpu.instructions - tracer.list()[0]!.seen.instructions));
  });
}

test('switches are those that the kernel counts', async () => {
  const { pup, values } = await start('pup');
  await using _ = pup;
  const switches = (output: string) =>
    numberIn(pupRecords(output, 'truth').findLast(({ words }) => words[0] === 'total')!, 'switches');
  const before = switches(await pup.command('truth'));
  using tracer = new Tracer(pup.machine, parametersOf(values));
  await pup.command('pingpong 200');
  const total = switches(await pup.command('truth')) - before;
  // The two truths print after the instants that they count: the tracer begins later, and sees the shell's last turns.
  assert.ok(total > 400 && Math.abs(tracer.counts.switched - total) <= 3, `${tracer.counts.switched} ${total}`);
});

// Of `pup-threads` none is noted: see switch-notes.test.ts.
for (const name of ['pup', 'pup-alien']) {
  test(`${name}: turns that are noted are booked as those that are told at once`, async () => {
    const books: unknown[] = [];
    let told = 0;
    for (const listeners of [{}, { switched: () => void told++ }]) {
      const { pup, values } = await start(name);
      await using _ = pup;
      using tracer = new Tracer(pup.machine, parametersOf(values), listeners);
      for (const line of WORKLOAD) await pup.command(line);
      const threads = tracer
        .list()
        .map(({ process: _process, ...thread }: ThreadRecord & { process?: unknown }) => thread);
      books.push([tracer.counts, threads, [...tracer.turns.list(pup.machine.cpu.time)]]);
      if (told > 0) assert.is(told, tracer.counts.switched);
    }
    assert.ok(told > 200, `${told} switches`);
    assert.equal(books[0], books[1]);
  });
}

for (const way of ['unlink', 'filter']) {
  test(`a process that a driver hides from ps (${way}) is in the tree`, async () => {
    const { pup, values } = await start('pup');
    await using _ = pup;
    using tracer = new Tracer(pup.machine, parametersOf(values));
    pup.type(`rootkit ${way} 40 &\n`);
    await pup.until('stage=hidden');
    const listed = await pup.command('ps');
    const hidden = pupRecords(pup.output, 'villain').at(-1)!;
    const worker = numberIn(hidden, 'worker');
    assert.is(numberIn(hidden, 'listed'), 0);
    assert.not.match(listed, new RegExp(`^ *${worker} `, 'm'));
    const found = tracer.living().find(({ pid }) => pid === worker);
    assert.is(found?.name, 'rootkit');
    assert.ok(found!.cpuTime > 0);
    assert.match(tree(tracer.list()), new RegExp(`rootkit ${worker} `));
  });
}

test('with less that is known, less is shown: ids without names, and ends by calls alone', async () => {
  const { pup, values } = await start('pup');
  await using _ = pup;
  const { current, processId, createCalls, endCalls, systemCallNumber } = values as ParameterValues;
  const few = { current, processId, createCalls, endCalls, systemCallNumber, thread: { how: 'tss-esp0' as const } };
  using tracer = new Tracer(pup.machine, parametersOf(few));
  await pup.command('ls | wc');
  assert.is(tracer.source, 'tss-esp0');
  const ended = tracer.list().filter(({ ended }) => ended !== undefined);
  assert.is(ended.length, 2);
  assert.ok(ended.every(({ name, pid }) => name === undefined && pid !== undefined));
});

test('what a listener throws ends the run, and the guest goes on in the next', async () => {
  const { pup, values } = await start('pup');
  await using _ = pup;
  const error = new Error('not this one');
  let thrown = 0;
  using tracer = new Tracer(pup.machine, parametersOf(values), {
    executed: () => {
      if (thrown++ === 0) throw error;
    },
  });
  pup.type('ls | wc\n');
  try {
    await pup.until(PROMPT);
    assert.unreachable('the run went on');
  } catch (caught) {
    assert.is(caught, error);
  }
  await pup.until(PROMPT);
  assert.is(thrown, 2);
  assert.is(tracer.counts.executed, 2);
});

test('the tree and the timeline of a few threads', () => {
  const stamp = { instructions: 0, time: 0 };
  const base = {
    group: undefined,
    thread: false,
    path: undefined,
    created: stamp,
    seen: stamp,
    ended: undefined,
    turns: 1,
    instructions: 0,
    cpuTime: 1,
  };
  const threads = [
    { ...base, id: 1, structure: virt(1), pid: 1, name: 'init', parent: 0 },
    { ...base, id: 2, structure: virt(2), pid: 7, name: 'sh', parent: 1, path: '/bin/sh' },
    { ...base, id: 3, structure: virt(3), pid: 8, group: 7, thread: true, name: 'sh', parent: 1 },
    { ...base, id: 4, structure: virt(4), pid: 9, name: 'gone', parent: 7, ended: stamp },
  ];
  const lines = ['init 1  1.0 ms', '  sh 7 /bin/sh  1.0 ms', '    sh 8 (thread)  1.0 ms'];
  assert.is(tree(threads), lines.join('\n'));
  const turns = {
    *list() {
      yield { id: 1, from: 0, to: 5 };
      yield { id: 2, from: 5, to: 10 };
    },
  };
  const drawn = timeline(threads, turns, { from: 0, to: 10, columns: 4 });
  assert.is(drawn, ['0.0 ms to 10.0 ms', `${'init 1'.padEnd(20)} |##  |`, `${'sh 7'.padEnd(20)} |  ##|`].join('\n'));
});

test.run();
