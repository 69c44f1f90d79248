// The gate by itself: what may be written, what may not, and that every refusal is on record.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VMM_OURS, VMM_STATE, VMM_STATICS } from '../../emulator/index.ts';
import type { CoreExports } from './core.ts';
import { SINK } from './facts.ts';
import { EdmFailure } from './failure.ts';
import { LAYOUT } from './layout.ts';
import { ARENA_START } from './placement.ts';
import { bareCore, RAM, SITE } from './testing/bare-core.ts';

const PAGE = 4096;

test('stores to what is the VMM’s pass, at either end of it too', () => {
  const { core, ramBase, alarms } = bareCore();
  for (const [address, width] of [
    [64, 16],
    [VMM_STATE.instructionPointer, 8],
    [VMM_STATE.idtrLimit - 4, 4],
    [PAGE, 1],
    [VMM_STATICS.tlbData - 16, 16],
    [VMM_STATICS.memoryBase + 4, 16],
    [ARENA_START - 8, 8],
    [ramBase, 16],
    [ramBase + RAM - 16, 16],
  ] as const)
    assert.is(core.check(address, width, 0, SITE.v86), 1, `${address}`);
  assert.equal(alarms(), []);
});

test('no byte of EDM, of the arena, or beyond memory can be written', () => {
  const { core, placement, ramBase, alarms } = bareCore();
  const { base, size } = placement;
  for (const [address, width, alarm] of [
    [base, 1, 'EDM_STORE'],
    [base + size - 1, 1, 'EDM_STORE'],
    [base - 1, 2, 'GUARD_STORE'],
    [base - PAGE, 1, 'GUARD_STORE'],
    [base + size - 4, 16, 'EDM_STORE'],
    [ARENA_START + SINK.pages * PAGE - 1, 2, 'GUARD_STORE'],
    [ramBase + RAM, 1, 'GUARD_STORE'],
    [ramBase + RAM - 1, 2, 'GUARD_STORE'],
    [0xfffffff0 | 0, 16, 'GUARD_STORE'],
  ] as const) {
    assert.is(core.check(address, width, 0, SITE.extension), 0, `${address}`);
    assert.equal(alarms(), [alarm], `${address}`);
  }
});

test('no computed store reaches architectural state, not with one byte', () => {
  const { core, alarms } = bareCore();
  const fields: readonly (readonly [from: number, bytes: number])[] = [
    [VMM_STATE.cr0, 4],
    [VMM_STATE.cr2, 4],
    [VMM_STATE.cr3, 4],
    [VMM_STATE.cr4, 4],
    [VMM_STATE.cpl, 1],
    [VMM_STATE.idtrLimit, 8],
    [VMM_STATE.gdtrLimit, 8],
    [VMM_STATE.sysenterCs, 12],
    [VMM_STATE.selectors + 12, 2],
    [VMM_OURS.rightsTable, 4],
    [VMM_STATICS.memoryBase, 4],
  ];
  for (const [from, bytes] of fields)
    for (let address = from - 3; address < from + bytes; address++) {
      assert.is(core.check(address, 4, 0, SITE.v86), 0, `${address}`);
      const kinds = alarms();
      assert.ok(kinds.length === 1 && /^(STATE|TLB)_STORE$/.test(kinds[0]!), `${address}: ${kinds}`);
    }
});

test('no computed store reaches the soft TLB', () => {
  const { core, alarms } = bareCore();
  const end = VMM_STATICS.tlbData + (4 << 20);
  for (const address of [VMM_STATICS.tlbData - 15, VMM_STATICS.tlbData, VMM_STATICS.tlbData + 2 * PAGE, end - 20]) {
    assert.is(core.check(address, 16, 0, SITE.v86), 0);
    assert.equal(alarms(), ['TLB_STORE']);
  }
});

test('bulk operations are looked at as a whole, whatever their length', () => {
  const { core, ramBase, placement, alarms } = bareCore();
  assert.is(core.check(ramBase, RAM, 0, SITE.v86), 1);
  assert.is(core.check(placement.base, 0, 0, SITE.extension), 1);
  assert.equal(alarms(), []);
  for (const [to, length] of [
    [PAGE, 0xffffffff | 0],
    [ramBase, RAM + 1],
    [placement.base - 1, 2],
    [0, PAGE],
  ] as const) {
    assert.is(core.check(to, length, 0, SITE.extension), 0);
    assert.is(alarms().length, 1);
  }
});

test('state is written by v86.wasm alone, whole fields only', () => {
  const bare = bareCore();
  const { core, alarms } = bare;
  core.state(VMM_STATE.cr2, 0x1234, 4, SITE.v86);
  assert.is(bare.word(VMM_STATE.cr2), 0x1234);
  core.state(VMM_STATE.cpl, 0x103, 1, SITE.v86);
  assert.is(bare.word(VMM_STATE.cpl), 3);
  assert.equal(alarms(), []);
  for (const [address, width, site] of [
    [VMM_STATE.cr2, 4, SITE.compiled],
    [VMM_STATE.cr2, 4, SITE.extension],
    [VMM_STATE.cr2 + 1, 4, SITE.v86],
    [VMM_STATE.cr2, 2, SITE.v86],
    [bare.placement.base, 4, SITE.v86],
    [64, 4, SITE.v86],
  ] as const) {
    core.state(address, 0x5555, width, site);
    assert.equal(alarms(), ['FOREIGN_STATE_STORE']);
  }
  assert.is(bare.word(VMM_STATE.cr2), 0x1234);
});

test('memory grows for v86 alone, and what it grows by is the VMM’s', () => {
  const { core, memory, ledger, alarms } = bareCore();
  const before = memory.buffer.byteLength;
  assert.is(core.grow(1, 0, 0, SITE.extension), -1);
  assert.equal(alarms(), ['FOREIGN_GROWTH']);
  assert.is(memory.buffer.byteLength, before);
  assert.equal(ledger.page(before / PAGE), { owner: 'absent', right: 'read_only' });
  assert.is(core.grow(2, 0, 0, SITE.v86), before / 65536);
  assert.equal(ledger.page(before / PAGE + 31), { owner: 'vmm_heap', right: 'writable' });
  assert.equal(ledger.page(before / PAGE + 32), { owner: 'absent', right: 'read_only' });
  assert.is(core.grow(65537, 0, 0, SITE.v86), -1);
  assert.is(core.check(before + 65536, 4, 0, SITE.v86), 1);
});

test('EDM stops the machine when its log is full, and for good', () => {
  const { core, placement } = bareCore();
  core.resumed();
  assert.match(
    failureOf(() => flood(core, placement.base)),
    new RegExp(`log is full: ${LAYOUT.LOG_RECORDS} records`),
  );
  assert.match(
    failureOf(() => core.check(placement.base, 1, 0, SITE.extension)),
    /at work/,
  );
  assert.match(
    failureOf(() => core.resumed()),
    /log is full/,
  );
});

test('a ledger that contradicts itself stops the machine for good', () => {
  const { core, placement, memory } = bareCore();
  // What only a wolf that nothing restrains can do: a page of the ledger names RAM where there is none.
  const page = 0xfff00;
  new Uint8Array(memory.buffer)[placement.base + LAYOUT.LEDGER + page] = 0x94;
  const named = /names guest RAM at page 1048320/;
  assert.match(
    failureOf(() => core.check(page * PAGE, 4, 0, SITE.extension)),
    named,
  );
  assert.match(
    failureOf(() => core.resumed()),
    named,
  );
});

test('an EDM that was left in the middle of its work is never entered again', () => {
  const { core, placement } = bareCore((): void => {});
  // This host does not throw when EDM fails: EDM traps.
  assert.throws(() => flood(core, placement.base), /unreachable/);
  assert.throws(() => core.check(placement.base, 1, 0, SITE.extension), /unreachable/);
  assert.throws(() => core.resumed(), /unreachable/);
});

/** One alarm more than the log holds. */
function flood(core: CoreExports, edm: number): void {
  for (let i = 0; i <= LAYOUT.LOG_RECORDS; i++) core.check(edm, 1, 0, SITE.extension);
}

/** Why EDM fails when something is done. */
function failureOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (error instanceof EdmFailure) return error.message;
    throw error;
  }
  throw new Error('EDM did not fail');
}

test.run();
