// Audit: the chain of the log is SHA-256's, nothing is lost from it, nothing can be forged into it.
import { createHash } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VMM_OURS, VMM_STATE } from '../../emulator/index.ts';
import { verifyChain } from './audit-log.ts';
import { KIND } from './kinds.ts';
import { LAYOUT } from './layout.ts';
import { bareCore, SITE } from './testing/bare-core.ts';

const SIZE = LAYOUT.RECORD_SIZE;

/** A core with a few records. */
function recorded(count = 5) {
  const bare = bareCore();
  for (let i = 0; i < count; i++) bare.core.note(KIND.MODULE_INSTALLED, i, 2 * i, 3 * i);
  bare.log.drain();
  return bare;
}

test('records come out as they went in', async () => {
  const { core, log, setWord } = recorded(3);
  setWord(VMM_STATE.instructionCounter, 1000);
  setWord(VMM_OURS.liveInstructions, 23);
  core.check(8, 1, 0, SITE.v86);
  core.check(VMM_STATE.cr3, 4, 0, SITE.extension);
  log.drain();
  assert.equal(
    log.records.map(({ number, kind, address, detail, extra }) => [number, kind, address, detail, extra]),
    [
      [0, 'MODULE_INSTALLED', 0, 0, 0],
      [1, 'MODULE_INSTALLED', 1, 2, 3],
      [2, 'MODULE_INSTALLED', 2, 4, 6],
      [3, 'STATE_STORE', VMM_STATE.cr3, 4, 0],
    ],
  );
  assert.is(log.records[3]!.instructions, 1023);
  assert.is(log.records[3]!.siteNumber, SITE.extension | 0);
  assert.is(await log.verify(), undefined);
});

test('the chain is SHA-256, as another implementation computes it', () => {
  const { log } = recorded(40);
  const bytes = log.bytes();
  const constants = Uint32Array.of(
    0x67e6096a,
    0x85ae67bb,
    0x72f36e3c,
    0x3af54fa5,
    0x7f520e51,
    0x8c68059b,
    0xabd9831f,
    0x19cde05b,
  );
  let digest = Buffer.from(constants.buffer);
  for (let at = 0; at < bytes.length; at += SIZE) {
    digest = createHash('sha256')
      .update(digest)
      .update(bytes.subarray(at, at + 32))
      .digest() as typeof digest;
    assert.equal(Buffer.from(bytes.subarray(at + 32, at + SIZE)), digest);
  }
  assert.equal(Buffer.from(log.head()), digest);
});

test('a record that is changed, lost, repeated, moved or added is noticed', async () => {
  const { log } = recorded();
  const bytes = log.bytes();
  const [head, whole] = [log.head(), [...bytes]];
  const record = (n: number) => whole.slice(n * SIZE, (n + 1) * SIZE);
  const forgeries: readonly (readonly number[])[] = [
    whole.map((byte, i) => (i === 2 * SIZE + 9 ? byte ^ 1 : byte)),
    whole.map((byte, i) => (i === 2 * SIZE + 40 ? byte ^ 1 : byte)),
    [...record(0), ...record(1), ...record(3), ...record(4)],
    whole.slice(0, -SIZE),
    [...whole, ...record(4)],
    [...record(1), ...record(0), ...record(2), ...record(3), ...record(4)],
    whole.slice(0, -1),
  ];
  assert.is(await verifyChain(Uint8Array.from(whole), head), undefined);
  for (const [i, forged] of forgeries.entries())
    assert.type(await verifyChain(Uint8Array.from(forged), head), 'string', `forgery ${i}`);
});

test('a forger who knows the chain still does not know where it ends: EDM keeps that out of memory', async () => {
  const { core, log, memory, placement } = recorded(0);
  core.note(KIND.STARTED, 1, 1, 1);
  // All of EDM's pages are at the mercy of this forger, before the log is drained.
  const bytes = new Uint8Array(memory.buffer);
  const at = placement.base + LAYOUT.LOG;
  bytes[at + 8] = 7;
  const initial = bytes.slice(placement.base + LAYOUT.FIRST_DIGEST, placement.base + LAYOUT.FIRST_DIGEST + 32);
  bytes.set(
    createHash('sha256')
      .update(initial)
      .update(bytes.slice(at, at + 32))
      .digest(),
    at + 32,
  );
  assert.match((await log.verify()) ?? '', /EDM's own digest is another/);
});

test('the log goes on over its end, drained in between', async () => {
  const { core, log } = recorded(0);
  const count = LAYOUT.LOG_RECORDS + 10;
  for (let i = 0; i < count; i++) {
    core.note(KIND.MODULE_INSTALLED, i, 0, 0);
    if (i % 5000 === 0) log.drain();
  }
  log.drain();
  assert.is(log.records.length, count);
  assert.is(await log.verify(), undefined);
});

test('the instruction counter wraps and time goes on', () => {
  const { core, log, setWord } = recorded(0);
  for (const count of [0xfffffff0, 5, 0x80000000, 0xffffffff, 1]) {
    setWord(VMM_STATE.instructionCounter, count);
    core.note(KIND.STARTED, 0, 0, 0);
  }
  log.drain();
  assert.equal(
    log.records.map(({ instructions }) => instructions),
    [0xfffffff0, 2 ** 32 + 5, 2 ** 32 + 2 ** 31, 2 ** 33 - 1, 2 ** 33 + 1],
  );
});

test('privileged changes are on record, with the value before', () => {
  const { core, log } = bareCore(undefined, 32);
  core.resumed();
  core.state(VMM_STATE.cr4, 0x80, 4, SITE.v86);
  core.state(VMM_STATE.cr4, 0x80, 4, SITE.v86);
  core.state(VMM_STATE.cr4, 0x90, 4, SITE.v86);
  log.drain();
  assert.equal(
    log.records.map(({ kind, address, detail, extra }) => [kind, address, detail, extra]),
    [
      ['STATE_CHANGED', VMM_STATE.cr4, 0x80, 0],
      ['STATE_CHANGED', VMM_STATE.cr4, 0x90, 0x80],
    ],
  );
});

test.run();
