// Address translation: the page walk, as the processor does it, for paging off, 32-bit paging (4 KiB, 4 MiB with PSE-36) and
// PAE paging (4 KiB, 2 MiB). Source: Intel SDM volume 3A, "Paging".

import { PAGE_SIZE, type PhysAddr, phys, type VirtAddr } from '../address.ts';
import {
  entryTarget,
  hasReservedBit,
  PAGE_ENTRY,
  PAGE_ENTRY_HIGH_NO_EXECUTE,
  PAGING_32,
  PAGING_PAE,
  type PageEntryFlags,
  type PageLevelName,
  type PageTableLevel,
  type PagingControls,
  pageEntryFlags,
} from './page-entry.ts';
import { CR0, CR4 } from './registers.ts';

/** Reads an aligned little-endian 32-bit word at a guest-physical address, signed or unsigned; undefined outside memory. */
export type ReadPhysical32 = (address: PhysAddr) => number | undefined;

export type PagingMode = 'off' | '32-bit' | 'PAE';

/** The paging mode that control registers select. IA-32e paging is none of this project's: EFER.LMA is taken to be clear. */
export const pagingMode = ({ cr0, cr4 }: PagingControls): PagingMode =>
  (cr0 & CR0.PG) === 0 ? 'off' : (cr4 & CR4.PAE) !== 0 ? 'PAE' : '32-bit';

/** What all levels of a translation together grant. */
export interface PageRights {
  /** Writes are allowed; with CR0.WP clear, CPL 0 to 2 may write even where they are not. */
  readonly writable: boolean;
  /** CPL 3 may access the page. */
  readonly user: boolean;
  readonly executable: boolean;
  /** The translation survives CR3 writes in the TLB: the entry says global and CR4.PGE is set. */
  readonly global: boolean;
}

/** One entry that a walk used. */
export interface PageLevel {
  readonly name: PageLevelName;
  /** Guest-physical address of the entry. */
  readonly entryAddress: PhysAddr;
  /** Low word of the entry, unsigned. */
  readonly low: number;
  /** High word of an 8-byte entry, unsigned; 0 in 32-bit paging. Two words, since a number cannot hold 64 bits. */
  readonly high: number;
  readonly flags: PageEntryFlags;
}

/** A successful walk. */
export interface PageHit {
  readonly kind: 'page';
  readonly mode: PagingMode;
  readonly address: VirtAddr;
  /** The guest-physical address of that very byte; whether memory or a device is there, a walk does not know. */
  readonly physical: PhysAddr;
  /** Bytes of the page: 4 KiB, 2 MiB or 4 MiB; 4 KiB with paging off. */
  readonly pageSize: number;
  readonly rights: PageRights;
  /** The entries used, from the top; none with paging off. */
  readonly levels: readonly PageLevel[];
}

export type PageMissReason =
  /** The entry's present bit is clear. */
  | 'not-present'
  /** The entry is present and has a reserved bit set. */
  | 'reserved-bit'
  /** The entry, or for level 'page' the byte itself, is at no address that can be read: no memory there, or above 4 GiB. */
  | 'outside-memory';

/** A walk that reached no page. */
export interface PageMiss {
  readonly kind: 'miss';
  readonly mode: PagingMode;
  readonly address: VirtAddr;
  readonly reason: PageMissReason;
  readonly level: PageLevelName | 'page';
  /** Guest-physical address, up to 52 bits, of the entry that ended the walk; of the byte itself for level 'page'. */
  readonly entryAddress: number;
  /** The entries read, from the top; the last is the one that ended the walk, unless it could not be read. */
  readonly levels: readonly PageLevel[];
}

export type PageWalk = PageHit | PageMiss;

/** Why {@link descend} found no page: negative, so that no physical address is one of them. */
export const WALK_NOT_PRESENT = -1;
export const WALK_RESERVED_BIT = -2;
export const WALK_OUTSIDE_MEMORY = -3;

/** Rights as {@link WalkTrail} packs them; R/W, U/S and G where an entry has them. */
export const RIGHT_EXECUTE = 1 << 31;
const RIGHTS_ALL = PAGE_ENTRY.WRITABLE | PAGE_ENTRY.USER | RIGHT_EXECUTE;

/** Decodes packed rights. */
export const pageRights = (packed: number): PageRights => ({
  writable: (packed & PAGE_ENTRY.WRITABLE) !== 0,
  user: (packed & PAGE_ENTRY.USER) !== 0,
  executable: (packed & RIGHT_EXECUTE) !== 0,
  global: (packed & PAGE_ENTRY.GLOBAL) !== 0,
});

interface TrailEntry {
  name: PageLevelName;
  address: number;
  low: number;
  high: number;
}

/** What {@link descend} notes on its way. Made once, reused for many walks. */
export interface WalkTrail {
  /** Entries read: the first `depth` of `entries`. */
  depth: number;
  readonly entries: readonly [TrailEntry, TrailEntry, TrailEntry];
  /** Where the walk ended: the level and the physical address of its entry, or 'page' and that of the byte. */
  level: PageLevelName | 'page';
  entryAddress: number;
  /** The virtual addresses around the one asked for that share this outcome: 2^shift aligned bytes. */
  shift: number;
  /** Packed rights; of a page only. */
  rights: number;
}

/** Makes a trail to pass to {@link descend}. */
export function walkTrail(): WalkTrail {
  const entry = (): TrailEntry => ({ name: 'PTE', address: 0, low: 0, high: 0 });
  return { depth: 0, entries: [entry(), entry(), entry()], level: 'page', entryAddress: 0, shift: 0, rights: 0 };
}

/** MAXPHYADDR where CPUID does not tell it and the processor has PAE. */
const DEFAULT_PHYSICAL_ADDRESS_BITS = 36;

const WHOLE_ADDRESS_SPACE_SHIFT = 32;

/** Of an entry of 32 bits: the address of its table or page. */
const ADDRESS_BITS = ~0xfff;
/** Offset of a word in a table of 4 KiB. */
const INDEX_OF_WORD = 0xffc;

/**
 * Walks the paging structures without allocating: the one walk that {@link walk}, {@link translate} and `mappings` share.
 * In PAE mode the PDPTEs are read from memory; a processor uses those that it loaded when CR3 was written.
 *
 * @param trail where to note the way; undefined when only the result matters
 * @returns the guest-physical address, 0 to 2^32 - 1, or one of the negative `WALK_` codes
 * @throws RangeError when `physicalAddressBits` is not in 32 to 52
 */
export function descend(
  read: ReadPhysical32,
  controls: PagingControls,
  address: VirtAddr,
  trail: WalkTrail | undefined,
): number {
  const { cr0, cr3, cr4, noExecuteEnable = false, physicalAddressBits = DEFAULT_PHYSICAL_ADDRESS_BITS } = controls;
  if (!(physicalAddressBits >= 32 && physicalAddressBits <= 52)) {
    throw new RangeError(`physicalAddressBits (MAXPHYADDR) must be 32 to 52, is ${physicalAddressBits}`);
  }
  if (trail !== undefined) trail.depth = 0;
  let rights = RIGHTS_ALL;
  if ((cr0 & CR0.PG) === 0) {
    if (trail !== undefined) arrive(trail, address >>> 0, WHOLE_ADDRESS_SPACE_SHIFT, rights);
    return address >>> 0;
  }

  const pae = (cr4 & CR4.PAE) !== 0;
  let level: PageTableLevel = pae ? PAGING_PAE : PAGING_32;
  // The PDPT is aligned to 32 bytes only, every other table to a page.
  let table = (cr3 & (pae ? 0xffff_ffe0 : 0xffff_f000)) >>> 0;
  for (;;) {
    const entryAddress = table + ((address >>> level.shift) & level.indexMask) * level.entryBytes;
    if (trail !== undefined) stopAt(trail, level, entryAddress);
    if (entryAddress > 0xffff_ffff) return WALK_OUTSIDE_MEMORY;
    const low = read(entryAddress as PhysAddr);
    const high = level.entryBytes === 8 ? read((entryAddress + 4) as PhysAddr) : 0;
    if (low === undefined || high === undefined) return WALK_OUTSIDE_MEMORY;
    if (trail !== undefined) note(trail, level, entryAddress, low, high);

    if ((low & PAGE_ENTRY.PRESENT) === 0) return WALK_NOT_PRESENT;
    const large = (low & PAGE_ENTRY.LARGE) !== 0 && (cr4 & level.largeIf) !== 0;
    if (hasReservedBit(level, large, low, high, physicalAddressBits, noExecuteEnable)) return WALK_RESERVED_BIT;
    if (level.name !== 'PDPTE') {
      rights &= low | RIGHT_EXECUTE;
      if ((high & PAGE_ENTRY_HIGH_NO_EXECUTE) !== 0) rights &= ~RIGHT_EXECUTE;
    }
    const target = entryTarget(level, large, low, high);
    if (!large && level.next !== undefined) {
      table = target;
      level = level.next;
      continue;
    }

    const physical = target + (address & ((1 << level.shift) - 1));
    if ((cr4 & CR4.PGE) !== 0) rights |= low & PAGE_ENTRY.GLOBAL;
    if (trail !== undefined) arrive(trail, physical, level.shift, rights);
    return physical > 0xffff_ffff ? WALK_OUTSIDE_MEMORY : physical;
  }
}

/**
 * Translates a guest-virtual address and tells how: each level, the rights, or where and why there is no page.
 * It checks no rights and, unlike the processor, sets no accessed or dirty bit.
 *
 * @param read reads the guest's physical memory, where the tables are
 * @throws RangeError when `physicalAddressBits` is not in 32 to 52
 */
export function walk(read: ReadPhysical32, controls: PagingControls, address: VirtAddr): PageWalk {
  const trail = walkTrail();
  const result = descend(read, controls, address, trail);
  const mode = pagingMode(controls);
  const levels = trail.entries.slice(0, trail.depth).map(pageLevel);
  if (result >= 0) {
    const pageSize = mode === 'off' ? PAGE_SIZE : 2 ** trail.shift;
    const rights = pageRights(trail.rights);
    return { kind: 'page', mode, address, physical: result as PhysAddr, pageSize, rights, levels };
  }
  const { level, entryAddress } = trail;
  return { kind: 'miss', mode, address, reason: missReason(result), level, entryAddress, levels };
}

/**
 * The guest-physical address behind a guest-virtual one, or undefined where {@link walk} would miss. Does not allocate.
 *
 * @param read reads the guest's physical memory, where the tables are
 * @throws RangeError when `physicalAddressBits` is not in 32 to 52
 */
export function translate(read: ReadPhysical32, controls: PagingControls, address: VirtAddr): PhysAddr | undefined {
  const { cr0, cr3, cr4, physicalAddressBits } = controls;
  if ((cr0 & CR0.PG) === 0 || (cr4 & CR4.PAE) !== 0 || physicalAddressBits !== undefined)
    return descended(read, controls, address);
  // Asked for most by far: nothing is reserved in an entry for a page of 4 KiB, and its address has 32 bits.
  const directoryEntry = read(phys((cr3 & ADDRESS_BITS) + ((address >>> 20) & INDEX_OF_WORD)));
  if (directoryEntry === undefined || (directoryEntry & PAGE_ENTRY.PRESENT) === 0) return undefined;
  if ((directoryEntry & PAGE_ENTRY.LARGE) !== 0 && (cr4 & CR4.PSE) !== 0) return descended(read, controls, address);
  const entry = read(phys((directoryEntry & ADDRESS_BITS) + ((address >>> 10) & INDEX_OF_WORD)));
  if (entry === undefined || (entry & PAGE_ENTRY.PRESENT) === 0) return undefined;
  return phys((entry & ADDRESS_BITS) | (address & ~ADDRESS_BITS));
}

function descended(read: ReadPhysical32, controls: PagingControls, address: VirtAddr): PhysAddr | undefined {
  const result = descend(read, controls, address, undefined);
  return result >= 0 ? (result as PhysAddr) : undefined;
}

const missReason = (code: number): PageMissReason =>
  code === WALK_NOT_PRESENT ? 'not-present' : code === WALK_RESERVED_BIT ? 'reserved-bit' : 'outside-memory';

const pageLevel = ({ name, address, low, high }: TrailEntry): PageLevel => ({
  name,
  entryAddress: address as PhysAddr,
  low,
  high,
  flags: pageEntryFlags(low, high),
});

function stopAt(trail: WalkTrail, level: PageTableLevel, entryAddress: number): void {
  trail.level = level.name;
  trail.entryAddress = entryAddress;
  trail.shift = level.shift;
}

function note(trail: WalkTrail, level: PageTableLevel, address: number, low: number, high: number): void {
  const entry = trail.entries[trail.depth]!;
  trail.depth++;
  entry.name = level.name;
  entry.address = address;
  entry.low = low >>> 0;
  entry.high = high >>> 0;
}

function arrive(trail: WalkTrail, physical: number, shift: number, rights: number): void {
  trail.level = 'page';
  trail.entryAddress = physical;
  trail.shift = shift;
  trail.rights = rights;
}
