// Calls of pup's shell and of its children, followed without the tracer.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { catalogueImage, catalogueMap, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import { IdentityReader } from '../kernel/identity.ts';
import { Switches } from '../kernel/switches.ts';
import { parametersOf, pupValues } from '../testing/pup-parameters.ts';
import { watchCalls } from './calls.ts';
import { PendingCalls } from './pending-calls.ts';
import type { OpenRecord } from './thread-record.ts';

test('creators are known from what calls return, and programs from the space that is left', async () => {
  const image = await catalogueImage('pup');
  await using pup = await PupSession.start(image);
  await pup.until(PROMPT);
  const { machine } = pup;
  const parameters = parametersOf(await pupValues(await catalogueMap('pup'), image));
  const identity = new IdentityReader(machine, parameters);
  using switches = new Switches(machine, parameters, { enters() {} });
  const records = new Map<string, OpenRecord>();
  const caller = (): OpenRecord => {
    const structure = switches.running()!;
    const pid = identity.pid(structure);
    // What is asked of a record, and no more.
    const record = { structure, pid, group: pid, executing: undefined, creating: false } as unknown as OpenRecord;
    const key = `${structure} ${pid}`;
    records.set(key, records.get(key) ?? record);
    return records.get(key)!;
  };
  const executed: string[] = [];
  let [made, wasCreating] = [0, false];
  using pending = new PendingCalls(machine, {
    ...{ caller, running: caller },
    executed: ({ pid }, path) => void executed.push(`${pid} ${path}`),
  });
  using _ = watchCalls(machine, parameters, (purpose, path) => {
    if (purpose === 'replace') pending.replaces(caller(), path);
    else if (purpose === 'end') pending.drop(caller());
    else {
      made++;
      pending.creates(caller());
      // The same call again, as after a restart, is one.
      pending.creates(caller());
      wasCreating ||= pending.creating;
    }
  });

  await pup.command('ls /bin');
  assert.is(made, 1);
  assert.ok(wasCreating);
  assert.not(pending.creating);
  assert.is(executed.length, 1);
  const [, child] = /^(\d+) \/bin\/ls$/.exec(executed[0]!)!;
  const shell = [...records.values()].find(({ pid }) => pid !== Number(child))!;
  assert.is(pending.takeCreator(Number(child)), shell.pid);
  assert.is(pending.takeCreator(Number(child)), undefined, 'told twice');
  assert.is(pending.takeCreator(undefined), undefined);

  await pup.command('nosuchprogram');
  assert.is(executed.length, 1, 'a call that failed replaces nothing');
  const failed = [...records.values()].at(-1)!;
  assert.not(failed.executing);
  assert.is(pending.takeCreator(failed.pid), shell.pid);

  // Whoever is killed in a call does not return.
  pending.creates(failed);
  pending.replaces(failed, undefined);
  assert.ok(pending.creating && failed.executing);
  pending.drop(failed);
  assert.not(pending.creating || failed.creating || failed.executing);
});

test.run();
