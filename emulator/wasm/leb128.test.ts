import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ByteReader } from './byte-reader.ts';
import { WasmFormatError } from './errors.ts';
import {
  encodeS32,
  encodeS64,
  encodeU32,
  encodeU64,
  readS32,
  readS33,
  readS64,
  readU32,
  readU64,
  skipS64,
} from './leb128.ts';

const SEED = { seed: 20240, numRuns: 2000 };
const reader = (bytes: readonly number[]) => new ByteReader(Uint8Array.from(bytes), 'test');

/** Reads a number that must fill all the bytes. */
function whole<T>(read: (from: ByteReader, what: string) => T, bytes: readonly number[]): T {
  const from = reader(bytes);
  const value = read(from, 'a number');
  assert.is(from.remaining, 0);
  return value;
}

/** The same number with continuation bytes up to `length`: legal padding. */
function padded(bytes: readonly number[], length: number, negative: boolean): number[] {
  const out = [...bytes];
  while (out.length < length) {
    out[out.length - 1]! |= 0x80;
    out.push(negative ? 0x7f : 0x00);
  }
  return out;
}

test('unsigned 32-bit numbers survive a round trip, padded or not', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffff_ffff }), (value) => {
      assert.is(whole(readU32, encodeU32(value)), value);
      assert.is(whole(readU32, padded(encodeU32(value), 5, false)), value);
    }),
    SEED,
  );
});

test('signed 32-bit numbers survive a round trip, as 32 and as 33 bits, padded or not', () => {
  fc.assert(
    fc.property(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }), (value) => {
      assert.is(whole(readS32, encodeS32(value)), value);
      assert.is(whole(readS33, encodeS32(value)), value);
      assert.is(whole(readS32, padded(encodeS32(value), 4, value < 0)), value);
    }),
    SEED,
  );
  assert.is(whole(readS32, encodeS32(0xffff_ffff)), -1);
});

test('a 33-bit number reaches past 32 bits', () => {
  assert.is(whole(readS33, [0xff, 0xff, 0xff, 0xff, 0x0f]), 0xffff_ffff);
  assert.is(whole(readS33, [0x80, 0x80, 0x80, 0x80, 0x70]), -(2 ** 32));
});

test('64-bit numbers survive a round trip, padded or not', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
      assert.is(whole(readS64, encodeS64(value)), value);
      assert.is(whole(readS64, padded(encodeS64(value), 9, value < 0n)), value);
      assert.is(whole(skipS64, encodeS64(value)), undefined);
      const unsigned = BigInt.asUintN(64, value);
      assert.is(whole(readU64, encodeU64(unsigned)), unsigned);
      assert.is(whole(readS64, encodeS64(unsigned)), value);
    }),
    SEED,
  );
});

test('encodings are the shortest', () => {
  for (const [value, length] of [
    [0, 1],
    [127, 1],
    [128, 2],
    [16_383, 2],
    [16_384, 3],
    [0xffff_ffff, 5],
  ] as const) {
    assert.is(encodeU32(value).length, length);
  }
  assert.equal(encodeS32(63), [63]);
  assert.equal(encodeS32(64), [0xc0, 0x00]);
  assert.equal(encodeS32(-64), [0x40]);
  assert.equal(encodeS64(-1n), [0x7f]);
});

const REFUSED: readonly [string, (from: ByteReader, what: string) => unknown, readonly number[]][] = [
  ['u32 with a sixth byte', readU32, [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ['u32 with a 33rd bit', readU32, [0xff, 0xff, 0xff, 0xff, 0x1f]],
  ['s32 with a sixth byte', readS32, [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]],
  ['s32 whose last byte is no sign extension', readS32, [0xff, 0xff, 0xff, 0xff, 0x0f]],
  ['s33 whose last byte is no sign extension', readS33, [0xff, 0xff, 0xff, 0xff, 0x2f]],
  ['u64 with a 65th bit', readU64, [...new Array(9).fill(0xff), 0x02]],
  ['u64 with an eleventh byte', readU64, [...new Array(10).fill(0x80), 0x00]],
  ['s64 whose last byte is no sign extension', readS64, [...new Array(9).fill(0xff), 0x01]],
  ['s64 with an eleventh byte', skipS64, [...new Array(10).fill(0xff), 0x7f]],
];

for (const [what, read, bytes] of REFUSED) {
  test(`refuses a ${what}`, () => {
    assert.throws(
      () => read(reader(bytes), 'a number'),
      (error: unknown) => error instanceof WasmFormatError,
    );
  });
}

test('refuses a number that is cut short, saying where', () => {
  for (const read of [readU32, readS32, readS33, readU64, readS64, skipS64]) {
    assert.throws(
      () => read(reader([0x80, 0x80]), 'a number'),
      (error: unknown) => error instanceof WasmFormatError && error.offset === 2 && error.expected === 'a number',
    );
  }
});

test('refuses to encode what does not fit', () => {
  for (const value of [-1, 2 ** 32, 1.5, Number.NaN]) assert.throws(() => encodeU32(value), /unsigned 32-bit/);
  assert.throws(() => encodeS32(-(2 ** 31) - 1), /32-bit/);
  assert.throws(() => encodeU64(2n ** 64n), /64-bit/);
  assert.throws(() => encodeS64(-(2n ** 63n) - 1n), /64-bit/);
});

test.run();
