// Entries of the paging structures of 32-bit and PAE paging: their bits, which of them are reserved, and what they grant.
// Source: Intel SDM volume 3A, "Paging", sections on 32-bit paging and PAE paging.

import { CR4 } from './registers.ts';

/** The registers that steer address translation. Each may be signed or unsigned. */
export interface PagingControls {
  readonly cr0: number;
  readonly cr3: number;
  readonly cr4: number;
  /** EFER.NXE: bit 63 of a PAE entry forbids execution instead of being reserved. @default false */
  readonly noExecuteEnable?: boolean;
  /** MAXPHYADDR, 32 to 52: physical-address bits of the processor; entry bits beyond are reserved. @default 36 */
  readonly physicalAddressBits?: number;
}

/** Bits of an entry, in its low word. */
export const PAGE_ENTRY = {
  PRESENT: 1 << 0,
  WRITABLE: 1 << 1,
  USER: 1 << 2,
  WRITE_THROUGH: 1 << 3,
  CACHE_DISABLED: 1 << 4,
  ACCESSED: 1 << 5,
  DIRTY: 1 << 6,
  /** Of a PDE: it maps a large page. A PTE has its PAT bit here. */
  LARGE: 1 << 7,
  GLOBAL: 1 << 8,
} as const;

/** The no-execute bit, in the high word of a PAE entry. */
export const PAGE_ENTRY_HIGH_NO_EXECUTE = 1 << 31;

/** An entry's bits as it states them, whether or not its level gives them a meaning. */
export interface PageEntryFlags {
  readonly present: boolean;
  readonly writable: boolean;
  readonly user: boolean;
  readonly writeThrough: boolean;
  readonly cacheDisabled: boolean;
  readonly accessed: boolean;
  readonly dirty: boolean;
  /** Bit 7: of a PDE, the page size; of a PTE, an index bit of the PAT. */
  readonly large: boolean;
  readonly global: boolean;
  readonly noExecute: boolean;
}

/** Decodes an entry; `high` is 0 for the 4-byte entries of 32-bit paging. */
export const pageEntryFlags = (low: number, high: number): PageEntryFlags => ({
  present: (low & PAGE_ENTRY.PRESENT) !== 0,
  writable: (low & PAGE_ENTRY.WRITABLE) !== 0,
  user: (low & PAGE_ENTRY.USER) !== 0,
  writeThrough: (low & PAGE_ENTRY.WRITE_THROUGH) !== 0,
  cacheDisabled: (low & PAGE_ENTRY.CACHE_DISABLED) !== 0,
  accessed: (low & PAGE_ENTRY.ACCESSED) !== 0,
  dirty: (low & PAGE_ENTRY.DIRTY) !== 0,
  large: (low & PAGE_ENTRY.LARGE) !== 0,
  global: (low & PAGE_ENTRY.GLOBAL) !== 0,
  noExecute: (high & PAGE_ENTRY_HIGH_NO_EXECUTE) !== 0,
});

/** Names of the paging structures' entries, from the top: PDPTE (PAE only), PDE, PTE. */
export type PageLevelName = 'PDPTE' | 'PDE' | 'PTE';

/** The shape of one level of the paging structures. */
export interface PageTableLevel {
  readonly name: PageLevelName;
  /** Bits of the virtual address below this level's index: one entry covers 2^shift bytes. */
  readonly shift: number;
  /** Entries of a table, less one. */
  readonly indexMask: number;
  /** 4, or 8 in PAE paging. */
  readonly entryBytes: number;
  /** Bits of CR4 of which one must be set for the entry's LARGE bit to mean a large page; 0 where it never does. */
  readonly largeIf: number;
  /** The level below; none for a PTE. */
  readonly next: PageTableLevel | undefined;
}

/** 32-bit paging, from its top level: 4 KiB pages and, with CR4.PSE, 4 MiB pages. */
export const PAGING_32: PageTableLevel = {
  name: 'PDE',
  shift: 22,
  indexMask: 0x3ff,
  entryBytes: 4,
  largeIf: CR4.PSE,
  next: { name: 'PTE', shift: 12, indexMask: 0x3ff, entryBytes: 4, largeIf: 0, next: undefined },
};

/** PAE paging, from its top level: 4 KiB and 2 MiB pages, whatever CR4.PSE says. */
export const PAGING_PAE: PageTableLevel = {
  name: 'PDPTE',
  shift: 30,
  indexMask: 3,
  entryBytes: 8,
  largeIf: 0,
  next: {
    name: 'PDE',
    shift: 21,
    indexMask: 0x1ff,
    entryBytes: 8,
    largeIf: CR4.PAE,
    next: { name: 'PTE', shift: 12, indexMask: 0x1ff, entryBytes: 8, largeIf: 0, next: undefined },
  },
};

/** Reserved in a PDPTE: bits 2:1 and 8:5. It has no rights, so bits 1 and 2 are not R/W and U/S there. */
const PDPTE_RESERVED = 0x1e6;
/** Reserved in a PAE PDE that maps 2 MiB: bits 20:13. */
const LARGE_PAE_RESERVED = 0x1f_e000;
/** Bits 21:13 of a 32-bit PDE that maps 4 MiB: bits 39:32 of the address (PSE-36), then a reserved one. */
const PSE36_SHIFT = 13;
const PSE36_FIELD_END = 22;
const PSE36_MAX_ADDRESS_BITS = 40;

/**
 * Whether a present entry has a reserved bit set, which makes any use of it fault.
 *
 * @param large the entry maps a large page
 * @param addressBits MAXPHYADDR, 32 to 52
 */
export function hasReservedBit(
  level: PageTableLevel,
  large: boolean,
  low: number,
  high: number,
  addressBits: number,
  noExecuteEnable: boolean,
): boolean {
  if (level.entryBytes === 4) {
    if (!large) return false;
    const firstReserved = PSE36_SHIFT + Math.min(addressBits, PSE36_MAX_ADDRESS_BITS) - 32;
    return (low & ((1 << PSE36_FIELD_END) - (1 << firstReserved))) !== 0;
  }
  const beyondAddress = (-1 << (addressBits - 32)) & ~PAGE_ENTRY_HIGH_NO_EXECUTE;
  if ((high & beyondAddress) !== 0) return true;
  const isPdpte = level.name === 'PDPTE';
  if ((high & PAGE_ENTRY_HIGH_NO_EXECUTE) !== 0 && (isPdpte || !noExecuteEnable)) return true;
  return (low & (isPdpte ? PDPTE_RESERVED : large ? LARGE_PAE_RESERVED : 0)) !== 0;
}

/**
 * The physical address an entry holds, of a table or a page: up to 52 bits, exact in a number.
 *
 * @param large the entry maps a large page
 */
export function entryTarget(level: PageTableLevel, large: boolean, low: number, high: number): number {
  const bits63to32 = level.entryBytes === 8 ? high & 0xf_ffff : large ? (low >>> PSE36_SHIFT) & 0xff : 0;
  const alignment = large ? -1 << level.shift : 0xffff_f000;
  return bits63to32 * 0x1_0000_0000 + ((low & alignment) >>> 0);
}
