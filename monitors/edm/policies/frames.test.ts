// Frames and DMA: what is under protection stays as it is, whoever writes, and devices write guest RAM alone.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Frame } from '../../../emulator/index.ts';
import { POLICY } from '../kinds.ts';
import { bareCore, RAM, SITE, turnOnPaging } from '../testing/bare-core.ts';

test('protected bytes are kept from guest, VMM and devices; their neighbours are not', () => {
  const { core, ramBase, ledger, alarms } = bareCore();
  const [from, to] = [0x10100, 0x12080];
  assert.is(core.protect(from, to, 5), 0);
  assert.equal(alarms(), []);
  assert.equal(
    [0xf, 0x10, 0x11, 0x12, 0x13].map((frame) => ledger.frame(frame as Frame).isProtected),
    ['no', 'partly', 'whole', 'partly', 'no'],
  );
  for (const [at, width, admitted] of [
    [from - 4, 4, 1],
    [from - 1, 2, 0],
    [from, 1, 0],
    [0x11fff, 16, 0],
    [to - 1, 1, 0],
    [to, 4, 1],
    [0x12ff8, 16, 1],
  ] as const) {
    for (const site of [SITE.compiled, SITE.v86, SITE.extension]) {
      assert.is(core.check(ramBase + at, width, 0, site), admitted, at.toString(16));
      assert.equal(alarms(), admitted ? [] : ['PROTECTED_STORE']);
    }
    assert.is(core.deviceWrites(at, width), admitted);
    assert.equal(alarms(), admitted ? [] : ['PROTECTED_STORE']);
  }
  // A transfer from far before to far behind it.
  assert.is(core.deviceWrites(0, RAM), 0);
  assert.is(core.check(ramBase, RAM, 0, SITE.v86), 0);
});

test('an alarm names the address, what is protected there, and who wrote', () => {
  const { core, ramBase, log } = bareCore();
  core.protect(0x20000, 0x21000, 77);
  core.check(ramBase + 0x20010, 4, 0, SITE.extension);
  log.drain();
  const [alarm] = log.alarms;
  assert.equal(
    [alarm?.kind, alarm?.address, alarm?.detail, alarm?.siteNumber],
    ['PROTECTED_STORE', 0x20010, 77, SITE.extension | 0],
  );
});

test('what is no RAM cannot be protected', () => {
  const { core } = bareCore();
  for (const [from, to] of [
    [RAM - 1, RAM + 1],
    [0x2000, 0x2000],
    [0x3000, 0x2000],
    [-4096, 0],
  ] as const)
    assert.is(core.protect(from, to, 0), -1);
});

test('page tables are written by the guest, not by an extension, and by nobody while the guest stands', () => {
  const bare = bareCore();
  const { core, ramBase, alarms, ledger } = bare;
  turnOnPaging(bare, { 16: 0x10007 });
  core.resumed();
  core.walk(0x10000);
  assert.equal(ledger.page((ramBase >> 12) + 2).right, 'observed');
  const table = ramBase + 0x2040;
  assert.is(core.check(table, 4, 0, SITE.compiled), 1);
  assert.is(core.check(table, 4, 0, SITE.v86), 1);
  assert.equal(alarms(), []);
  assert.is(core.check(table, 4, 0, SITE.extension), 0);
  core.suspended();
  assert.is(core.check(table, 4, 0, SITE.v86), 0);
  assert.equal(alarms(), ['TABLE_STORE', 'TABLE_STORE']);
});

test('a page that is written often and walked no more is no table any longer', () => {
  const bare = bareCore();
  const { core, ramBase, ledger } = bare;
  turnOnPaging(bare, { 16: 0x10007 });
  core.resumed();
  core.walk(0x10000);
  for (let i = 0; i < 60; i++) core.check(ramBase + 0x2000, 4, 0, SITE.compiled);
  core.walk(0x10000);
  for (let i = 0; i < 60; i++) core.check(ramBase + 0x2000, 4, 0, SITE.compiled);
  assert.is(ledger.frame(2 as Frame).type, 'table');
  for (let i = 0; i < 10; i++) core.check(ramBase + 0x2000, 4, 0, SITE.compiled);
  assert.is(ledger.frame(2 as Frame).type, 'unknown');
  assert.equal(ledger.page((ramBase >> 12) + 2).right, 'writable');
});

test('devices write guest RAM and nothing else', () => {
  const { core, placement, ramBase, alarms } = bareCore();
  assert.is(core.deviceWrites(0, RAM), 1);
  assert.is(core.deviceWrites(RAM - 512, 512), 1);
  assert.equal(alarms(), []);
  for (const [at, length] of [
    [RAM - 512, 513],
    [RAM, 1],
    [placement.base - ramBase, 4096],
    [0xfffff000 | 0, 0x2000],
    [0x1000, 0xffffffff | 0],
  ] as const) {
    assert.is(core.deviceWrites(at, length), 0);
    assert.equal(alarms(), ['DMA_OUTSIDE']);
  }
});

test('switched off, the policies let everything pass that does not touch EDM', () => {
  const { core, ramBase, placement, alarms } = bareCore(undefined, POLICY.AUDIT);
  core.protect(0x20000, 0x21000, 1);
  assert.is(core.check(ramBase + 0x20000, 4, 0, SITE.extension), 1);
  assert.is(core.deviceWrites(0x20000, 4), 1);
  assert.is(core.deviceWrites(RAM, 4), 1);
  assert.equal(alarms(), []);
  assert.is(core.check(placement.base, 4, 0, SITE.extension), 0);
});

test.run();
