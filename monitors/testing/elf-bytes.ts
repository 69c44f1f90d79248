// Bytes of an ELF file by their virtual address.

/** @throws Error when no segment of the file has them all. */
export function elfBytesAt(elf: Uint8Array, address: number, length: number): Uint8Array {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  const [table, size, count] = [view.getUint32(28, true), view.getUint16(42, true), view.getUint16(44, true)];
  for (let index = 0; index < count; index++) {
    const header = table + index * size;
    const [offset, base, bytes] = [4, 8, 16].map((field) => view.getUint32(header + field, true)) as [
      number,
      number,
      number,
    ];
    if (address >= base && address + length <= base + bytes) {
      const from = offset + address - base;
      return elf.slice(from, from + length);
    }
  }
  throw new Error(`0x${address.toString(16)}: expected ${length} bytes in a segment of the file, found none`);
}
