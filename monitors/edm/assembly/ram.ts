// Guest RAM in the linear memory, and what guest-physical addresses mean to v86.
import { base, FRAMES, FRAME_SIZE } from "./layout";

/** Linear address of guest-physical 0; 0 until v86 has allocated RAM. */
export let ramBase: u32 = 0;
export let ramSize: u32 = 0;

export function setRam(at: u32, size: u32): void {
  ramBase = at;
  ramSize = size;
}

/** Whether v86 takes an address for a device's: the VGA window and all above RAM. */
// @ts-ignore: decorator
@inline
export function isMapped(physical: u32): bool {
  return physical - 0xa0000 < 0x20000 || physical >= ramSize;
}

// @ts-ignore: decorator
@inline
export function frameRecord(frame: u32): i32 {
  return base + FRAMES + i32(frame) * FRAME_SIZE;
}

/** A word of guest RAM; 0, which is no present entry, where there is no RAM. */
// @ts-ignore: decorator
@inline
export function readPhysical(physical: u32): i32 {
  return physical + 3 < ramSize && physical <= 0xfffffffc ? load<i32>(ramBase + physical) : 0;
}
