// Numbers of up to 32 bits in LEB128. They are read where they stand; what is longer than five bytes reads as a number that fits nowhere.

/** The offset behind a number. */
export function endOf(bytes: Uint8Array, at: number): number {
  let p = at;
  while (bytes[p++]! >= 0x80);
  return p;
}

export function unsignedAt(bytes: Uint8Array, at: number): number {
  let value = 0;
  for (let shift = 0, p = at; shift < 35; shift += 7) {
    const byte = bytes[p++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
  }
  return 2 ** 32;
}

/** As an i32. */
export function signedAt(bytes: Uint8Array, at: number): number {
  const value = unsignedAt(bytes, at);
  const unused = Math.max(0, 32 - 7 * (endOf(bytes, at) - at));
  return value < 2 ** 32 ? (value << unused) >> unused : value;
}

/** The shortest encoding of a number below 2^31, the only one that forms accept for what they fix. */
export function encoded(value: number, isSigned: boolean): number[] {
  const isLast = isSigned ? value >= -0x40 && value < 0x40 : value < 0x80;
  return isLast ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...encoded(value >> 7, isSigned)];
}
