// EDM's stand-ins for what compiled code calls where an entry of the soft TLB does not allow a write. v86 answers with an entry, through which the caller
// then writes: here it is asked about, as a guard would, and replaced by one that leads to the sink when the write is refused.
import { CPL, SINK, SLOW_SITE, TLB_DATA } from "./facts";
import { hasCode } from "./frames";
import { check } from "./gate";
import { TLB } from "./kinds";
import { ASK, pageByte } from "./ledger";
import { ramBase } from "./ram";

// @ts-ignore: decorator
@external("v86", "safe_write8_slow_jit")
declare function write8(address: i32, value: i32, where: i32): i32;
// @ts-ignore: decorator
@external("v86", "safe_write16_slow_jit")
declare function write16(address: i32, value: i32, where: i32): i32;
// @ts-ignore: decorator
@external("v86", "safe_write32_slow_jit")
declare function write32(address: i32, value: i32, where: i32): i32;
// @ts-ignore: decorator
@external("v86", "safe_write64_slow_jit")
declare function write64(address: i32, value: i64, where: i32): i32;
// @ts-ignore: decorator
@external("v86", "safe_write128_slow_jit")
declare function write128(address: i32, low: i64, high: i64, where: i32): i32;
// @ts-ignore: decorator
@external("v86", "safe_read_write8_slow_jit")
declare function readWrite8(address: i32, where: i32): i32;
// @ts-ignore: decorator
@external("v86", "safe_read_write16_slow_jit")
declare function readWrite16(address: i32, where: i32): i32;
// @ts-ignore: decorator
@external("v86", "safe_read_write32s_slow_jit")
declare function readWrite32(address: i32, where: i32): i32;
// @ts-ignore: decorator
@external("v86", "safe_read_write64_slow_jit")
declare function readWrite64(address: i32, where: i32): i32;

/** Set in an entry that v86 gives back when there was a page fault: then nothing is written. */
const FAULT: i32 = 1;

/**
 * @param address virtual
 * @param where offset of the guest's instruction in its page, and from bit 16 on the slot of the compiled code
 */
function admit(entry: i32, address: i32, width: i32, where: i32): i32 {
  if ((entry & FAULT) != 0) return entry;
  const to = u32((entry & ~0xfff) ^ address);
  // The last byte may lie in the next page. That of 4 GiB has a byte of its own.
  if (((pageByte(to >> 12) | pageByte((to >> 12) + 1)) & ASK) == 0) return entry;
  // Such a write has no number of its own, but the guest's instruction tells which it is.
  const site = (((where >>> 16) + 1) << 20) | SLOW_SITE | (where & 0xfff);
  return check(i32(to), width, 0, site) != 0 ? entry : (SINK ^ address) & ~0xfff;
}

/**
 * What v86 would answer for an entry that is held, and in the way of nothing else: there is no compiled code to drop. Kernels write their page tables
 * by this way all the time.
 * @returns 0 when v86 has to be asked
 */
function heldEntry(address: i32, width: i32): i32 {
  const page = u32(address) >> 12;
  const entry = load<i32>(TLB_DATA + i32(page << 2));
  if ((entry & (TLB.VALID | TLB.READ_ONLY | TLB.MMIO | TLB.HAS_CODE)) != (TLB.VALID | TLB.HAS_CODE)) return 0;
  if ((entry & TLB.NO_USER) != 0 && load<u8>(CPL) == 3) return 0;
  if ((address & 0xfff) + width > 0x1000) return 0;
  return hasCode(((u32(entry) >> 12) ^ page) - (ramBase >> 12)) ? 0 : entry & ~0xfff;
}

export function safe_write8_slow_jit(address: i32, value: i32, where: i32): i32 {
  const held = heldEntry(address, 1);
  return admit(held != 0 ? held : write8(address, value, where), address, 1, where);
}

export function safe_write16_slow_jit(address: i32, value: i32, where: i32): i32 {
  const held = heldEntry(address, 2);
  return admit(held != 0 ? held : write16(address, value, where), address, 2, where);
}

export function safe_write32_slow_jit(address: i32, value: i32, where: i32): i32 {
  const held = heldEntry(address, 4);
  return admit(held != 0 ? held : write32(address, value, where), address, 4, where);
}

export function safe_write64_slow_jit(address: i32, value: i64, where: i32): i32 {
  const held = heldEntry(address, 8);
  return admit(held != 0 ? held : write64(address, value, where), address, 8, where);
}

export function safe_write128_slow_jit(address: i32, low: i64, high: i64, where: i32): i32 {
  const held = heldEntry(address, 16);
  return admit(held != 0 ? held : write128(address, low, high, where), address, 16, where);
}

export function safe_read_write8_slow_jit(address: i32, where: i32): i32 {
  const held = heldEntry(address, 1);
  return admit(held != 0 ? held : readWrite8(address, where), address, 1, where);
}

export function safe_read_write16_slow_jit(address: i32, where: i32): i32 {
  const held = heldEntry(address, 2);
  return admit(held != 0 ? held : readWrite16(address, where), address, 2, where);
}

export function safe_read_write32s_slow_jit(address: i32, where: i32): i32 {
  const held = heldEntry(address, 4);
  return admit(held != 0 ? held : readWrite32(address, where), address, 4, where);
}

export function safe_read_write64_slow_jit(address: i32, where: i32): i32 {
  const held = heldEntry(address, 8);
  return admit(held != 0 ? held : readWrite64(address, where), address, 8, where);
}
