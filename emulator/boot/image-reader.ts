// Little-endian reads from an untrusted file, each checked against its end.

import { BootImageError } from './error.ts';

/** Reads fields of a file; a read past the end is a `BootImageError` that names the field. */
export class ImageReader {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  readonly #remedy: string;

  /**
   * @param file name for messages
   * @param bytes the whole file
   * @param remedy what a user can do when the file ends too early
   */
  constructor(file: string, bytes: Uint8Array, remedy: string) {
    this.file = file;
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#remedy = remedy;
  }

  u8(offset: number, field: string): number {
    this.#check(offset, 1, field);
    return this.#view.getUint8(offset);
  }

  u16(offset: number, field: string): number {
    this.#check(offset, 2, field);
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number, field: string): number {
    this.#check(offset, 4, field);
    return this.#view.getUint32(offset, true);
  }

  /** A 64-bit field, exact or not at all: a value that a double cannot hold is an error. */
  u64(offset: number, field: string): number {
    this.#check(offset, 8, field);
    const value = this.#view.getBigUint64(offset, true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw this.error(offset, `${field} below 2^53`, `0x${value.toString(16)}`, this.#remedy);
    }
    return Number(value);
  }

  /** A view of `size` bytes of the file, not a copy. */
  slice(offset: number, size: number, field: string): Uint8Array {
    this.#check(offset, size, field);
    return this.bytes.subarray(offset, offset + size);
  }

  /** The error for something wrong at `offset`. */
  error(offset: number, expected: string, found: string, remedy = this.#remedy): BootImageError {
    return new BootImageError({ file: this.file, offset, expected, found, remedy });
  }

  #check(offset: number, size: number, field: string): void {
    if (offset < 0 || size < 0 || offset + size > this.bytes.byteLength) {
      const end = `the end of the file, which has ${this.bytes.byteLength} bytes`;
      throw this.error(offset, `${field} (${size} byte${size === 1 ? '' : 's'})`, end);
    }
  }
}
