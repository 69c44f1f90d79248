import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from '../../emulator/index.ts';
import { LinkLoads, loadOf } from './links.ts';

test('loads without an index have a base and a displacement', () => {
  const of = (...bytes: number[]) => loadOf(Uint8Array.from(bytes));
  assert.equal(of(0x8b, 0x03), { base: 3, displacement: 0 });
  assert.equal(of(0x8b, 0x46, 0xfc), { base: 6, displacement: -4 });
  assert.equal(of(0x8b, 0x80, 0x10, 0x01, 0, 0), { base: 0, displacement: 0x110 });
  assert.is(of(0x89, 0x03), undefined, 'a store');
  assert.is(of(0x8b, 0x05, 0, 0, 0, 0xc0), undefined, 'no base');
  assert.is(of(0x8b, 0x04, 0x24), undefined, 'the stack');
  assert.is(of(0x8b, 0xc3), undefined, 'no memory');
});

test('who goes on from what it loaded, at the same displacement, follows a list', () => {
  const memory = new Map([
    [0xc000_1008, 0xc000_2000],
    [0xc000_2008, 0xc000_3000],
    [0xc000_3008, 0],
    [0xc000_2010, 0xc000_4000],
  ]);
  const loads = new LinkLoads(0xc000_0000);
  const see = (address: number, node: number, displacement: number) =>
    loads.see({
      address: virt(address),
      bytes: Uint8Array.of(0x8b, 0x43, displacement),
      register: () => node,
      word: (at) => memory.get(at),
    });
  see(0x100, 0xc000_1000, 8);
  see(0x200, 0xc000_2000, 16);
  assert.equal(loads.found, [], 'another field of the node');
  see(0x300, 0xc000_2000, 8);
  see(0x300, 0xc000_3000, 8);
  assert.equal(
    loads.found.map(({ address }) => address),
    [0x100, 0x300],
  );
});

test.run();
