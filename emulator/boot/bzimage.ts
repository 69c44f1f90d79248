// Reads the header of a Linux bzImage. Source: Linux kernel documentation, "The Linux/x86 Boot Protocol".

import { BootImageError, hex, mebibytes } from './error.ts';
import { ImageReader } from './image-reader.ts';

/** Offsets in the file, and in the zero page, of the setup header's fields. */
export const SETUP_HEADER = {
  setupSects: 0x1f1,
  syssize: 0x1f4,
  bootFlag: 0x1fe,
  jump: 0x200,
  magic: 0x202,
  version: 0x206,
  typeOfLoader: 0x210,
  loadflags: 0x211,
  code32Start: 0x214,
  ramdiskImage: 0x218,
  ramdiskSize: 0x21c,
  cmdLinePtr: 0x228,
  initrdAddrMax: 0x22c,
  kernelAlignment: 0x230,
  relocatableKernel: 0x234,
  xloadflags: 0x236,
  cmdlineSize: 0x238,
  prefAddress: 0x258,
  initSize: 0x260,
} as const;

/** 'HdrS', little-endian. */
const HEADER_MAGIC = 0x53726448;
const BOOT_FLAG = 0xaa55;
/** loadflags bit 0: the protected-mode kernel goes to 1 MiB or above, that is, this is a bzImage and no zImage. */
const LOADED_HIGH = 1;
/** The setup header may not reach into the next field of the zero page, the EDD signatures. */
const SETUP_HEADER_LIMIT = 0x290;
/** A version 2.00 header ends after this field of four bytes. */
const OLDEST_HEADER_END = 0x224;
const DEFAULT_LOAD_ADDRESS = 0x100000;
const DEFAULT_INITRD_ADDR_MAX = 0x37ffffff;
const DEFAULT_CMDLINE_SIZE = 255;
/** Where no init_size tells (protocol before 2.10), room for a kernel that decompresses to this many times its size. */
const OLD_KERNEL_GROWTH = 4;
const MAX_SETUP_SECTS = 64;

/** What the boot loader needs to know of a bzImage. Addresses are guest-physical, sizes bytes. */
export interface BzImage {
  /** The bytes from `SETUP_HEADER.setupSects` to the header's own end, to be copied into the zero page. */
  readonly setupHeader: Uint8Array;
  /** The protected-mode kernel: what runs, loaded at `loadAddress` and entered at its first byte. */
  readonly protectedMode: Uint8Array;
  /** Boot protocol version, major << 8 | minor. */
  readonly version: number;
  /** Where the kernel prefers to be, or has to be when it is not relocatable. */
  readonly loadAddress: number;
  readonly relocatable: boolean;
  /** Alignment of `loadAddress` that the kernel asks for; 0 where the protocol is too old to tell. */
  readonly alignment: number;
  /** Memory that the kernel needs from `loadAddress` on before it reads its memory map. */
  readonly initSize: number;
  /** Highest address that a byte of the initrd may have. */
  readonly initrdAddressMax: number;
  /** Longest command line, its terminating NUL not counted. */
  readonly commandLineSize: number;
  /** 64-bit entry, EFI and kexec flags; 0 where the protocol is too old to tell. */
  readonly xloadflags: number;
}

const REMEDY = 'give the vmlinuz of an i386 Linux kernel, complete and not unpacked';

/** Whether the file claims to be a Linux kernel with a setup header. Says nothing of whether it is whole. */
export function isLinuxKernel(bytes: Uint8Array): boolean {
  if (bytes.length < SETUP_HEADER.version) return false;
  return (
    new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(SETUP_HEADER.magic, true) === HEADER_MAGIC
  );
}

/**
 * Reads a bzImage; checks every field that is used.
 * @param file name for messages
 * @throws BootImageError when it is no bzImage, cut short, or of a kind that cannot be loaded
 */
export function readBzImage(file: string, bytes: Uint8Array): BzImage {
  const reader = new ImageReader(file, bytes, REMEDY);
  const at = SETUP_HEADER;
  const bootFlag = reader.u16(at.bootFlag, 'the boot flag 0xaa55');
  if (bootFlag !== BOOT_FLAG) throw reader.error(at.bootFlag, 'the boot flag 0xaa55', hex(bootFlag));
  const magic = reader.u32(at.magic, 'the magic "HdrS"');
  if (magic !== HEADER_MAGIC) throw reader.error(at.magic, 'the magic "HdrS" (0x53726448)', hex(magic));
  const version = reader.u16(at.version, 'the boot protocol version');
  if (version < 0x0200 || version >= 0x0300) {
    throw reader.error(at.version, 'a boot protocol version 2.xx', `${version >> 8}.${hex(version & 0xff)}`);
  }
  const loadflags = reader.u8(at.loadflags, 'loadflags');
  if ((loadflags & LOADED_HIGH) === 0) {
    throw reader.error(at.loadflags, 'a kernel loaded high (bzImage)', 'a zImage', 'build the kernel as bzImage');
  }
  const since = (minor: number): boolean => version >= (0x0200 | minor);
  const setupHeader = readSetupHeader(reader);
  const protectedMode = readProtectedMode(reader, since(4));
  const relocatable = since(5) && reader.u8(at.relocatableKernel, 'relocatable_kernel') !== 0;
  const loadAddress = since(10) ? reader.u64(at.prefAddress, 'pref_address') : DEFAULT_LOAD_ADDRESS;
  const alignment = since(5) ? reader.u32(at.kernelAlignment, 'kernel_alignment') : 0;
  if (loadAddress < DEFAULT_LOAD_ADDRESS || loadAddress > 0xffffffff) {
    throw reader.error(at.prefAddress, 'pref_address from 1 MiB to 4 GiB', hex(loadAddress));
  }
  const initSize = since(10)
    ? reader.u32(at.initSize, 'init_size')
    : Math.min(protectedMode.length * OLD_KERNEL_GROWTH, 0xffffffff);
  return {
    setupHeader,
    protectedMode,
    version,
    loadAddress,
    relocatable,
    alignment,
    initSize: Math.max(initSize, protectedMode.length),
    initrdAddressMax: since(3) ? reader.u32(at.initrdAddrMax, 'initrd_addr_max') : DEFAULT_INITRD_ADDR_MAX,
    commandLineSize: since(6) ? reader.u32(at.cmdlineSize, 'cmdline_size') : DEFAULT_CMDLINE_SIZE,
    xloadflags: since(12) ? reader.u16(at.xloadflags, 'xloadflags') : 0,
  };
}

function readSetupHeader(reader: ImageReader): Uint8Array {
  // The header ends where the short jump at 0x200 lands.
  const end = SETUP_HEADER.magic + reader.u8(SETUP_HEADER.jump + 1, 'the end of the setup header');
  if (end < OLDEST_HEADER_END || end > SETUP_HEADER_LIMIT) {
    const expected = `a setup header that ends from ${hex(OLDEST_HEADER_END)} to ${hex(SETUP_HEADER_LIMIT)}`;
    throw reader.error(SETUP_HEADER.jump + 1, expected, hex(end));
  }
  return reader.slice(SETUP_HEADER.setupSects, end - SETUP_HEADER.setupSects, 'the setup header');
}

function readProtectedMode(reader: ImageReader, wideSize: boolean): Uint8Array {
  const at = SETUP_HEADER;
  // 0 stands for 4, for kernels older than the field.
  const sectors = reader.u8(at.setupSects, 'setup_sects') || 4;
  if (sectors > MAX_SETUP_SECTS)
    throw reader.error(at.setupSects, `at most ${MAX_SETUP_SECTS} setup sectors`, `${sectors}`);
  const paragraphs = wideSize ? reader.u32(at.syssize, 'syssize') : reader.u16(at.syssize, 'syssize');
  const start = (sectors + 1) * 512;
  const present = reader.bytes.length - start;
  // The field counts 16-byte paragraphs, rounded up.
  const declared = paragraphs * 16;
  if (present <= 0 || present <= declared - 16) {
    throw new BootImageError({
      file: reader.file,
      offset: reader.bytes.length,
      expected: `${mebibytes(declared)} of kernel behind the setup sectors`,
      found: `the end of the file after ${mebibytes(Math.max(0, present))}`,
      remedy: 'the file is cut short: fetch or copy it again',
    });
  }
  return reader.bytes.subarray(start);
}
