// Reads the program headers of a 32-bit x86 executable. Source: System V ABI, "Object Files" and i386 supplement.

import { BootImageError, hex } from './error.ts';
import { ImageReader } from './image-reader.ts';

/** A part of the file that is to be in memory. Addresses are what the ELF file says; sizes bytes. */
export interface LoadSegment {
  readonly virtualAddress: number;
  /** Guest-physical: where a boot loader puts it. */
  readonly physicalAddress: number;
  /** A view of the file; may be shorter than `memorySize`, the rest being zero. */
  readonly bytes: Uint8Array;
  readonly memorySize: number;
}

/** An executable that can be loaded at fixed addresses. */
export interface ElfExecutable {
  /** As the file has it: virtual for kernels that run in the upper half, guest-physical for others. */
  readonly entry: number;
  /** PT_LOAD segments that take memory, in the file's order. */
  readonly segments: readonly LoadSegment[];
}

const ELF_MAGIC = 0x464c457f;
const ELFCLASS32 = 1;
const ELFDATA2LSB = 1;
const ET_EXEC = 2;
const EM_386 = 3;
const PROGRAM_HEADER_SIZE = 32;
const PT_LOAD = 1;
const REMEDY = 'give a 32-bit x86 executable, statically linked (gcc -m32 -nostdlib -static -no-pie)';

/** Whether the file claims to be an ELF file of whatever kind. */
export function isElf(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true) === ELF_MAGIC;
}

/**
 * Reads an executable's segments.
 * @param file name for messages
 * @throws BootImageError when the file is damaged, no executable, or for another CPU
 */
export function readElf(file: string, bytes: Uint8Array): ElfExecutable {
  const reader = new ImageReader(file, bytes, REMEDY);
  const expect = (offset: number, found: number, wanted: number, what: string): void => {
    if (found !== wanted) throw reader.error(offset, `${what} (${hex(wanted)})`, hex(found));
  };
  expect(0, reader.u32(0, 'the magic of an ELF file'), ELF_MAGIC, 'the magic of an ELF file');
  expect(4, reader.u8(4, 'the class'), ELFCLASS32, 'a 32-bit file');
  expect(5, reader.u8(5, 'the byte order'), ELFDATA2LSB, 'a little-endian file');
  expect(16, reader.u16(16, 'the type'), ET_EXEC, 'an executable at fixed addresses, ET_EXEC');
  expect(18, reader.u16(18, 'the machine'), EM_386, 'code for i386');
  const entry = reader.u32(24, 'the entry point');
  const table = reader.u32(28, 'the offset of the program headers');
  const count = reader.u16(44, 'the number of program headers');
  if (count > 0) expect(42, reader.u16(42, 'the size of a program header'), PROGRAM_HEADER_SIZE, 'its usual size');
  const segments: LoadSegment[] = [];
  for (let index = 0; index < count; index++) {
    const at = table + index * PROGRAM_HEADER_SIZE;
    if (reader.u32(at, `program header ${index}`) !== PT_LOAD) continue;
    const segment = readSegment(reader, at, index);
    if (segment.memorySize > 0) segments.push(segment);
  }
  if (segments.length === 0) throw reader.error(44, 'at least one segment to load', `none in ${count} program headers`);
  return { entry, segments };
}

function readSegment(reader: ImageReader, at: number, index: number): LoadSegment {
  const offset = reader.u32(at + 4, 'p_offset');
  const virtualAddress = reader.u32(at + 8, 'p_vaddr');
  const physicalAddress = reader.u32(at + 12, 'p_paddr');
  const fileSize = reader.u32(at + 16, 'p_filesz');
  const memorySize = reader.u32(at + 20, 'p_memsz');
  if (fileSize > memorySize) {
    throw reader.error(at + 16, `segment ${index} no longer in the file than in memory (${memorySize})`, `${fileSize}`);
  }
  if (physicalAddress + memorySize > 0x1_0000_0000) {
    throw reader.error(at + 12, `segment ${index} below 4 GiB`, `${hex(physicalAddress)} + ${hex(memorySize)}`);
  }
  const bytes = fileSize === 0 ? new Uint8Array(0) : reader.slice(offset, fileSize, `the bytes of segment ${index}`);
  return { virtualAddress, physicalAddress, bytes, memorySize };
}

/**
 * The guest-physical address of an executable's entry point. Kernels of the upper half give it as a virtual address, which
 * the segment that holds it translates; a loader has no paging yet.
 */
export function physicalEntry(file: string, { entry, segments }: ElfExecutable): number {
  const holds = (start: number, size: number): boolean => entry >= start && entry < start + size;
  const segment =
    segments.find(({ virtualAddress, memorySize }) => holds(virtualAddress, memorySize)) ??
    segments.find(({ physicalAddress, memorySize }) => holds(physicalAddress, memorySize));
  if (segment === undefined) {
    throw new BootImageError({
      file,
      offset: 24,
      expected: 'an entry point inside a segment',
      found: hex(entry),
      remedy: REMEDY,
    });
  }
  if (!holds(segment.virtualAddress, segment.memorySize)) return entry;
  return entry - segment.virtualAddress + segment.physicalAddress;
}
