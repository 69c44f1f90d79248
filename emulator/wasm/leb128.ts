// LEB128 numbers (WebAssembly core specification 5.2.2, after DWARF): seven bits a byte, least significant first.
// Padding with continuation bytes is legal up to the width of the type, and linkers use it; anything longer, or with
// bits set beyond the width, is refused.
import type { ByteReader } from './byte-reader.ts';

const OVERLONG = 'bits beyond the width of the number';

/** Reads an unsigned 32-bit number, 1 to 5 bytes. */
export function readU32(reader: ByteReader, what: string): number {
  const { bytes, offset } = reader;
  // Nearly every number of a module fits one byte.
  if (offset < reader.end && bytes[offset]! < 0x80) {
    reader.offset = offset + 1;
    return bytes[offset]!;
  }
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = reader.u8(what);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
  const last = reader.u8(what);
  if (last > 0x0f) reader.fail(`${what} of at most 32 bits`, OVERLONG, offset);
  return (value | (last << 28)) >>> 0;
}

/** Reads a signed 32-bit number, 1 to 5 bytes. */
export function readS32(reader: ByteReader, what: string): number {
  const start = reader.offset;
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = reader.u8(what);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (value << (25 - shift)) >> (25 - shift);
  }
  const last = reader.u8(what);
  const unused = last & 0xf8;
  if (unused !== 0 && unused !== 0x78) reader.fail(`${what} of at most 32 bits`, OVERLONG, start);
  return value | (last << 28);
}

/** Reads a signed 33-bit number, 1 to 5 bytes: the width of a block type, which is a negative code or a u32 index. */
export function readS33(reader: ByteReader, what: string): number {
  const start = reader.offset;
  let value = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = reader.u8(what);
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return (value << (25 - shift)) >> (25 - shift);
  }
  const last = reader.u8(what);
  const unused = last & 0xf0;
  if (unused !== 0 && unused !== 0x70) reader.fail(`${what} of at most 33 bits`, OVERLONG, start);
  const low = (value | (last << 28)) >>> 0;
  return unused === 0 ? low : low - 2 ** 32;
}

/** Reads an unsigned 64-bit number, 1 to 10 bytes. */
export function readU64(reader: ByteReader, what: string): bigint {
  const start = reader.offset;
  skipLong(reader, what);
  const last = reader.bytes[reader.offset - 1]!;
  if (reader.offset - start === 10 && last > 1) reader.fail(`${what} of at most 64 bits`, OVERLONG, start);
  return groupsToBigInt(reader.bytes, start, reader.offset);
}

/** Reads a signed 64-bit number, 1 to 10 bytes. */
export function readS64(reader: ByteReader, what: string): bigint {
  const start = reader.offset;
  skipS64(reader, what);
  const bits = 7 * (reader.offset - start);
  return BigInt.asIntN(Math.min(bits, 64), groupsToBigInt(reader.bytes, start, reader.offset));
}

/** Passes over a signed 64-bit number, as strictly as {@link readS64} but without making a bigint of it. */
export function skipS64(reader: ByteReader, what: string): void {
  const start = reader.offset;
  skipLong(reader, what);
  const last = reader.bytes[reader.offset - 1]!;
  if (reader.offset - start === 10 && last !== 0 && last !== 0x7f) {
    reader.fail(`${what} of at most 64 bits`, OVERLONG, start);
  }
}

function skipLong(reader: ByteReader, what: string): void {
  const start = reader.offset;
  while (reader.u8(what) >= 0x80) {
    if (reader.offset - start === 10) reader.fail(`${what} of at most 10 bytes`, 'a longer one', start);
  }
}

function groupsToBigInt(bytes: Uint8Array, start: number, end: number): bigint {
  let value = 0n;
  for (let at = end - 1; at >= start; at--) value = (value << 7n) | BigInt(bytes[at]! & 0x7f);
  return value;
}

/** Encodes an unsigned 32-bit number in the fewest bytes. */
export function encodeU32(value: number): number[] {
  requireInteger(value, 0, 0xffff_ffff, 'unsigned 32-bit');
  const out: number[] = [];
  while (value > 0x7f) {
    out.push((value & 0x7f) | 0x80);
    value >>>= 7;
  }
  out.push(value);
  return out;
}

/** Encodes a signed 32-bit number in the fewest bytes; values from 2^31 to 2^32 - 1 are taken as the same 32 bits. */
export function encodeS32(value: number): number[] {
  requireInteger(value, -0x8000_0000, 0xffff_ffff, '32-bit');
  value |= 0;
  const out: number[] = [];
  while (value < -0x40 || value > 0x3f) {
    out.push((value & 0x7f) | 0x80);
    value >>= 7;
  }
  out.push(value & 0x7f);
  return out;
}

/** Encodes an unsigned 64-bit number in the fewest bytes. */
export function encodeU64(value: bigint): number[] {
  if (BigInt.asUintN(64, value) !== value) throw new RangeError(`expected an unsigned 64-bit number, found ${value}`);
  const out: number[] = [];
  while (value > 0x7fn) {
    out.push(Number(value & 0x7fn) | 0x80);
    value >>= 7n;
  }
  out.push(Number(value));
  return out;
}

/** Encodes a signed 64-bit number in the fewest bytes; values from 2^63 to 2^64 - 1 are taken as the same 64 bits. */
export function encodeS64(value: bigint): number[] {
  if (BigInt.asUintN(64, value) !== value && BigInt.asIntN(64, value) !== value) {
    throw new RangeError(`expected a 64-bit number, found ${value}`);
  }
  value = BigInt.asIntN(64, value);
  const out: number[] = [];
  while (value < -0x40n || value > 0x3fn) {
    out.push(Number(value & 0x7fn) | 0x80);
    value >>= 7n;
  }
  out.push(Number(value & 0x7fn));
  return out;
}

function requireInteger(value: number, min: number, max: number, kind: string): void {
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`expected a ${kind} integer, found ${value}`);
  }
}
