import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type phys, virt } from '../address.ts';
import { AddressSpace, addressSpaceRecipe, type ExpectedPage } from './page-tables.fixture.ts';
import type { PageMissReason, PageWalk } from './paging.ts';
import { descend, pagingMode, translate, walk, walkTrail } from './paging.ts';

const SEED = { seed: 0x9a6e, numRuns: 400 };
const anyAddress = fc.integer({ min: 0, max: 0xffff_ffff });
const noMemory = () => undefined;

/** Asserts that a walk missed, and returns the parts that say how. */
function missOf(walked: PageWalk): { reason: PageMissReason; level: string; entryAddress: number } {
  if (walked.kind !== 'miss') throw new Error(`expected a miss, reached physical 0x${walked.physical.toString(16)}`);
  const { reason, level, entryAddress } = walked;
  return { reason, level, entryAddress };
}

function assertReaches(space: AddressSpace, page: ExpectedPage, offset: number): void {
  const address = virt(page.virtual + offset);
  const expected = page.physical + offset;
  const walked = walk(space.read, space.controls, address);
  assert.equal(
    walked.levels.map((level) => level.entryAddress),
    page.entries,
  );
  for (const { entryAddress, low, high } of walked.levels) {
    assert.is((BigInt(high) << 32n) | BigInt(low), space.readEntry(entryAddress));
  }
  if (expected >= 2 ** 32) {
    assert.equal(missOf(walked), { reason: 'outside-memory', level: 'page', entryAddress: expected });
    assert.is(translate(space.read, space.controls, address), undefined);
    return;
  }
  if (walked.kind !== 'page') throw new Error(`expected a page, missed: ${walked.reason} at ${walked.level}`);
  assert.is(walked.physical, expected);
  assert.is(walked.pageSize, page.size);
  assert.equal(walked.rights, page.rights);
  assert.is(translate(space.read, space.controls, address), expected);
}

test('every mapped page translates to its frame, with its rights, through its entries', () => {
  const sizes = new Set<string>();
  fc.assert(
    fc.property(addressSpaceRecipe, fc.nat(), (recipe, anyOffset) => {
      const space = new AddressSpace(recipe);
      for (const page of space.pages) {
        sizes.add(`${pagingMode(space.controls)} ${page.size}`);
        for (const offset of [0, anyOffset % page.size, page.size - 1]) assertReaches(space, page, offset);
      }
    }),
    SEED,
  );
  assert.equal([...sizes].sort(), ['32-bit 4096', '32-bit 4194304', 'PAE 2097152', 'PAE 4096'], 'all modes were tried');
});

test('an address of no mapped page misses at an entry that is not present', () => {
  fc.assert(
    fc.property(addressSpaceRecipe, fc.array(anyAddress, { minLength: 20 }), (recipe, addresses) => {
      const space = new AddressSpace(recipe);
      const neighbours = space.pages.flatMap((page) => [page.virtual - 1, page.virtual + page.size]);
      for (const address of [...addresses, ...neighbours].map(virt)) {
        if (space.pageAt(address) !== undefined) continue;
        const walked = walk(space.read, space.controls, address);
        const { reason, entryAddress } = missOf(walked);
        assert.is(reason, 'not-present');
        assert.is(walked.levels.at(-1)?.entryAddress, entryAddress);
        assert.is(space.readEntry(entryAddress) & 1n, 0n);
        assert.is(translate(space.read, space.controls, address), undefined);
      }
    }),
    SEED,
  );
});

test('a broken entry at any level ends the walk there, with its reason', () => {
  const tried = new Set<string>();
  fc.assert(
    fc.property(addressSpaceRecipe, fc.nat(), fc.nat(), fc.nat(), (recipe, pagePick, levelPick, breakPick) => {
      const space = new AddressSpace(recipe);
      const page = space.pages[pagePick % space.pages.length]!;
      const depth = levelPick % page.entries.length;
      const entryAddress = page.entries[depth]!;
      const entry = space.readEntry(entryAddress);
      const names = recipe.pae ? ['PDPTE', 'PDE', 'PTE'] : ['PDE', 'PTE'];
      const level = names[depth]!;
      const isLeaf = depth === page.entries.length - 1;
      const reserved = reservedBits(recipe, level, isLeaf && level === 'PDE');
      const breakages: (() => ReturnType<typeof missOf>)[] = [
        () => {
          space.writeEntry(entryAddress, entry & ~1n);
          return { reason: 'not-present', level, entryAddress };
        },
      ];
      if (reserved.length > 0) {
        breakages.push(() => {
          space.writeEntry(entryAddress, entry | (1n << reserved[breakPick % reserved.length]!));
          return { reason: 'reserved-bit', level, entryAddress };
        });
      }
      if (!isLeaf) {
        breakages.push(() => {
          // The table is moved to the last page below 4 GiB, or in PAE paging to just above.
          const table = recipe.pae && breakPick % 2 === 0 ? 0x1_0000_0000 : 0xffff_f000;
          space.writeEntry(entryAddress, (entry & 0x8000_0000_0000_0fffn) | BigInt(table));
          const index = (page.entries[depth + 1]! % 4096) + table;
          return { reason: 'outside-memory', level: names[depth + 1]!, entryAddress: index };
        });
      }
      const expected = breakages[breakPick % breakages.length]!();
      tried.add(`${level} ${expected.reason}`);
      const address = virt(page.virtual + (breakPick % page.size));
      assert.equal(missOf(walk(space.read, space.controls, address)), expected);
      assert.is(translate(space.read, space.controls, address), undefined);
    }),
    { ...SEED, numRuns: 2000 },
  );
  assert.is(tried.size, 8, `every level broken in every way: ${[...tried].join(', ')}`);
});

/** Reserved bits of a present entry with 36 physical-address bits, as the SDM's figures of entry formats draw them. */
function reservedBits(
  { pae, noExecuteEnable }: { pae: boolean; noExecuteEnable: boolean },
  level: string,
  large: boolean,
): bigint[] {
  const span = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => BigInt(from + i));
  if (!pae) return large ? span(17, 21) : [];
  const beyondAddress = span(36, 62);
  if (level === 'PDPTE') return [...span(1, 2), ...span(5, 8), ...beyondAddress, 63n];
  const noExecute = noExecuteEnable ? [] : [63n];
  return [...beyondAddress, ...noExecute, ...(large ? span(13, 20) : [])];
}

test('with paging off every address is its own, and no memory is read', () => {
  fc.assert(
    fc.property(anyAddress, (address) => {
      const controls = { cr0: 0x11, cr3: 0x1234_5000, cr4: 0x30 };
      const walked = walk(noMemory, controls, virt(address));
      if (walked.kind !== 'page') throw new Error(`expected a page, missed: ${walked.reason}`);
      assert.is(walked.mode, 'off');
      assert.is(walked.physical, address);
      assert.is(walked.pageSize, 4096);
      assert.equal(walked.rights, { writable: true, user: true, executable: true, global: false });
      assert.equal(walked.levels, []);
      assert.is(translate(noMemory, controls, virt(address)), address);
    }),
    SEED,
  );
});

test('tables outside memory are a miss that names the address wanted', () => {
  const last = virt(0xffff_ffff);
  const legacy = walk(noMemory, { cr0: 0x8000_0001, cr3: 0xffff_f018, cr4: 0 }, last);
  assert.equal(missOf(legacy), { reason: 'outside-memory', level: 'PDE', entryAddress: 0xffff_fffc });
  assert.equal(legacy.levels, []);
  const pae = walk(noMemory, { cr0: 0x8000_0001, cr3: 0xffff_fff8, cr4: 0x20 }, last);
  assert.equal(missOf(pae), { reason: 'outside-memory', level: 'PDPTE', entryAddress: 0xffff_fff8 });
});

test('an entry half outside memory is outside memory', () => {
  const read = (address: number) => (address < 0x1004 ? 1 : undefined);
  const walked = walk(read, { cr0: 0x8000_0001, cr3: 0x1000, cr4: 0x20 }, virt(0));
  assert.equal(missOf(walked), { reason: 'outside-memory', level: 'PDPTE', entryAddress: 0x1000 });
});

test('signed words and registers give the same walk as unsigned ones', () => {
  fc.assert(
    fc.property(addressSpaceRecipe, (recipe) => {
      const space = new AddressSpace(recipe);
      const { cr0, cr3, cr4, ...rest } = space.controls;
      const signed = { cr0: cr0 | 0, cr3: cr3 | 0, cr4: cr4 | 0, ...rest };
      const readSigned = (address: ReturnType<typeof phys>) => {
        const word = space.read(address);
        return word === undefined ? undefined : word | 0;
      };
      for (const { virtual } of space.pages) {
        assert.equal(walk(readSigned, signed, virt(virtual)), walk(space.read, space.controls, virt(virtual)));
      }
    }),
    SEED,
  );
});

test('the processor’s address width decides which bits are reserved', () => {
  const controls = { cr0: 0x8000_0001, cr3: 0, cr4: 0x10 };
  // A 4 MiB page whose PSE-36 field has only its top bit, 39, set.
  const read = () => 0x0010_0083;
  assert.is(missOf(walk(read, { ...controls, physicalAddressBits: 32 }, virt(0))).reason, 'reserved-bit');
  assert.is(missOf(walk(read, { ...controls, physicalAddressBits: 39 }, virt(0))).reason, 'reserved-bit');
  assert.equal(missOf(walk(read, { ...controls, physicalAddressBits: 40 }, virt(5))), {
    reason: 'outside-memory',
    level: 'page',
    entryAddress: 2 ** 39 + 5,
  });
  assert.is(missOf(walk(() => 0x0020_0083, { ...controls, physicalAddressBits: 52 }, virt(0))).reason, 'reserved-bit');
  assert.is(
    translate(() => 0x0040_0083, { ...controls, physicalAddressBits: 52 }, virt(5)),
    0x0040_0005,
  );
  assert.throws(() => walk(read, { ...controls, physicalAddressBits: 64 }, virt(0)), /must be 32 to 52, is 64/);
});

test('a trail can be reused: a shorter walk leaves nothing of a longer one', () => {
  const trail = walkTrail();
  const present = (address: number) => (address % 8 === 0 ? 0x1001 : 0);
  assert.is(descend(present, { cr0: 0x8000_0001, cr3: 0x1000, cr4: 0x20 }, virt(0x2345), trail), 0x1345);
  assert.is(trail.depth, 3);
  assert.is(descend(present, { cr0: 0x11, cr3: 0, cr4: 0 }, virt(0x2345), trail), 0x2345);
  assert.is(trail.depth, 0);
  assert.is(trail.level, 'page');
});

test.run();
