import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from '../address.ts';
import { type Mapping, mappings } from './mappings.ts';
import { AddressSpace, addressSpaceRecipe, type ExpectedPage } from './page-tables.fixture.ts';

const SEED = { seed: 0x3a99, numRuns: 150 };

/** The pages of an address space that lie below 4 GiB, joined by hand. */
function expectedRuns(pages: readonly ExpectedPage[]): Mapping[] {
  const runs: { -readonly [Key in keyof Mapping]: Mapping[Key] }[] = [];
  const reachable = pages.filter((page) => page.physical < 2 ** 32).sort((a, b) => a.virtual - b.virtual);
  for (const { virtual, physical, size, rights } of reachable) {
    const last = runs.at(-1);
    const joins =
      last !== undefined &&
      last.start + last.bytes === virtual &&
      last.physical + last.bytes === physical &&
      last.pageSize === size &&
      JSON.stringify(last.rights) === JSON.stringify(rights);
    if (joins) last.bytes += size;
    else
      runs.push({
        start: virt(virtual),
        physical: physical as Mapping['physical'],
        bytes: size,
        pageSize: size,
        rights,
      });
  }
  return runs;
}

test('the runs listed are the pages mapped, joined', () => {
  let joined = 0;
  fc.assert(
    fc.property(addressSpaceRecipe, (recipe) => {
      const space = new AddressSpace(recipe);
      const listed = [...mappings(space.read, space.controls)];
      assert.equal(listed, expectedRuns(space.pages));
      joined += space.pages.length - listed.length;
    }),
    SEED,
  );
  assert.ok(joined > 0, 'some recipes had neighbours to join');
});

test('a range cuts runs at its ends, also within a page', () => {
  fc.assert(
    fc.property(addressSpaceRecipe, fc.nat(), fc.nat(), (recipe, pagePick, sizePick) => {
      const space = new AddressSpace(recipe);
      const page = space.pages[pagePick % space.pages.length]!;
      const from = page.virtual + (sizePick % page.size);
      const end = Math.min(2 ** 32, from + 1 + (sizePick % (2 * page.size)));
      const cut = expectedRuns(space.pages).flatMap((run) => {
        const start = Math.max(run.start, from);
        const bytes = Math.min(run.start + run.bytes, end) - start;
        return bytes > 0 ? [{ ...run, start: virt(start), physical: run.physical + start - run.start, bytes }] : [];
      });
      assert.equal([...mappings(space.read, space.controls, { from: virt(from), end })], cut);
    }),
    SEED,
  );
});

test('a large page beside a small one is a run of its own', () => {
  const rights = { writable: false, user: false, executable: true, global: false };
  const space = new AddressSpace({
    pae: false,
    pse: true,
    pge: false,
    noExecuteEnable: false,
    noise: 1,
    clusters: [
      { large: false, firstPage: 1022, firstFrame: 1022, count: 2, above4GiB: 0, rights },
      { large: true, firstPage: 1, firstFrame: 1, count: 2, above4GiB: 0, rights },
    ],
  });
  assert.equal(
    [...mappings(space.read, space.controls)],
    [
      { start: 0x3f_e000, physical: 0x3f_e000, bytes: 0x2000, pageSize: 0x1000, rights },
      { start: 0x40_0000, physical: 0x40_0000, bytes: 0x80_0000, pageSize: 0x40_0000, rights },
    ],
  );
});

test('with paging off there is one run of 4 GiB', () => {
  const listed = [...mappings(() => undefined, { cr0: 0x11, cr3: 0, cr4: 0 })];
  assert.equal(listed, [
    {
      start: 0,
      physical: 0,
      bytes: 2 ** 32,
      pageSize: 4096,
      rights: { writable: true, user: true, executable: true, global: false },
    },
  ]);
});

test('tables outside memory map nothing; a bad range is refused', () => {
  const controls = { cr0: 0x8000_0001, cr3: 0xdead_b000, cr4: 0x30 };
  assert.equal([...mappings(() => undefined, controls)], []);
  assert.equal([...mappings(() => undefined, controls, { end: 0 })], []);
  assert.throws(() => mappings(() => undefined, controls, { end: 2 ** 33 }).next(), /0 to 2\^32, is 8589934592/);
});

test('a page table that holds itself at every entry is listed once through', () => {
  let reads = 0;
  const everyEntrySame = () => {
    reads++;
    return 0x1007;
  };
  const listed = mappings(everyEntrySame, { cr0: 0x8000_0001, cr3: 0x1000, cr4: 0 });
  let pages = 0;
  for (const { bytes, physical } of listed) {
    assert.is(bytes, 4096);
    assert.is(physical, 0x1000);
    pages++;
  }
  assert.is(pages, 2 ** 20);
  assert.is(reads, 2 * 2 ** 20);
});

test.run();
