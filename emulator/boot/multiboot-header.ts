// Recognises a Multiboot v1 header in a kernel. Source: Multiboot Specification 0.6.96, section 3.1.

import { BootImageError, hex } from './error.ts';
import { ImageReader } from './image-reader.ts';

/** Where the header tells a loader to put the kernel, for kernels that are no ELF files. Guest-physical addresses. */
export interface MultibootAddresses {
  /** Offset in the file of the first byte loaded. */
  readonly fileOffset: number;
  readonly load: number;
  /** End of what is in the file; 0 for all of the file. */
  readonly loadEnd: number;
  /** End of what is to be zero; 0 for nothing. */
  readonly bssEnd: number;
  readonly entry: number;
}

/** A header. */
export interface MultibootHeader {
  /** Offset in the file, bytes. */
  readonly offset: number;
  readonly flags: number;
  readonly addresses?: MultibootAddresses;
}

const MAGIC = 0x1badb002;
/** The header lies within so many bytes of the start, 32-bit aligned. */
const SEARCH = 8192;
const FLAG_PAGE_ALIGN = 1 << 0;
const FLAG_MEMORY = 1 << 1;
const FLAG_VIDEO = 1 << 2;
const FLAG_ADDRESSES = 1 << 16;
/** Flags of the lower half are demands: a loader that does not know one has to refuse. */
const DEMANDS = 0xffff;
const KNOWN_DEMANDS = FLAG_PAGE_ALIGN | FLAG_MEMORY | FLAG_VIDEO;
const REMEDY = 'give a kernel with a Multiboot v1 header';

/**
 * The header of a multiboot kernel, or undefined when there is none.
 * @throws BootImageError when there is one that asks for what cannot be done
 */
export function findMultibootHeader(file: string, bytes: Uint8Array): MultibootHeader | undefined {
  const reader = new ImageReader(file, bytes, REMEDY);
  const end = Math.min(SEARCH, bytes.length) - 12;
  for (let offset = 0; offset <= end; offset += 4) {
    if (reader.u32(offset, 'the magic') !== MAGIC) continue;
    const flags = reader.u32(offset + 4, 'the flags');
    const sum = MAGIC + flags + reader.u32(offset + 8, 'the checksum');
    if (sum % 2 ** 32 === 0) return readHeader(reader, offset, flags);
  }
  return undefined;
}

/**
 * Requires an image to have a header: v86 takes one without, and boots nothing.
 * @throws BootImageError
 */
export function requireMultibootHeader(file: string, image: Uint8Array): void {
  if (findMultibootHeader(file, image) !== undefined) return;
  const found = image.length === 0 ? 'an empty image' : 'none';
  throw new BootImageError({ file, offset: 0, expected: 'a Multiboot v1 header', found, remedy: REMEDY });
}

function readHeader(reader: ImageReader, offset: number, flags: number): MultibootHeader {
  const unknown = flags & DEMANDS & ~KNOWN_DEMANDS;
  if (unknown !== 0) {
    throw reader.error(offset + 4, `demands among ${hex(KNOWN_DEMANDS)}`, hex(flags & DEMANDS));
  }
  if ((flags & FLAG_ADDRESSES) === 0) return { offset, flags };
  const headerAddress = reader.u32(offset + 12, 'header_addr');
  const load = reader.u32(offset + 16, 'load_addr');
  const loadEnd = reader.u32(offset + 20, 'load_end_addr');
  const bssEnd = reader.u32(offset + 24, 'bss_end_addr');
  const entry = reader.u32(offset + 28, 'entry_addr');
  const fileOffset = offset - (headerAddress - load);
  if (load > headerAddress || fileOffset < 0) {
    const expected = `load_addr from ${hex(Math.max(0, headerAddress - offset))} to ${hex(headerAddress)}`;
    throw reader.error(offset + 16, expected, hex(load));
  }
  if (loadEnd !== 0 && loadEnd <= load)
    throw reader.error(offset + 20, `load_end_addr above ${hex(load)}`, hex(loadEnd));
  if (bssEnd !== 0 && bssEnd < loadEnd)
    throw reader.error(offset + 24, `bss_end_addr from ${hex(loadEnd)}`, hex(bssEnd));
  return { offset, flags, addresses: { fileOffset, load, loadEnd, bssEnd, entry } };
}
