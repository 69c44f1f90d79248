// Maps of memory, and where EDM lies in it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VMM_STATICS } from '../../emulator/index.ts';
import { SINK } from './facts.ts';
import { ARENA_SIZE, LAYOUT, sizeFor } from './layout.ts';
import { drawSvg, drawText, memoryMap } from './map.ts';
import { ARENA_START, hitChance, place } from './placement.ts';
import { bareCore, RAM } from './testing/bare-core.ts';

const PAGE = 4096;

test('the map has every page of memory once, and its owner', () => {
  const { ledger, placement, memory, ramBase } = bareCore();
  const { pages, ram, frames } = memoryMap(ledger);
  for (const [i, run] of pages.entries()) assert.is(run.from, i === 0 ? 0 : pages[i - 1]!.to);
  assert.is(pages.at(-1)!.to * PAGE, memory.buffer.byteLength);
  const owner = (address: number) => pages.find(({ from, to }) => address >= from * PAGE && address < to * PAGE)?.owner;
  assert.is(owner(0), 'vmm_static');
  assert.is(owner(VMM_STATICS.tlbData + (2 << 20)), 'soft_tlb');
  assert.is(owner(SINK.from), 'vmm_static');
  assert.is(owner(SINK.from + SINK.pages * PAGE), 'guard');
  assert.is(owner(placement.base), 'edm');
  assert.is(owner(placement.base + placement.size), 'guard');
  assert.is(owner(ramBase), 'guest_ram');
  assert.equal(ram, { base: ramBase, size: RAM });
  assert.is(
    Object.values(frames).reduce((sum, count) => sum + count),
    RAM / PAGE,
  );
  assert.is(frames.device, 32);
});

test('the pictures show every owner that there is', () => {
  const map = memoryMap(bareCore().ledger);
  const text = drawText(map);
  for (const letter of 'stE.r') assert.ok(text.split('\n\n')[0]!.includes(letter), letter);
  const svg = drawSvg(map);
  assert.match(svg, /^<svg .*<\/svg>\n$/s);
  for (const title of ['edm, read only', 'soft tlb, observed', 'guest ram, writable', 'guard, read only'])
    assert.ok(svg.includes(`<title>${title}: `), title);
});

test('places are drawn from the whole arena, again the same for a seed', () => {
  const places = Array.from({ length: 2000 }, (_, seed) => place(RAM, true, seed));
  const end = ARENA_START + ARENA_SIZE;
  for (const { base, size } of places) assert.ok(base >= ARENA_START && base + size <= end && base % PAGE === 0);
  const bases = places.map(({ base }) => (base - ARENA_START) / (ARENA_SIZE - sizeFor(RAM)));
  for (let tenth = 0; tenth < 10; tenth++) {
    const share = bases.filter((base) => Math.min(Math.floor(base * 10), 9) === tenth).length;
    assert.ok(share > 140 && share < 260, `${share} of 2000 in tenth ${tenth}`);
  }
  assert.equal(place(RAM, true, 7), place(RAM, true, 7));
  const unseeded = Array.from({ length: 4 }, () => place(RAM, true, undefined).base);
  assert.ok(new Set(unseeded).size > 1);
});

test('the chance of a blind write is what is tried and found', () => {
  const { ledger, placement } = bareCore();
  let hits = 0;
  let state = 1;
  const tries = 20_000;
  for (let i = 0; i < tries; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    const page = Math.floor((ARENA_START + (state / 2 ** 32) * ARENA_SIZE) / PAGE);
    if (ledger.page(page).owner === 'edm') hits++;
  }
  assert.ok(Math.abs(hits / tries - hitChance(placement)) < 0.002, `${hits / tries}, expected ${hitChance(placement)}`);
  assert.is(hitChance(place(RAM, false, 1)), 1);
});

test('tables do not overlap', () => {
  const { LEDGER, LEDGER_SIZE, SCHEDULE, ROUND_CONSTANTS, MESSAGE, FIRST_DIGEST, PDPTES, RANGES, MAX_RANGES } = LAYOUT;
  const { COUNTS, MAX_KINDS, LOG, LOG_RECORDS, RECORD_SIZE, FRAMES } = LAYOUT;
  const parts = [
    [LEDGER, LEDGER_SIZE],
    [SCHEDULE, 256],
    [ROUND_CONSTANTS, 256],
    [MESSAGE, 128],
    [FIRST_DIGEST, 32],
    [PDPTES, 32],
    [RANGES, 12 * MAX_RANGES],
    [COUNTS, 8 * MAX_KINDS],
    [LOG, LOG_RECORDS * RECORD_SIZE],
    [FRAMES, 0],
  ] as const;
  for (let i = 1; i < parts.length; i++) assert.ok(parts[i - 1]![0] + parts[i - 1]![1] <= parts[i]![0], `part ${i}`);
});

test.run();
