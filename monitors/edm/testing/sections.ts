// For tests: takes binary modules apart by section, to put together what `buildModule` does not make.

/** A section: its number, and where its content is. */
export interface Section {
  readonly id: number;
  /** Offset of the section itself. */
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** The number at an offset, in unsigned LEB128, and the offset behind it. */
export function numberAt(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let p = at, shift = 0; ; shift += 7) {
    const byte = bytes[p++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return [value >>> 0, p];
  }
}

export function* sectionsOf(bytes: Uint8Array): Generator<Section> {
  for (let at = 8; at < bytes.length; ) {
    const [size, start] = numberAt(bytes, at + 1);
    yield { id: bytes[at]!, at, start, end: start + size };
    at = start + size;
  }
}
