// Isolation: corrupted entries of the soft TLB are refused, those that v86 makes of the guest's own tables pass.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Frame, VMM_STATE, VMM_STATICS, VMM_TLB } from '../../../emulator/index.ts';
import { POLICY } from '../kinds.ts';
import { type BareCore, bareCore, RAM, SITE, tlbAddress, tlbWord, turnOnPaging } from '../testing/bare-core.ts';

const { valid, readOnly, noUser, mmio, global } = VMM_TLB;
const PRESENT = 1;
const WRITABLE = 2;
const USER = 4;

/** Pages of the guest: virtual page number = entry. */
const ENTRIES = {
  16: 0x10000 | PRESENT | WRITABLE | USER,
  17: 0x11000 | PRESENT | USER,
  18: 0x12000 | PRESENT | WRITABLE,
  19: 0x13000 | PRESENT | WRITABLE | USER | 0x100,
  20: 0xa0000 | PRESENT | WRITABLE,
  21: 0xfee00000 | PRESENT | WRITABLE,
};

function guest(writeProtect = true): BareCore {
  const bare = bareCore();
  turnOnPaging(bare, ENTRIES, writeProtect);
  bare.core.resumed();
  return bare;
}

/** Asks for an entry. @returns whether it was stored as it is, and the alarms */
function fill(bare: BareCore, virtual: number, physical: number, flags: number, site: number = SITE.v86) {
  const word = tlbWord(bare, virtual, physical, flags);
  bare.core.tlb(tlbAddress(virtual), word, 0, site);
  return { stored: bare.word(tlbAddress(virtual)) === word >>> 0, alarms: bare.alarms() };
}

const PASSED = { stored: true, alarms: [] };
const refused = (alarm: string) => ({ stored: false, alarms: [alarm] });

test('what v86 makes of the tables passes', () => {
  for (const [virtual, physical, flags] of [
    [0x10000, 0x10000, valid],
    [0x10000, 0x10000, valid | readOnly],
    [0x11000, 0x11000, valid | readOnly],
    [0x12000, 0x12000, valid | noUser],
    [0x14000, 0xa0000, valid | noUser | mmio],
    [0x15000, 0xfee00000, valid | noUser | mmio],
  ] as const)
    assert.equal(fill(guest(), virtual, physical, flags), PASSED, virtual.toString(16));
});

test('entries to another frame, to nothing, or with more rights are refused', () => {
  for (const [virtual, physical, flags, alarm] of [
    [0x10000, 0x12000, valid, 'TLB_WRONG_FRAME'],
    [0x16000, 0x16000, valid, 'TLB_UNMAPPED'],
    [0x400000, 0x10000, valid, 'TLB_UNMAPPED'],
    [0x11000, 0x11000, valid, 'TLB_EXCESS_RIGHTS'],
    [0x12000, 0x12000, valid, 'TLB_EXCESS_RIGHTS'],
    [0x10000, 0x10000, valid | global, 'TLB_EXCESS_RIGHTS'],
    // CR4.PGE is clear: no page is global.
    [0x13000, 0x13000, valid | global, 'TLB_EXCESS_RIGHTS'],
  ] as const)
    assert.equal(fill(guest(), virtual, physical, flags), refused(alarm), virtual.toString(16));
});

test('no entry leads out of guest RAM, even with all policies off', () => {
  const bare = guest();
  const { ramBase, placement } = bare;
  for (const policies of [POLICY.ISOLATION, 0]) {
    bare.core.arm(policies);
    for (const physical of [
      placement.base - ramBase,
      -ramBase,
      RAM,
      0xa0000,
      placement.base - ramBase + placement.size - 4096,
    ])
      assert.equal(fill(bare, 0x10000, physical, valid), refused('TLB_OUTSIDE'), `${physical}`);
    // RAM marked as a device's would be handed to the device models.
    assert.equal(fill(bare, 0x10000, 0x10000, valid | mmio), refused('TLB_OUTSIDE'));
  }
});

test('only v86 itself fills the TLB, at whole words of it', () => {
  const bare = guest();
  for (const site of [SITE.compiled, SITE.extension])
    assert.equal(fill(bare, 0x10000, 0x10000, valid, site), refused('FOREIGN_TLB_STORE'));
  for (const at of [VMM_STATICS.tlbData + 2, VMM_STATICS.tlbData - 4, VMM_STATICS.tlbData + (4 << 20)]) {
    bare.core.tlb(at, 0, 0, SITE.v86);
    assert.equal(bare.alarms(), ['FOREIGN_TLB_STORE']);
  }
});

test('with CR0.WP clear CPL 0 writes read-only pages, and CPL 3 still does not', () => {
  const bare = guest(false);
  const kernel = tlbWord(bare, 0x11000, 0x11000, valid);
  bare.core.tlb(tlbAddress(0x11000), kernel, 0, SITE.v86);
  assert.equal(bare.alarms(), []);
  assert.is(bare.word(tlbAddress(0x11000)), (kernel | readOnly) >>> 0);
});

test('an entry may lose rights without a walk, and not get them back', () => {
  const bare = guest();
  assert.equal(fill(bare, 0x10000, 0x10000, valid), PASSED);
  bare.setGuest(0x2000 + 4 * 0x10, 0);
  assert.equal(fill(bare, 0x10000, 0x10000, valid | readOnly | VMM_TLB.hasCode), PASSED);
  assert.equal(fill(bare, 0x10000, 0x10000, valid), { stored: false, alarms: ['TLB_UNMAPPED'] });
  bare.core.tlb(tlbAddress(0x10000), 0, 0, SITE.v86);
  assert.is(bare.word(tlbAddress(0x10000)), 0);
});

test('the frame table counts the mappings that grant each right', () => {
  const bare = guest();
  const mappings = (frame: number) => Object.values(bare.ledger.frame(frame as Frame).mappings);
  fill(bare, 0x10000, 0x10000, valid);
  assert.equal(mappings(0x10), [1, 1, 1, 1]);
  fill(bare, 0x10000, 0x10000, valid | readOnly);
  assert.equal(mappings(0x10), [1, 0, 1, 0]);
  fill(bare, 0x12000, 0x12000, valid | noUser);
  assert.equal(mappings(0x12), [0, 0, 1, 1]);
  bare.core.tlb(tlbAddress(0x10000), 0, 0, SITE.v86);
  assert.equal(mappings(0x10), [0, 0, 0, 0]);
  const type = (frame: number) => bare.ledger.frame(frame as Frame).type;
  assert.equal(
    [type(0x10), type(0x12), type(1), type(2), type(0xa0)],
    ['user', 'kernel', 'directory', 'table', 'device'],
  );
});

test('walks: PAE with large pages, and 4 MiB pages only with CR4.PSE', () => {
  const bare = bareCore();
  const { core } = bare;
  const large = PRESENT | WRITABLE | USER | 0x80;
  // 32-bit paging without CR4.PSE: bit 7 means nothing, the entry names a table.
  bare.setGuest(0x1000, 0x2000 | large);
  bare.setGuest(0x2000 + 4 * 3, 0x9000 | PRESENT);
  core.state(VMM_STATE.cr3, 0x1000, 4, SITE.v86);
  core.state(VMM_STATE.cr0, 0x80010001 | 0, 4, SITE.v86);
  const walk = (address: number) =>
    core.walk(address) ? [core.frame.value >>> 0, core.user.value, core.writable.value] : undefined;
  assert.equal(walk(0x3123), [0x9000, 0, 0]);
  core.state(VMM_STATE.cr4, 0x10, 4, SITE.v86);
  assert.equal(walk(0x3123), [0x3000, 1, 1]);
  // PAE: PDPTEs are those that were in memory when they were loaded.
  bare.setGuest(0x4000, 0x5000 | PRESENT);
  bare.setGuest(0x5000, 0x200000 | large);
  bare.setGuest(0x5008, 0x6000 | PRESENT | WRITABLE);
  bare.setGuest(0x6000, 0x7000 | PRESENT | WRITABLE | USER);
  core.state(VMM_STATE.cr4, 0x30, 4, SITE.v86);
  core.state(VMM_STATE.cr3, 0x4000, 4, SITE.v86);
  assert.equal(walk(0x1fffff), [0x3ff000, 1, 1]);
  assert.equal(walk(0x200fff), [0x7000, 0, 1]);
  bare.setGuest(0x4000, 0);
  assert.equal(walk(0x200fff), [0x7000, 0, 1]);
  assert.is(walk(0x40000000), undefined);
});

test.run();
