// Policy "isolation": an entry of the soft TLB grants no more than the guest's own page tables, as EDM's walker reads them.
import { CR0 } from "../../assembly/facts";
import { KIND, TLB } from "../../assembly/kinds";
import { alarm } from "../../assembly/log";
import { frame, global, user, walk, WP, writable } from "../../assembly/walker";

/**
 * @param physical frame that the entry leads to
 * @returns the entry to be stored, with rights taken away that v86 gives too freely; 0 to refuse it
 */
export function checkEntry(address: u32, physical: u32, entry: i32, site: i32): i32 {
  if (!walk(address)) {
    alarm(KIND.TLB_UNMAPPED, address, entry, site);
    return 0;
  }
  if (frame != physical) {
    alarm(KIND.TLB_WRONG_FRAME, address, entry, site);
    return 0;
  }
  const forUser = (entry & TLB.NO_USER) == 0;
  if ((forUser && !user) || ((entry & TLB.GLOBAL) != 0 && !global)) {
    alarm(KIND.TLB_EXCESS_RIGHTS, address, entry, site);
    return 0;
  }
  if ((entry & TLB.READ_ONLY) != 0 || writable) return entry;
  // With CR0.WP clear CPL 0 may write read-only pages (SDM vol. 3, 4.6.1). v86 leaves such an entry writable at CPL 3 too: make each write walk.
  if ((load<i32>(CR0) & WP) == 0) return forUser ? entry | TLB.READ_ONLY : entry;
  alarm(KIND.TLB_EXCESS_RIGHTS, address, entry, site);
  return 0;
}
