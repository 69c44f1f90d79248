// Snapshots on a whole guest: a restored run is the run that was saved, event by event, and a damaged file is refused.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Access,
  type EventKind,
  frameOf,
  Machine,
  type PhysAddr,
  type ProbeHit,
  SnapshotError,
  type VirtAddr,
  virt,
  x86,
} from '../../../emulator/index.ts';
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

/** Where pup's system calls enter: the target of gate 0x80. */
function systemCallEntry({ cpu, memory }: Machine): VirtAddr {
  const bytes = memory.read(virt(cpu.idtrBase + 8 * 0x80), 8);
  assert.instance(bytes, Uint8Array);
  const [low, high] = new Uint32Array((bytes as Uint8Array).slice().buffer) as unknown as [number, number];
  const gate = x86.decodeDescriptor(low, high);
  if (gate.kind !== 'trap-gate' && gate.kind !== 'interrupt-gate') throw new Error(`gate 0x80 is a ${gate.kind}`);
  return virt(gate.offset);
}

test('probes and protections go on in a restored machine, with the handlers that are given by name', async () => {
  const log: string[] = [];
  const onCall = ({ hits, cpu }: ProbeHit) => void log.push(`call ${hits} ${cpu.eax} ${cpu.instructions}`);
  const onWrite = ({ address, value, cpu }: Access) => void log.push(`write ${address} ${value} ${cpu.instructions}`);

  const first = await Machine.create({ boot, memorySize }, assets);
  await first.run({ until: 'pup# ' });
  const entry = systemCallEntry(first);
  const stack = first.memory.translate(virt(first.cpu.esp - 4));
  assert.type(stack, 'number');
  first.probe(entry, onCall, { name: 'call' });
  first.protect(frameOf(stack as PhysAddr), { write: true }, onWrite, { name: 'stack' });
  first.type('echo one\n');
  await first.run({ for: 100 });
  assert.ok(
    log.some((line) => line.startsWith('call')) && log.some((line) => line.startsWith('write')),
    log.join('\n'),
  );

  const snapshot = await first.save();
  const end = async (subject: Machine) => {
    log.length = 0;
    subject.type('echo two\n');
    await subject.run({ for: 100 });
    const { instructions } = subject.cpu;
    await subject.close();
    return [...log, instructions];
  };
  const saved = await end(first);
  const handlers = { probes: { call: onCall }, protections: { stack: onWrite } };
  assert.ok(saved.length > 20, `${saved.length} hits`);
  assert.equal(await end(await Machine.restore(snapshot, assets, handlers)), saved);
  assert.equal(await end(await Machine.restore(snapshot, assets)), [saved.at(-1)]);
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
