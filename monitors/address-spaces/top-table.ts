// The top-level paging structure that CR3 names: a page directory of 1,024 entries, or with PAE a table of four pointers.
// Source: Intel SDM volume 3A, "Paging", sections on 32-bit paging and PAE paging.
import { type Cr3, type PhysAddr, phys } from '../../emulator/index.ts';

/** CR4.PAE: physical address extension. */
const CR4_PAE = 1 << 5;

const PRESENT = 1;
const USER = 1 << 2;
const LARGE = 1 << 7;
const FRAME = 0xfffff000;

/** The word of RAM at an aligned physical address; undefined where there is no RAM. */
export type ReadWord = (address: PhysAddr) => number | undefined;

/** Where a top-level table lies and what it looks like. */
export interface TopTable {
  readonly base: PhysAddr;
  /** Entries of 8 bytes that each point to a page directory, instead of page-directory entries of 4 bytes. */
  readonly pae: boolean;
  /** Bytes of an entry; the low word has everything that is looked at here, for v86 has no RAM above 4 GiB. */
  readonly entrySize: 4 | 8;
  readonly entries: 4 | 1024;
}

/** The table that a value of CR3 names. */
export function topTable(cr3: Cr3, cr4: number): TopTable {
  return (cr4 & CR4_PAE) === 0
    ? { base: phys(cr3 & ~0xfff), pae: false, entrySize: 4, entries: 1024 }
    : { base: phys(cr3 & ~0x1f), pae: true, entrySize: 8, entries: 4 };
}

/** Guest-physical address of an entry. */
export const entryAddress = (table: TopTable, index: number): PhysAddr => phys(table.base + index * table.entrySize);

/** Whether an entry by its own bits may lead to user pages: PDPTEs have no U bit (SDM vol. 3A, table "Format of a PAE PDPTE"). */
export const mayBeUser = (table: TopTable, entry: number): boolean =>
  (entry & PRESENT) !== 0 && (table.pae || (entry & USER) !== 0);

/** Whether one of the entries in a frame of the paging structures satisfies a condition. */
function someEntry(read: ReadWord, frame: number, entrySize: 4 | 8, test: (entry: number) => boolean): boolean {
  for (let offset = 0; offset < 4096; offset += entrySize) {
    if (test(read(phys((frame & FRAME) + offset)) ?? 0)) return true;
  }
  return false;
}

const isUserPage = (entry: number): boolean => (entry & (PRESENT | USER)) === (PRESENT | USER);

/** Whether a top-level entry leads to at least one page that CPL 3 may access. Kernels set U in directories and clear it in tables. */
export function leadsToUserPage(read: ReadWord, table: TopTable, entry: number): boolean {
  if (!mayBeUser(table, entry)) return false;
  const below = (directoryEntry: number): boolean =>
    isUserPage(directoryEntry) &&
    ((directoryEntry & LARGE) !== 0 || someEntry(read, directoryEntry, table.entrySize, isUserPage));
  return table.pae ? someEntry(read, entry, 8, below) : below(entry);
}

/**
 * Whether an address space has a page that CPL 3 may access.
 * @param entryAt an entry by its index; by default as it stands in RAM.
 */
export function hasUserPage(
  read: ReadWord,
  table: TopTable,
  entryAt: (index: number) => number = (index) => read(entryAddress(table, index)) ?? 0,
): boolean {
  for (let index = 0; index < table.entries; index++) {
    if (leadsToUserPage(read, table, entryAt(index))) return true;
  }
  return false;
}
