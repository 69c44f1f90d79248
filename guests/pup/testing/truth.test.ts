// The kernel's counters agree with each other, and with what programs are known to do.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { resolveOptions } from '../options.ts';
import { numberIn, type PupRecord, pupRecords, truthSnapshots } from '../records.ts';
import { catalogueImage, INTERACTIVE, PROMPT, PupSession } from './session.ts';

const sum = (list: readonly PupRecord[], field: string) =>
  list.reduce((total, record) => total + numberIn(record, field), 0);

// What the machine's hooks see is compared in hooks.test.ts, for every variant; here a few unlike each other will do.
const SAMPLE = ['pup', 'pup-callgate', 'pup-tss', 'pup-alien'];

for (const { name, options } of INTERACTIVE.filter((variant) => SAMPLE.includes(variant.name))) {
  test(`${name}: the parts add up to the totals`, async () => {
    await using pup = await PupSession.start(await catalogueImage(name));
    await pup.until(PROMPT);
    for (const line of ['pingpong 20', 'crash all', 'badcalls', 'truth', 'forkstorm 10', 'truth'])
      await pup.command(line);
    const [before, after] = truthSnapshots(pup.output);
    const resolved = resolveOptions(options);
    for (const snapshot of [before!, after!]) {
      const total = snapshot.get('total')![0]!;
      const processes = [...snapshot.get('process')!, ...snapshot.get('ended')!];
      assert.is(numberIn(total, 'syscalls'), sum(processes, 'syscalls'));
      assert.is(numberIn(total, 'syscalls'), sum(snapshot.get('call')!, 'count') + numberIn(total, 'bad'));
      assert.is(numberIn(total, 'faults'), sum(processes, 'faults'));
      assert.is(numberIn(total, 'exits'), snapshot.get('ended')!.length);
      assert.is(numberIn(total, 'forks'), processes.length - 1, 'all but init were forked');
      const vector = { int80: 0x80, int2e: 0x2e, sysenter: undefined, callgate: undefined }[resolved.syscall];
      const gates = snapshot.get('vector')!.filter((record) => numberIn(record, 'n') === vector);
      assert.is(sum(gates, 'count'), vector === undefined ? 0 : numberIn(total, 'syscalls'));
      if (resolved.switch === 'tss') assert.ok(numberIn(total, 'cr3') > numberIn(total, 'switches'));
    }
    const grown = (field: string) =>
      numberIn(after!.get('total')![0]!, field) - numberIn(before!.get('total')![0]!, field);
    assert.is(grown('forks'), 10 + 2, 'forkstorm with its children, and truth');
    assert.is(grown('execs'), 2);
    assert.is(grown('exits'), 10 + 2, 'forkstorm with its children, and the first truth');
    assert.is(grown('faults'), 0);
  });
}

test('the log tells each fork, exec and exit when it happens', async () => {
  await using pup = await PupSession.start(await catalogueImage('pup'));
  await pup.until(PROMPT);
  for (const line of ['truth on', 'ls / | wc', 'truth off']) await pup.command(line);
  const log = pupRecords(pup.output, 'truth').map(({ words, fields }) => `${words[0]} ${fields.get('name')}`);
  assert.equal(log, [
    ...['exit truth', 'fork sh', 'fork sh', 'exec ls', 'exit ls', 'exec wc', 'exit wc', 'fork sh', 'exec truth'],
  ]);
});

test.run();
