// EDM's own walk of the guest's page tables (SDM vol. 3, 4.3 and 4.4): 4 KiB and large pages, 32-bit and PAE. It reads guest RAM and the
// control registers, which only EDM writes, and leaves what it found in globals.
import { CR0, CR3, CR4 } from "./facts";
import { FRAME } from "./kinds";
import { base, PDPTES } from "./layout";
import { walked } from "./frames";
import { ramBase, readPhysical } from "./ram";

const PG: i32 = i32(0x80000000);
export const WP: i32 = 0x10000;
export const PSE: i32 = 0x10;
export const PAE: i32 = 0x20;
export const PGE: i32 = 0x80;
const PRESENT: i32 = 1;
const WRITABLE: i32 = 2;
const USER: i32 = 4;
const LARGE: i32 = 0x80;
const GLOBAL: i32 = 0x100;

/** Physical address of the page. */
export let frame: u32 = 0;
export let writable: bool = false;
export let user: bool = false;
export let global: bool = false;
/** Physical addresses of the tables that the walk went through; ~0 for none. */
export let directory: u32 = 0;
export let table: u32 = 0;

/** The PDPTEs are loaded with CR3, and with changes of CR0 and CR4: v86 keeps its own, we keep ours. */
export function loadPointers(cr3: i32): void {
  const from = u32(cr3) & 0xffffffe0;
  walked(from, FRAME.POINTERS);
  for (let i: u32 = 0; i < 32; i += 4) store<i32>(base + PDPTES + i32(i), readPhysical(from + i));
}

/** Walks. @returns whether the address is mapped. */
export function walk(address: u32): bool {
  directory = table = 0xffffffff;
  if ((load<i32>(CR0) & PG) == 0) {
    frame = address & 0xfffff000;
    writable = user = true;
    global = false;
    return true;
  }
  const cr4 = load<i32>(CR4);
  const pae = (cr4 & PAE) != 0;
  let entryAt: u32;
  if (pae) {
    const pointer = load<i32>(base + PDPTES + i32(address >> 30) * 8);
    if ((pointer & PRESENT) == 0) return false;
    directory = u32(pointer) & 0xfffff000;
    entryAt = directory + ((address >> 21) & 0x1ff) * 8;
  } else {
    directory = u32(load<i32>(CR3)) & 0xfffff000;
    entryAt = directory + (address >> 22) * 4;
  }
  walked(directory, FRAME.DIRECTORY);
  const upper = readPhysical(entryAt);
  if ((upper & PRESENT) == 0 || (pae && readPhysical(entryAt + 4) != 0)) return false;
  writable = (upper & WRITABLE) != 0;
  user = (upper & USER) != 0;
  // v86 knows large pages only with CR4.PSE, in PAE paging too.
  if ((upper & LARGE) != 0 && (cr4 & PSE) != 0) {
    frame = pae ? (u32(upper) & 0xffe00000) | (address & 0x1ff000) : (u32(upper) & 0xffc00000) | (address & 0x3ff000);
    global = (upper & GLOBAL) != 0 && (cr4 & PGE) != 0;
    return true;
  }
  table = u32(upper) & 0xfffff000;
  const lowerAt = table + (pae ? ((address >> 12) & 0x1ff) * 8 : ((address >> 12) & 0x3ff) * 4);
  walked(table, FRAME.TABLE);
  const lower = readPhysical(lowerAt);
  if ((lower & PRESENT) == 0 || (pae && readPhysical(lowerAt + 4) != 0)) return false;
  writable = writable && (lower & WRITABLE) != 0;
  user = user && (lower & USER) != 0;
  frame = u32(lower) & 0xfffff000;
  global = (lower & GLOBAL) != 0 && (cr4 & PGE) != 0;
  return true;
}

/** A byte of guest memory by virtual address; -1 where nothing is mapped to RAM. */
export function peek8(address: u32): i32 {
  if (!walk(address)) return -1;
  const word = readPhysical(frame | (address & 0xffc));
  return (word >> i32((address & 3) << 3)) & 0xff;
}

/** A word of guest memory by virtual address, 0 where nothing is mapped. */
export function peek32(address: u32): i32 {
  let word = 0;
  for (let i: u32 = 0; i < 4; i++) {
    const byte = peek8(address + i);
    if (byte < 0) return 0;
    word |= byte << i32(i << 3);
  }
  return word;
}
