// Collects byte ranges and writes them out once: nothing is copied before the total length is known.
import { encodeU32 } from './leb128.ts';

/** Bytes as the assembler makes them: small arrays of numbers, or views of existing bytes. */
export type Code = readonly number[] | Uint8Array;

/** Copies bytes `start` to `end` to `at`. Most pieces of code are short, and for those a loop beats making a view. */
export function copyBytes(from: Code, start: number, end: number, to: Uint8Array, at: number): void {
  if (end - start < 64 || !(from instanceof Uint8Array)) for (let i = start; i < end; i++) to[at++] = from[i]!;
  else to.set(from.subarray(start, end), at);
}

/** A sequence of byte ranges with its total length. */
export class ByteWriter {
  length = 0;
  readonly #parts: Code[] = [];

  /** Appends bytes; a Uint8Array is not copied until {@link toBytes}. */
  bytes(part: Code): this {
    if (part.length > 0) {
      this.#parts.push(part);
      this.length += part.length;
    }
    return this;
  }

  /** Appends an unsigned LEB128 number. */
  u32(value: number): this {
    return this.bytes(encodeU32(value));
  }

  /** Appends a length in bytes, then the text as UTF-8. */
  name(text: string): this {
    const encoded = new TextEncoder().encode(text);
    return this.u32(encoded.length).bytes(encoded);
  }

  /** Appends all that another writer holds. */
  append(other: ByteWriter): this {
    for (const part of other.#parts) this.#parts.push(part);
    this.length += other.length;
    return this;
  }

  /** Appends the size of what another writer holds, then that. */
  sized(other: ByteWriter): this {
    return this.u32(other.length).append(other);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const out = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      copyBytes(part, 0, part.length, out, at);
      at += part.length;
    }
    return out;
  }
}
