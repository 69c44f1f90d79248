// Builds the zero page (struct boot_params) that a boot loader hands to Linux.
// Source: Linux kernel documentation, "The Linux/x86 Boot Protocol", sections 1.3 to 1.8, and "Zero Page".

import { type BzImage, SETUP_HEADER } from './bzimage.ts';
import { memoryMap } from './memory-map.ts';
import { HIGH_MEMORY_START } from './memory-plan.ts';

/** Bytes of struct boot_params. */
export const ZERO_PAGE_SIZE = 4096;

/** Offsets in the zero page of what is not in the setup header. */
const ZERO_PAGE = { screenInfo: 0, altMemK: 0x1e0, e820Entries: 0x1e8, e820Table: 0x2d0 } as const;
const E820_ENTRY_SIZE = 20;
/** type_of_loader for a loader without an assigned number. */
const UNKNOWN_LOADER = 0xff;

/** 80 x 25 colour text on a VGA, as its BIOS would have left it. */
const SCREEN_INFO = {
  videoMode: [0x06, 3],
  columns: [0x07, 80],
  lines: [0x0e, 25],
  isVga: [0x0f, 1],
  fontHeight: [0x10, 16],
} as const;

/** Guest-physical addresses and sizes of what the zero page points to. */
export interface ZeroPagePlaces {
  readonly memorySize: number;
  readonly commandLine: number;
  /** 0 with size 0 for no initrd. */
  readonly initrd: number;
  readonly initrdSize: number;
}

/** The zero page for a kernel at its load address. */
export function zeroPage(kernel: BzImage, places: ZeroPagePlaces): Uint8Array {
  const page = new Uint8Array(ZERO_PAGE_SIZE);
  const view = new DataView(page.buffer);
  page.set(kernel.setupHeader, SETUP_HEADER.setupSects);
  for (const [offset, value] of Object.values(SCREEN_INFO)) view.setUint8(ZERO_PAGE.screenInfo + offset, value);
  view.setUint32(ZERO_PAGE.altMemK, (places.memorySize - HIGH_MEMORY_START) / 1024, true);
  view.setUint8(SETUP_HEADER.typeOfLoader, UNKNOWN_LOADER);
  view.setUint32(SETUP_HEADER.code32Start, kernel.loadAddress, true);
  view.setUint32(SETUP_HEADER.ramdiskImage, places.initrd, true);
  view.setUint32(SETUP_HEADER.ramdiskSize, places.initrdSize, true);
  // A header before 2.02 has no such field; those bytes are padding then.
  view.setUint32(SETUP_HEADER.cmdLinePtr, places.commandLine, true);
  const entries = memoryMap(places.memorySize);
  view.setUint8(ZERO_PAGE.e820Entries, entries.length);
  entries.forEach((entry, index) => {
    const offset = ZERO_PAGE.e820Table + index * E820_ENTRY_SIZE;
    view.setBigUint64(offset, BigInt(entry.base), true);
    view.setBigUint64(offset + 8, BigInt(entry.length), true);
    view.setUint32(offset + 16, entry.type, true);
  });
  return page;
}
