// The kernel's counters agree with each other, and with what programs are known to do.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveOptions } from '../options.ts';
import { bootPup } from './boot.ts';
import { catalogueImage, INTERACTIVE } from './catalogue.ts';
import { type GuestRecord, records, typing } from './run.ts';

const number = (record: GuestRecord, field: string) => Number(record.fields.get(field));
const sum = (list: readonly GuestRecord[], field: string) =>
  list.reduce((total, record) => total + number(record, field), 0);

/** The records of each `truth` command in an output, by their first word. */
function snapshots(output: string): Map<string, GuestRecord[]>[] {
  const list: Map<string, GuestRecord[]>[] = [];
  for (const record of records(output, 'truth')) {
    const kind = record.words[0]!;
    if (kind === 'begin') list.push(new Map());
    const snapshot = list.at(-1)!;
    snapshot.set(kind, [...(snapshot.get(kind) ?? []), record]);
  }
  return list;
}

for (const { name, options } of INTERACTIVE) {
  test(`${name}: the parts add up to the totals`, async () => {
    const steps = typing('forkstorm 10', 'pingpong 20', 'crash all', 'badcalls', 'truth', 'forkstorm 10', 'truth');
    const { output } = await bootPup(await catalogueImage(name), { steps });
    const [before, after] = snapshots(output);
    const resolved = resolveOptions(options);
    for (const snapshot of [before!, after!]) {
      const total = snapshot.get('total')![0]!;
      const processes = [...snapshot.get('process')!, ...snapshot.get('ended')!];
      assert.is(number(total, 'syscalls'), sum(processes, 'syscalls'));
      assert.is(number(total, 'syscalls'), sum(snapshot.get('call')!, 'count') + number(total, 'bad'));
      assert.is(number(total, 'faults'), sum(processes, 'faults'));
      assert.is(number(total, 'exits'), snapshot.get('ended')!.length);
      assert.is(number(total, 'forks'), processes.length - 1, 'all but init were forked');
      const vector = { int80: 0x80, int2e: 0x2e, sysenter: undefined, callgate: undefined }[resolved.syscall];
      const gates = snapshot.get('vector')!.filter((record) => number(record, 'n') === vector);
      assert.is(sum(gates, 'count'), vector === undefined ? 0 : number(total, 'syscalls'));
      if (resolved.switch === 'tss') assert.ok(number(total, 'cr3') > number(total, 'switches'));
    }
    const grown = (field: string) => number(after!.get('total')![0]!, field) - number(before!.get('total')![0]!, field);
    assert.is(grown('forks'), 10 + 2, 'forkstorm with its children, and truth');
    assert.is(grown('execs'), 2);
    assert.is(grown('exits'), 10 + 2, 'forkstorm with its children, and the first truth');
    assert.is(grown('faults'), 0);
  });
}

test('the log tells each fork, exec and exit when it happens', async () => {
  const { output } = await bootPup(await catalogueImage('pup'), {
    steps: typing('truth on', 'ls / | wc', 'truth off'),
  });
  const log = records(output, 'truth').map(({ words, fields }) => `${words[0]} ${fields.get('name')}`);
  assert.equal(log, [
    ...['exit truth', 'fork sh', 'fork sh', 'exec ls', 'exit ls', 'exec wc', 'exit wc', 'fork sh', 'exec truth'],
  ]);
});

test.run();
