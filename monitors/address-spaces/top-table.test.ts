// User pages found in page tables of both kinds, built word by word.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cr3, type PhysAddr, phys } from '../../emulator/index.ts';
import { entryAddress, hasUserPage, leadsToUserPage, topTable } from './top-table.ts';

const PAE = 1 << 5;
const [PRESENT, USER, LARGE] = [1, 4, 0x80];
const SIZE = 0x10000;

/** RAM of 64 KiB, as words by their address. */
function ram(words: Readonly<Record<number, number>>) {
  return (address: PhysAddr): number | undefined => (address < SIZE ? (words[address] ?? 0) : undefined);
}

test('CR3 names a page directory, with PAE four pointers', () => {
  assert.equal(topTable(cr3(0x1018), 0), { base: phys(0x1000), pae: false, entrySize: 4, entries: 1024 });
  assert.equal(topTable(cr3(0x1238), PAE), { base: phys(0x1220), pae: true, entrySize: 8, entries: 4 });
});

test('a page is a user page when U is set at each level that has it', () => {
  const table = topTable(cr3(0x1000), 0);
  for (const upper of [0, PRESENT, USER, PRESENT | USER]) {
    for (const lower of [0, PRESENT, USER, PRESENT | USER]) {
      const read = ram({ 6144: 0x2000 | upper, 12284: 0x9000 | lower });
      const expected = upper === (PRESENT | USER) && lower === (PRESENT | USER);
      assert.is(hasUserPage(read, table), expected, `${upper} ${lower}`);
    }
  }
});

test('a large page needs no table', () => {
  const table = topTable(cr3(0x1000), 0);
  assert.is(leadsToUserPage(ram({}), table, PRESENT | USER | LARGE), true);
  assert.is(leadsToUserPage(ram({}), table, PRESENT | LARGE), false);
});

test('with PAE the pointer has no U bit, and three levels are walked', () => {
  const table = topTable(cr3(0x1020), PAE);
  const entry = { [entryAddress(table, 2)]: 0x2000 | PRESENT };
  assert.is(hasUserPage(ram(entry), table), false);
  assert.is(hasUserPage(ram({ ...entry, 12280: 0x3000 | PRESENT | USER, 12296: PRESENT | USER }), table), true);
  assert.is(hasUserPage(ram({ ...entry, 12280: 0x3000 | PRESENT, 12296: PRESENT | USER }), table), false);
  assert.is(hasUserPage(ram({ ...entry, 12280: PRESENT | USER | LARGE }), table), true);
});

test('tables outside RAM and tables of any content are read to the end', () => {
  const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
  const property = fc.property(word, fc.boolean(), fc.array(word, { maxLength: 64 }), (base, pae, words) => {
    const read = ram(Object.fromEntries(words.map((value, index) => [index * 4, value])));
    const table = topTable(cr3(base), pae ? PAE : 0);
    assert.type(hasUserPage(read, table), 'boolean');
    // What is said of the table is what is said of one of its entries.
    const entries = Array.from({ length: table.entries }, (_, index) => read(entryAddress(table, index)) ?? 0);
    assert.is(
      hasUserPage(read, table),
      entries.some((entry) => leadsToUserPage(read, table, entry)),
    );
  });
  fc.assert(property, { seed: 7, numRuns: 50 });
});

test.run();
