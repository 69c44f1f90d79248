// Lists what an address space maps, as runs of pages. Source of the walk: paging.ts.

import { PAGE_SIZE, type PhysAddr, phys, type VirtAddr, virt } from '../address.ts';
import type { PagingControls } from './page-entry.ts';
import { descend, type PageRights, pageRights, type ReadPhysical32, walkTrail } from './paging.ts';

const ADDRESS_SPACE_END = 0x1_0000_0000;
const WHOLE_ADDRESS_SPACE_SHIFT = 32;

/** Consecutive virtual addresses that map to consecutive physical ones with the same rights and page size. */
export interface Mapping {
  readonly start: VirtAddr;
  /** The guest-physical address of `start`. */
  readonly physical: PhysAddr;
  /** Length in bytes, up to 2^32. */
  readonly bytes: number;
  readonly pageSize: number;
  readonly rights: PageRights;
}

/** Which part of the address space to list. */
export interface MappingsRange {
  /** First virtual address. @default 0 */
  readonly from?: VirtAddr;
  /** Virtual address after the last, up to 2^32, so no VirtAddr. @default 2^32 */
  readonly end?: number;
}

interface Run {
  start: number;
  physical: number;
  bytes: number;
  shift: number;
  rights: number;
}

/**
 * Lists the mapped runs of an address space in rising order, neighbours joined. What is not mapped, for whatever reason,
 * is not listed: `walk` says why of one address. Tables that hold themselves cost time, bounded by 2^20 pages, nothing else.
 * The tables must not change while it is iterated.
 *
 * @param read reads the guest's physical memory, where the tables are
 * @throws RangeError when `physicalAddressBits` is not in 32 to 52, or `end` not in 0 to 2^32
 */
export function* mappings(
  read: ReadPhysical32,
  controls: PagingControls,
  { from = virt(0), end = ADDRESS_SPACE_END }: MappingsRange = {},
): Generator<Mapping, void, undefined> {
  if (!(end >= 0 && end <= ADDRESS_SPACE_END)) {
    throw new RangeError(`the end of a range of virtual addresses must be 0 to 2^32, is ${end}`);
  }
  const trail = walkTrail();
  let run: Run | undefined;
  let address: number = from;
  while (address < end) {
    const physical = descend(read, controls, virt(address), trail);
    const { shift, rights } = trail;
    const next = Math.min(end, nextAligned(address, shift));
    const bytes = next - address;
    if (run !== undefined && physical >= 0 && continues(run, physical, shift, rights)) {
      run.bytes += bytes;
    } else {
      if (run !== undefined) yield mapping(run);
      run = physical >= 0 ? { start: address, physical, bytes, shift, rights } : undefined;
    }
    address = next;
  }
  if (run !== undefined) yield mapping(run);
}

/** The next multiple of 2^shift above an address; multiplication, since 2^32 does not fit a 32-bit shift. */
const nextAligned = (address: number, shift: number): number => (Math.floor(address / 2 ** shift) + 1) * 2 ** shift;

const continues = (run: Run, physical: number, shift: number, rights: number): boolean =>
  run.physical + run.bytes === physical && run.shift === shift && run.rights === rights;

const mapping = ({ start, physical, bytes, shift, rights }: Run): Mapping => ({
  start: virt(start),
  physical: phys(physical),
  bytes,
  pageSize: shift === WHOLE_ADDRESS_SPACE_SHIFT ? PAGE_SIZE : 2 ** shift,
  rights: pageRights(rights),
});
