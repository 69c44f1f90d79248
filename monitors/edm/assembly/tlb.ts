// The gate of the soft TLB: only here is a word of tlb_data written. What is always so, whatever policies are on: an entry leads to guest RAM or
// is marked as a device's, so that no entry can lead into the VMM or EDM.
import { TLB_DATA } from "./facts";
import { KIND, POLICY, TLB } from "./kinds";
import { remap } from "./frames";
import { alarm } from "./log";
import { moduleOf, policies } from "./policy";
import { isMapped, ramBase } from "./ram";
import { checkEntry } from "../policies/assembly/isolation";

/** Low bits that v86 gives a meaning. */
const KNOWN_FLAGS: i32 = 63;
/** Bits that take rights away. */
const RESTRICTIONS: i32 = TLB.READ_ONLY | TLB.NO_USER;

export function tlb(ea: i32, value: i32, site: i32): void {
  const offset = u32(ea) - u32(TLB_DATA);
  if (offset >= 4 << 20 || (offset & 3) != 0 || moduleOf(site) != 0) {
    alarm(KIND.FOREIGN_TLB_STORE, ea, value, site);
    return;
  }
  const page = offset >> 2;
  const old = load<i32>(ea);
  if ((value & TLB.VALID) != 0 && !subset(old, value)) {
    const physical = ((u32(value) ^ (page << 12)) & 0xfffff000) - ramBase;
    if (isMapped(physical) != ((value & TLB.MMIO) != 0) || (value & 0xfff & ~KNOWN_FLAGS) != 0) {
      alarm(KIND.TLB_OUTSIDE, page << 12, value, site);
      return;
    }
    if ((policies & POLICY.ISOLATION) != 0) {
      value = checkEntry(page << 12, physical, value, site);
      if (value == 0) return;
    }
  }
  // Stored before it is counted: what counting finds out about the frame may change how its entries are marked.
  store<i32>(ea, value);
  const marked = remap(page, old, value);
  if (marked != value) store<i32>(ea, marked);
}

/** Whether an entry grants nothing that the one before it at the same place did not: v86 marks entries when code is compiled. */
// @ts-ignore: decorator
@inline
function subset(old: i32, value: i32): bool {
  const changed = old ^ value;
  return (old & TLB.VALID) != 0 && (changed & ~(RESTRICTIONS | TLB.HAS_CODE | TLB.GLOBAL)) == 0 && (old & ~value & RESTRICTIONS) == 0 && (value & ~old & TLB.GLOBAL) == 0;
}
