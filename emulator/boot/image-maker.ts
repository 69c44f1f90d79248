// Writes the one kind of image that v86 boots without a BIOS: an ELF32 executable with a multiboot header, each part of
// memory a segment. Sources: System V ABI, "Object Files"; Multiboot Specification 0.6.96, section 3.1.

import { PAGE_SIZE } from '../address.ts';
import { BootImageError, hex } from './error.ts';

/** Bytes at a guest-physical address. */
export interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

const ELF_HEADER_SIZE = 52;
const PROGRAM_HEADER_SIZE = 32;
const SECTION_HEADER_SIZE = 40;
/** v86, like the specification, looks for the multiboot header in the first 8 KiB; the segments start behind them. */
const HEADER_AREA = 8192;
const MULTIBOOT_OFFSET = 64;
const PROGRAM_HEADER_OFFSET = 128;
const MAX_SEGMENTS = Math.floor((HEADER_AREA - PROGRAM_HEADER_OFFSET) / PROGRAM_HEADER_SIZE);
const MULTIBOOT_HEADER_MAGIC = 0x1badb002;
const ET_EXEC = 2;
const EM_386 = 3;
const PT_LOAD = 1;
const READ_WRITE_EXECUTE = 7;

/**
 * An image for v86's `multiboot` option that loads `segments` and starts at `entry` (guest-physical, inside one of them) in
 * flat 32-bit protected mode. The result owns its whole `ArrayBuffer`, because v86 takes the buffer and not the view.
 */
export function makeImage(file: string, segments: readonly Segment[], entry: number): Uint8Array<ArrayBuffer> {
  if (segments.length > MAX_SEGMENTS) {
    const remedy = 'join segments or modules';
    throw new BootImageError({
      file,
      expected: `at most ${MAX_SEGMENTS} segments`,
      found: `${segments.length}`,
      remedy,
    });
  }
  if (!segments.some(({ address, bytes }) => entry >= address && entry < address + bytes.length)) {
    const remedy = 'the image is damaged or not a kernel';
    throw new BootImageError({ file, expected: 'an entry point inside a segment', found: hex(entry), remedy });
  }
  const size = segments.reduce((offset, { bytes }) => offset + paged(bytes.length), HEADER_AREA);
  const image = new Uint8Array(size);
  const view = new DataView(image.buffer);
  writeElfHeader(view, segments.length, entry);
  view.setUint32(MULTIBOOT_OFFSET, MULTIBOOT_HEADER_MAGIC, true);
  view.setUint32(MULTIBOOT_OFFSET + 8, -MULTIBOOT_HEADER_MAGIC, true);
  let offset = HEADER_AREA;
  segments.forEach(({ address, bytes }, index) => {
    writeProgramHeader(view, PROGRAM_HEADER_OFFSET + index * PROGRAM_HEADER_SIZE, offset, address, bytes.length);
    image.set(bytes, offset);
    offset += paged(bytes.length);
  });
  return image;
}

const paged = (size: number): number => Math.ceil(size / PAGE_SIZE) * PAGE_SIZE;

function writeElfHeader(view: DataView, segments: number, entry: number): void {
  view.setUint32(0, 0x7f454c46); // 0x7f 'ELF'
  view.setUint8(4, 1); // ELFCLASS32
  view.setUint8(5, 1); // little-endian
  view.setUint8(6, 1); // EV_CURRENT
  view.setUint16(16, ET_EXEC, true);
  view.setUint16(18, EM_386, true);
  view.setUint32(20, 1, true); // EV_CURRENT
  view.setUint32(24, entry, true);
  view.setUint32(28, PROGRAM_HEADER_OFFSET, true);
  view.setUint16(40, ELF_HEADER_SIZE, true);
  view.setUint16(42, PROGRAM_HEADER_SIZE, true);
  view.setUint16(44, segments, true);
  view.setUint16(46, SECTION_HEADER_SIZE, true);
}

function writeProgramHeader(view: DataView, at: number, offset: number, address: number, size: number): void {
  view.setUint32(at, PT_LOAD, true);
  view.setUint32(at + 4, offset, true);
  view.setUint32(at + 8, address, true); // p_vaddr
  view.setUint32(at + 12, address, true); // p_paddr
  view.setUint32(at + 16, size, true); // p_filesz
  view.setUint32(at + 20, size, true); // p_memsz
  view.setUint32(at + 24, READ_WRITE_EXECUTE, true);
  view.setUint32(at + 28, PAGE_SIZE, true);
}
