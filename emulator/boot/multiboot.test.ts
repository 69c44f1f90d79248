// Tests of booting multiboot and ELF kernels: the structure as a kernel sees it on the machine, placement, and bad input.

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readElf } from './elf.ts';
import { BootImageError } from './error.ts';
import { bootImageOf, bootKindOf } from './index.ts';
import { elfBootImage, multibootImage } from './multiboot.ts';
import { dumper, multibootHeaderBytes, serialBytes, tinyBzImage, tinyElf } from './test-machine.ts';

const MIB = 2 ** 20;
const SEED = { seed: 20170401, numRuns: 500 };
/** Enough for the structure and all that it points to. */
const DUMP = 400;

/** A jump over a multiboot header, then code: so the header is in the loaded part and in the file's first 8 KiB. */
const withHeader = (code: readonly number[], flags = 3): number[] => [
  0xeb,
  14,
  0,
  0,
  ...multibootHeaderBytes(flags),
  ...code,
];

/** Reads the dump of a kernel: registers and the structure in EBX. */
function structureIn(said: Uint8Array) {
  const view = new DataView(said.buffer);
  const base = view.getUint32(4, true);
  const at = (address: number): number => 12 + address - base;
  const word = (address: number): number => view.getUint32(at(address), true);
  const text = (address: number): string => {
    const from = at(address);
    return new TextDecoder().decode(said.subarray(from, said.indexOf(0, from)));
  };
  return { eax: view.getUint32(0, true), base, word: (offset: number) => word(base + offset), read: word, text };
}

test('a multiboot kernel gets memory size, map, command line and named modules', async () => {
  const kernel = tinyElf(withHeader(dumper('ebx', DUMP)), 0xc0100000, 0x100000, 0x5000);
  const modules = [
    { bytes: new TextEncoder().encode('first module'), string: 'one $(task-create)' },
    { bytes: new Uint8Array(9000).fill(7), string: 'two' },
  ];
  const image = multibootImage({ kernel, modules, commandLine: 'console=com0', memorySize: 32 * MIB });
  const info = structureIn(await serialBytes(image, 32 * MIB, 12 + DUMP));
  assert.is(info.eax, 0x2badb002);
  assert.is(info.word(0) & 0x4d, 0x4d);
  assert.is(info.word(4), 639);
  assert.is(info.word(8), 31 * 1024);
  assert.is(info.text(info.word(16)), 'console=com0');
  assert.is(info.text(info.word(64)), 'wolfden');
  assert.is(info.word(20), 2);
  const table = info.word(24);
  const placed = [0, 1].map((index) => {
    const entry = table + index * 16;
    return { start: info.read(entry), end: info.read(entry + 4), string: info.text(info.read(entry + 8)) };
  });
  assert.equal(
    placed.map(({ string, start, end }) => [string, end - start]),
    [
      ['one $(task-create)', 12],
      ['two', 9000],
    ],
  );
  assert.ok(placed[0]!.start >= 0x105000 && placed[0]!.start % 4096 === 0 && placed[1]!.start >= placed[0]!.end);
  const loaded = readElf('image', image).segments.find((segment) => segment.physicalAddress === placed[1]!.start);
  assert.equal(loaded?.bytes, modules[1]!.bytes);
  const map = info.word(48);
  assert.is(info.word(44), 4 * 24);
  assert.equal([info.read(map), info.read(map + 4), info.read(map + 12), info.read(map + 20)], [20, 0, 0x9fc00, 1]);
  assert.equal([info.read(map + 76), info.read(map + 84), info.read(map + 92)], [0x100000, 31 * MIB, 1]);
});

test('a plain ELF kernel starts at its entry point, wherever it is linked', async () => {
  const kernel = tinyElf(dumper('ebx', 16), 0x80200000, 0x200000);
  const said = await serialBytes(elfBootImage({ kernel, memorySize: 8 * MIB }), 8 * MIB, 28);
  assert.is(new DataView(said.buffer).getUint32(0, true), 0x2badb002);
});

test('a kernel that is no ELF file is loaded by the addresses in its header', async () => {
  const code = dumper('ebx', 16);
  const load = 0x100000;
  const addresses = [load, load, 0, 0, load + 32];
  const header = multibootHeaderBytes(0x10003);
  const words = new Uint8Array(Uint32Array.from(addresses).buffer);
  const kernel = Uint8Array.from([...header, ...words, ...code]);
  assert.is(bootKindOf('kernel', kernel), 'multiboot');
  const said = await serialBytes(
    bootImageOf({ file: 'kernel', kernel, commandLine: '', memorySize: 8 * MIB }),
    8 * MIB,
    28,
  );
  assert.is(new DataView(said.buffer).getUint32(0, true), 0x2badb002);
});

test('what a kernel is is seen from its headers', () => {
  assert.is(bootKindOf('kernel', tinyBzImage([0xf4])), 'linux');
  assert.is(bootKindOf('kernel', tinyElf([0xf4], MIB, MIB)), 'elf');
  assert.is(bootKindOf('kernel', tinyElf(withHeader([0xf4]), MIB, MIB)), 'multiboot');
  assert.throws(() => bootKindOf('kernel', new Uint8Array(0)), /found an empty file/);
  const files = { file: 'kernel', kernel: tinyElf([0xf4], MIB, MIB), commandLine: '', memorySize: 8 * MIB };
  assert.throws(() => bootImageOf({ ...files, initrd: new Uint8Array(1) }), /use modules/);
});

test('kernels that cannot be loaded are told why', () => {
  const boot = { file: 'kernel', memorySize: 8 * MIB };
  const cases: [Uint8Array, RegExp][] = [
    [tinyElf([0xf4], MIB, 0xb8000), /found video memory and ROMs at 0x9fc00-0xfffff/],
    [tinyElf([0xf4], 16 * MIB, 16 * MIB), /at least 16\.1 MiB of memory/],
    [tinyElf([0xf4], MIB, MIB, 2 ** 31), /of memory to hold the kernel/],
    [Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 2, 1]), /offset 0x4: expected a 32-bit file \(0x1\), found 0x2/],
  ];
  for (const [kernel, message] of cases) assert.throws(() => elfBootImage({ ...boot, kernel }), message);
  const demanding = tinyElf(withHeader([0xf4], 0x8003), MIB, MIB);
  assert.throws(() => multibootImage({ ...boot, kernel: demanding }), /expected demands among 0x7, found 0x8003/);
  const plain = tinyElf([0xf4], MIB, MIB);
  assert.throws(() => multibootImage({ ...boot, kernel: plain }), /expected a Multiboot v1 header/);
});

test('cut short or changed anywhere, a kernel gives an image or the typed error', () => {
  const elf = tinyElf(withHeader(dumper('ebx', 16)), 0xc0100000, MIB, 100);
  const build = (kernel: Uint8Array): void => {
    try {
      bootImageOf({ file: 'kernel', kernel, commandLine: '', memorySize: 4 * MIB });
    } catch (error) {
      if (!(error instanceof BootImageError)) throw error;
    }
  };
  for (let size = 0; size < elf.length; size++) {
    assert.throws(
      () => readElf('kernel', elf.subarray(0, size)),
      (error: unknown) => error instanceof BootImageError,
    );
    build(elf.subarray(0, size));
  }
  const change = fc.tuple(fc.integer({ min: 0, max: 143 }), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const mutated = elf.slice();
      for (const [offset, value] of changes) mutated[offset] = value;
      build(mutated);
    }),
    SEED,
  );
});

test.run();
