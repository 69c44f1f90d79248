// A bounded cursor over the bytes of a module: every read is checked against `end`, every failure says where and what.
import { WasmFormatError } from './errors.ts';

// One decoder for all names: constructing one costs more than decoding. A byte order mark is part of a name in WebAssembly.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads forwards in `bytes`; offsets are absolute, in bytes from the start of the module. */
export class ByteReader {
  readonly bytes: Uint8Array;
  readonly source: string;
  /** Where the next byte is read. */
  offset: number;
  /** One past the last byte that may be read: the end of the section or body at hand. */
  end: number;

  constructor(bytes: Uint8Array, source: string, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.source = source;
    this.offset = offset;
    this.end = end;
  }

  /** Bytes left before `end`. */
  get remaining(): number {
    return this.end - this.offset;
  }

  /** @throws WasmFormatError always. */
  fail(expected: string, found: string, at = this.offset): never {
    throw new WasmFormatError(this.source, at, expected, found);
  }

  /** Reads one byte. */
  u8(what: string): number {
    if (this.offset >= this.end) this.fail(what, 'the end of the data');
    return this.bytes[this.offset++]!;
  }

  /** Skips `count` bytes and returns the offset of the first. */
  skip(count: number, what: string): number {
    const start = this.offset;
    if (count > this.end - start) this.fail(`${count} bytes of ${what}`, `${this.end - start} bytes left`);
    this.offset = start + count;
    return start;
  }

  /** Reads `length` bytes as UTF-8. */
  text(length: number, what: string): string {
    const start = this.skip(length, what);
    try {
      return utf8.decode(this.bytes.subarray(start, start + length));
    } catch {
      return this.fail(`${what} in UTF-8`, 'bytes that are not UTF-8', start);
    }
  }
}
