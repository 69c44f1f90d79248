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
  const unused = 32 - 7 * (endOf(bytes, at) - at);
  const value = unsignedAt(bytes, at);
  if (value === 2 ** 32) return value;
  return unused > 0 ? (value << unused) >> unused : value | 0;
}

/** The shortest encoding, the only one that forms accept for what they fix. */
export function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

export function signed(value: number): number[] {
  const last = value >= -0x40 && value < 0x40;
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
}
