// The page ledger: what each 4 KiB page of the linear memory is, and whether VMM code may write there without asking.
import { OWNER, RIGHT } from "./kinds";
import { base, LEDGER } from "./layout";

/** Set in the byte of a page that a guard must ask about. */
export const ASK: i32 = 0x80;

// @ts-ignore: decorator
@inline
export function pageByte(page: u32): i32 {
  return load<u8>(base + LEDGER + i32(page));
}

// @ts-ignore: decorator
@inline
export function ownerOf(byte: i32): i32 {
  return byte & 15;
}

// @ts-ignore: decorator
@inline
export function rightOf(byte: i32): i32 {
  return (byte >> 4) & 3;
}

/** Sets pages `from` to `to` - 1. */
export function setPages(from: u32, to: u32, owner: i32, right: i32): void {
  const ask = right == RIGHT.WRITABLE ? 0 : ASK;
  memory.fill(base + LEDGER + i32(from), u8(ask | (right << 4) | owner), to - from);
}

/** Memory has grown: pages of 64 KiB that were absent are the VMM's. */
export function grown(from: i32, pages: i32): void {
  setPages(u32(from) << 4, u32(from + pages) << 4, OWNER.VMM_HEAP, RIGHT.WRITABLE);
}
