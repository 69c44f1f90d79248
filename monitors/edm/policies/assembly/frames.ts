// Policy "frames": what a teacher or a monitor has put under protection (kernel text, IDT, system-call table) stays as it is, whoever writes.
import { KIND, POLICY } from "../../assembly/kinds";
import { alarm } from "../../assembly/log";
import { base, MAX_RANGES, RANGES } from "../../assembly/layout";
import { flagsOf, PROTECTED_PART, PROTECTED_WHOLE, setFlags } from "../../assembly/frames";
import { policies } from "../../assembly/policy";
import { ramSize } from "../../assembly/ram";

let ranges: i32 = 0;

/** Puts guest-physical bytes `from` to `to` - 1 under protection for good. @returns the number of the range; -1 when there is no room or no RAM. */
export function protect(from: u32, to: u32, kind: i32): i32 {
  if (from >= to || to > ramSize || ranges == MAX_RANGES) return -1;
  const at = base + RANGES + 12 * ranges;
  store<u32>(at, from);
  store<u32>(at + 4, to);
  store<i32>(at + 8, kind);
  ranges++;
  for (let frame = from >> 12; frame <= (to - 1) >> 12; frame++) {
    const whole = from <= frame << 12 && to >= (frame + 1) << 12;
    setFlags(frame, flagsOf(frame) | (whole ? PROTECTED_WHOLE : PROTECTED_PART));
  }
  return ranges - 1;
}

export function protectedRanges(): i32 {
  return ranges;
}

/** Whether guest-physical bytes `from` to `to` - 1 may be written; an alarm if not. */
export function admitsWrite(from: u32, to: u32, site: i32): bool {
  if ((policies & POLICY.FRAMES) == 0) return true;
  for (let i = 0; i < ranges; i++) {
    const at = base + RANGES + 12 * i;
    if (from >= load<u32>(at + 4) || to <= load<u32>(at)) continue;
    alarm(KIND.PROTECTED_STORE, from, load<i32>(at + 8), site);
    return false;
  }
  return true;
}
