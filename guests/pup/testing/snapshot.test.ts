// Snapshots on a whole guest: a restored run is the run that was saved, event by event, and a damaged file is refused.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type EventKind, Machine, SnapshotError } from '../../../emulator/index.ts';
import { loadAssets, v86Folder } from '../../../emulator/node/assets.ts';
import { instrument } from '../../../emulator/v86/instrument/index.ts';
import { HOOKED_SHA256 } from '../../../emulator/v86/version.ts';
import { findGuest } from '../../find.ts';
import { prepareGuest } from '../../prepare.ts';

const KINDS: readonly EventKind[] = ['syscall', 'cr3-write', 'page-fault', 'interrupt', 'tlb-fill', 'port-io', 'halt'];

const assets = await loadAssets();
const { boot, memorySize } = await prepareGuest(await findGuest('pup'));
const machine = await Machine.create({ boot, memorySize }, assets);
await machine.run({ until: 'pup# ' });
machine.schedule({ on: { after: 50 }, give: { serial: 'ps\n' } });
const file = await machine.save();

/** Everything that a run of more than a virtual second shows. */
async function hear(subject: Machine): Promise<readonly unknown[]> {
  const log = createHash('sha256');
  let events = 0;
  for (const kind of KINDS)
    subject.on(kind, (event) => {
      events++;
      log.update(JSON.stringify(event));
    });
  subject.type('forkstorm 20\n');
  await subject.run({ for: 1200 });
  const { instructions, time } = subject.cpu;
  await subject.close();
  return [events, log.digest('hex'), instructions, time, subject.console.text];
}

test('the saved machine and two restored ones go on alike, pending input included', async () => {
  const saved = await hear(machine);
  assert.ok((saved[0] as number) > 1000, `${saved[0]} events`);
  assert.match(saved[4] as string, /pup# ps\r\n[\s\S]*forkstorm/);
  assert.equal(await hear(await Machine.restore(file, assets)), saved);
  assert.equal(await hear(await Machine.restore(file, assets)), saved);
});

test('a file that is cut or changed anywhere is refused with what is wrong', async () => {
  const damaged = [0, 8, 12, 16, 24, 60, file.length >> 1, file.length - 1].map((at) => {
    const copy = file.slice();
    copy[at]! ^= 0x55;
    return copy;
  });
  for (const bytes of [...damaged, ...[0, 7, 55, file.length >> 1, file.length - 1].map((n) => file.subarray(0, n))]) {
    try {
      await Machine.restore(bytes, assets, { source: 'mine.snapshot' });
      assert.unreachable('a damaged snapshot was taken');
    } catch (error) {
      assert.instance(error, SnapshotError);
      assert.match((error as Error).message, /^mine\.snapshot: .*expected .*found /);
    }
  }
});

test('the hash that names the hooks is that of the rewritten binary', () => {
  const source = new Uint8Array(readFileSync(`${v86Folder()}/build/v86.wasm`));
  assert.is(createHash('sha256').update(instrument(source, 'v86.wasm')).digest('hex'), HOOKED_SHA256);
});

test.run();
