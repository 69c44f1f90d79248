// Cuts from an ELF file what no loader reads.

const SECTION_OFFSET = 32;
const PROGRAM_OFFSET = 28;
const PROGRAM_COUNT = 44;
const SECTION_COUNT = 48;
const SECTION_NAMES = 50;
const PROGRAM_ENTRY_SIZE = 32;

/**
 * Removes the section headers of a 32-bit little-endian ELF file, and everything behind the last segment.
 * For files that our own linker made: nothing is checked.
 */
export function withoutSections(elf: Uint8Array): Uint8Array {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  let end = view.getUint32(PROGRAM_OFFSET, true);
  for (let index = 0; index < view.getUint16(PROGRAM_COUNT, true); index++) {
    const entry = view.getUint32(PROGRAM_OFFSET, true) + index * PROGRAM_ENTRY_SIZE;
    const segmentEnd = view.getUint32(entry + 4, true) + view.getUint32(entry + 16, true);
    end = Math.max(end, entry + PROGRAM_ENTRY_SIZE, segmentEnd);
  }
  const trimmed = elf.slice(0, end);
  const header = new DataView(trimmed.buffer);
  header.setUint32(SECTION_OFFSET, 0, true);
  header.setUint16(SECTION_COUNT, 0, true);
  header.setUint16(SECTION_NAMES, 0, true);
  return trimmed;
}
