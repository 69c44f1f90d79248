// Policy "dma": a device writes guest RAM and nothing else, and nothing that is protected.
import { KIND, OWNER, POLICY } from "../../assembly/kinds";
import { alarm } from "../../assembly/log";
import { flagsOf, PROTECTED_PART, PROTECTED_WHOLE } from "../../assembly/frames";
import { ownerOf, pageByte } from "../../assembly/ledger";
import { policies } from "../../assembly/policy";
import { ramBase, ramSize } from "../../assembly/ram";
import { admitsWrite } from "./frames";

/** @returns 1 when a device may write guest-physical bytes from `address` on. */
export function deviceWrites(address: u32, length: u32): i32 {
  if (ramBase == 0 || length == 0) return 1;
  const inRam = u64(address) + u64(length) <= u64(ramSize);
  if ((policies & POLICY.DMA) != 0) {
    if (!inRam) {
      alarm(KIND.DMA_OUTSIDE, address, length, -1);
      return 0;
    }
    for (let page = (ramBase + address) >> 12; page <= (ramBase + address + length - 1) >> 12; page++) {
      if (ownerOf(pageByte(page)) == OWNER.GUEST_RAM) continue;
      alarm(KIND.DMA_OUTSIDE, address, length, -1);
      return 0;
    }
  }
  if (!inRam) return 1;
  for (let frame = address >> 12; frame <= (address + length - 1) >> 12; frame++) {
    if ((flagsOf(frame) & (PROTECTED_WHOLE | PROTECTED_PART)) == 0) continue;
    const from = max<u32>(address, frame << 12), to = min<u32>(address + length, (frame + 1) << 12);
    if (!admitsWrite(from, to, -1)) return 0;
  }
  return 1;
}
