// Entries of the soft TLB are held while EDM wants to be asked about their frame; the slow way of compiled code is asked about as a guard would.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Frame, VMM_STATE } from '../../emulator/index.ts';
import { SINK, SLOW_SITE } from './facts.ts';
import { type BareCore, bareCore, SITE, TABLES, tlbAddress, tlbWord, turnOnPaging } from './testing/bare-core.ts';

const [VALID, READ_ONLY, NO_USER, HAS_CODE] = [1, 2, 4, 32] as const;
const PAGE = 4096;
/** A frame, and where it is mapped. */
const [FRAME, KERNEL, ALIAS] = [0x10000, 0x10000, 0x20000] as const;

/** A guest that has mapped a frame twice, for the kernel only. */
function mapped(): BareCore {
  const bare = bareCore();
  turnOnPaging(bare, { [KERNEL / PAGE]: FRAME | 3, [ALIAS / PAGE]: FRAME | 3 });
  bare.core.resumed();
  return bare;
}

const fill = (bare: BareCore, virtual: number, flags: number): number =>
  bare.core.tlb(tlbAddress(virtual), tlbWord(bare, virtual, FRAME, flags), 0, SITE.v86);

const flagsAt = (bare: BareCore, virtual: number): number => bare.word(tlbAddress(virtual)) & 0xfff;

test('an entry of a protected frame is held, whether it was there before or comes later', () => {
  const bare = mapped();
  fill(bare, KERNEL, VALID | NO_USER);
  assert.is(flagsAt(bare, KERNEL), VALID | NO_USER);
  bare.core.protect(FRAME + 8, FRAME + 12, 1);
  assert.is(flagsAt(bare, KERNEL), VALID | NO_USER | HAS_CODE);
  fill(bare, ALIAS, VALID | NO_USER);
  assert.is(flagsAt(bare, ALIAS), VALID | NO_USER | HAS_CODE);
  // v86 drops compiled code, and says so of all entries of the frame.
  fill(bare, KERNEL, VALID | NO_USER);
  assert.is(flagsAt(bare, KERNEL), VALID | NO_USER | HAS_CODE);
  assert.equal(bare.alarms(), []);
});

test('all entries of a frame are held, however many there are', () => {
  for (const entries of [2, 0x10001]) {
    const bare = mapped();
    // More than a count of 16 bits holds: paging is off, and each page maps itself, so that the guest's tables are in no way.
    bare.core.state(VMM_STATE.cr0, 1, 4, SITE.v86);
    bare.core.arm(0);
    for (let i = 0; i < entries; i++) fill(bare, (0x1000 + i) << 12, VALID);
    bare.core.protect(FRAME, FRAME + PAGE, 1);
    for (let i = 0; i < entries; i++)
      if (flagsAt(bare, (0x1000 + i) << 12) !== (VALID | HAS_CODE)) assert.unreachable(`entry ${i} of ${entries}`);
  }
});

test('a frame that becomes a page table is held until it is one no longer; where v86 has code it stays marked', () => {
  for (const code of [0, HAS_CODE]) {
    const bare = bareCore();
    turnOnPaging(bare, { [KERNEL / PAGE]: FRAME | 3, [ALIAS / PAGE]: TABLES.table | 3 });
    bare.core.resumed();
    const table = tlbWord(bare, ALIAS, TABLES.table, VALID | NO_USER | code);
    // EDM knows of the table once it has walked through it; before, the entry's own walk would be the first.
    bare.core.arm(0);
    bare.core.tlb(tlbAddress(ALIAS), table, 0, SITE.v86);
    assert.is(flagsAt(bare, ALIAS), VALID | NO_USER | code);
    bare.core.walk(KERNEL);
    assert.is(bare.ledger.frame((TABLES.table / PAGE) as Frame).type, 'table');
    assert.is(flagsAt(bare, ALIAS), VALID | NO_USER | HAS_CODE);
    for (let i = 0; i < 70; i++) bare.core.check(bare.ramBase + TABLES.table, 4, 0, SITE.compiled);
    assert.is(bare.ledger.frame((TABLES.table / PAGE) as Frame).type, 'unknown');
    assert.is(flagsAt(bare, ALIAS), VALID | NO_USER | code);
  }
});

test('read-only entries are never written through, and need no hold', () => {
  const bare = mapped();
  fill(bare, KERNEL, VALID | NO_USER | READ_ONLY);
  bare.core.protect(FRAME, FRAME + PAGE, 1);
  assert.is(flagsAt(bare, KERNEL) & READ_ONLY, READ_ONLY);
});

test('what the slow way answers is asked about: EDM’s pages, protected bytes, the next page', () => {
  const bare = mapped();
  const { core, v86, ramBase, placement, log } = bare;
  core.protect(FRAME + PAGE, FRAME + PAGE + 4, 1);
  const where = (3 << 16) | 0x123;
  const entryTo = (linear: number, virtual: number): number => (linear ^ virtual) & ~0xfff;
  for (const [to, admitted] of [
    [ramBase + FRAME + 0x10, true],
    [ramBase + FRAME + PAGE + 8, true],
    [ramBase + FRAME + PAGE - 2, false],
    [ramBase + FRAME + PAGE, false],
    [placement.base, false],
    [placement.base - 2, false],
  ] as const) {
    const virtual = 0x50000 | (to & 0xfff);
    v86.entry = entryTo(to, virtual);
    const sink = entryTo(SINK.from | (virtual & 0xfff), virtual);
    const before = log.alarms.length;
    assert.is(core.safe_write32_slow_jit(virtual, 7, where), admitted ? v86.entry : sink, to.toString(16));
    assert.is(core.safe_read_write32s_slow_jit(virtual, where), admitted ? v86.entry : sink);
    log.drain();
    assert.is(log.alarms.length, before + (admitted ? 0 : 2));
  }
  assert.is(log.alarms.at(-1)?.siteNumber, (4 << 20) | SLOW_SITE | 0x123);
  // After a page fault nothing is written.
  v86.entry = 1;
  assert.is(core.safe_write32_slow_jit(0, 7, where), 1);
});

test.run();
