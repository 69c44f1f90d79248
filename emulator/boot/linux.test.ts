// Tests of booting Linux: the zero page as a kernel sees it on the machine, placement, and bad input.

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readBzImage } from './bzimage.ts';
import { readElf } from './elf.ts';
import { BootImageError } from './error.ts';
import { linuxBootImage } from './linux.ts';
import { dumper, serialBytes, tinyBzImage } from './test-machine.ts';

const MIB = 2 ** 20;
const SEED = { seed: 20170401, numRuns: 300 };

const isBootError = (error: unknown): boolean => error instanceof BootImageError && error.file === 'vmlinuz';

/** Passes when `work` succeeds or fails with the typed error; anything else is thrown on. */
function typedOnly(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof BootImageError)) throw error;
  }
}

test('a kernel finds its zero page in ESI, with command line, initrd and memory map', async () => {
  const initrd = Uint8Array.from({ length: 5000 }, (_, index) => index & 0xff);
  const kernel = tinyBzImage(dumper('esi', 0x330));
  const image = linuxBootImage({ kernel, initrd, commandLine: 'console=ttyS0 é', memorySize: 64 * MIB });
  const said = await serialBytes(image, 64 * MIB, 12 + 0x330);
  const registers = new DataView(said.buffer, 0, 12);
  const page = new DataView(said.buffer, 12);
  const loaded = readElf('image', image).segments;
  const at = (address: number): Uint8Array => loaded.find((segment) => segment.physicalAddress === address)!.bytes;
  assert.is(registers.getUint32(8, true) % 16, 0);
  assert.is(page.getUint32(0x202, true), 0x53726448);
  assert.is(page.getUint8(0x210), 0xff);
  assert.is(page.getUint32(0x214, true), 0x1000000);
  const line = at(page.getUint32(0x228, true));
  assert.is(new TextDecoder().decode(line), 'console=ttyS0 é\0');
  const initrdAt = page.getUint32(0x218, true);
  assert.is(page.getUint32(0x21c, true), 5000);
  assert.is(initrdAt % 4096, 0);
  assert.ok(initrdAt + 5000 <= 64 * MIB - 4096);
  assert.equal(at(initrdAt), initrd);
  const map = Array.from({ length: page.getUint8(0x1e8) }, (_, index) => {
    const entry = 0x2d0 + index * 20;
    return [page.getUint32(entry, true), page.getUint32(entry + 8, true), page.getUint32(entry + 16, true)];
  });
  assert.equal(map, [
    [0, 0x9fc00, 1],
    [0x9fc00, 0x400, 2],
    [0xf0000, 0x10000, 2],
    [0x100000, 63 * MIB, 1],
  ]);
});

test('the initrd stays clear of what the kernel needs to decompress', () => {
  const kernel = tinyBzImage([0xf4], { initSize: 40 * MIB });
  const image = linuxBootImage({ kernel, initrd: new Uint8Array(3 * MIB), commandLine: '', memorySize: 60 * MIB });
  const initrd = readElf('image', image).segments.at(-1)!;
  assert.is(initrd.physicalAddress, 60 * MIB - 4096 - 3 * MIB);
  // Here it does not fit above, and goes below.
  const tight = linuxBootImage({ kernel, initrd: new Uint8Array(5 * MIB), commandLine: '', memorySize: 60 * MIB });
  assert.is(readElf('image', tight).segments.at(-1)!.physicalAddress, 16 * MIB - 5 * MIB);
});

test('the same input gives the same image', () => {
  const boot = { kernel: tinyBzImage([0xf4]), commandLine: 'quiet', memorySize: 32 * MIB };
  assert.equal(linuxBootImage(boot), linuxBootImage(boot));
});

test('memory that is too small, or a command line too long, is told with what would do', () => {
  const kernel = tinyBzImage([0xf4], { initSize: 20 * MIB });
  const boot = { file: 'vmlinuz', kernel, commandLine: '', memorySize: 32 * MIB };
  assert.throws(() => linuxBootImage(boot), /at least 36\.1 MiB of memory to hold the kernel, found 32 MiB/);
  const initrd = new Uint8Array(30 * MIB);
  assert.throws(() => linuxBootImage({ ...boot, initrd, memorySize: 40 * MIB }), /of memory to hold kernel and initrd/);
  const commandLine = 'x'.repeat(2048);
  assert.throws(() => linuxBootImage({ ...boot, memorySize: 64 * MIB, commandLine }), /at most 2047 bytes, found 2048/);
  assert.throws(
    () => linuxBootImage({ ...boot, memorySize: 64 * MIB, commandLine: 'a\nb' }),
    /character 10 at position 1/,
  );
  for (const memorySize of [0, -1, 1.5, Number.NaN, 2 ** 33]) {
    assert.throws(() => linuxBootImage({ ...boot, memorySize }), isBootError);
  }
});

test('each wrong field of the header is named with its offset', () => {
  const broken = (offset: number, value: number): Uint8Array => {
    const file = tinyBzImage(new Array<number>(64).fill(0x90));
    new DataView(file.buffer).setUint32(offset, value, true);
    return file;
  };
  const cases: [Uint8Array, RegExp][] = [
    [broken(0x1fc, 0), /offset 0x1fe: expected the boot flag/],
    [broken(0x202, 1), /offset 0x202: expected the magic "HdrS" \(0x53726448\), found 0x1;/],
    [broken(0x206, 0x0100), /offset 0x206: expected a boot protocol version/],
    [broken(0x210, 0), /offset 0x211: expected a kernel loaded high \(bzImage\), found a zImage/],
    [broken(0x1f4, 1000), /expected 0.1 MiB of kernel behind the setup sectors|cut short/],
    [broken(0x25c, 1), /offset 0x258: expected pref_address from 1 MiB to 4 GiB/],
  ];
  for (const [file, message] of cases) assert.throws(() => readBzImage('vmlinuz', file), message);
});

test('cut short or changed anywhere, a kernel gives an image or the typed error', () => {
  const kernel = tinyBzImage(dumper('esi', 16));
  for (let size = 0; size < kernel.length - 16; size += 7) {
    assert.throws(() => readBzImage('vmlinuz', kernel.subarray(0, size)), isBootError);
  }
  const change = fc.tuple(fc.integer({ min: 0x1f0, max: 0x270 }), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
      const mutated = kernel.slice();
      for (const [offset, value] of changes) mutated[offset] = value;
      typedOnly(() => linuxBootImage({ kernel: mutated, commandLine: 'x', memorySize: 24 * MIB }));
    }),
    SEED,
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      assert.throws(() => readBzImage('vmlinuz', bytes), isBootError);
    }),
    SEED,
  );
});

test.run();
