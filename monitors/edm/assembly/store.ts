// The gates of all other writes: a store that a guard asks about, bulk operations, growth, and what the VMM has no business doing.
import { TLB_DATA } from "./facts";
import { FAILURE, FRAME, KIND, OWNER, POLICY, RIGHT } from "./kinds";
import { flagsOf, PROTECTED_PART, PROTECTED_WHOLE, tableWritten, typeOf } from "./frames";
import { ASK, grown, ownerOf, pageByte, rightOf } from "./ledger";
import { alarm, fail, record } from "./log";
import { moduleOf, phase, policies } from "./policy";
import { ramBase, ramSize } from "./ram";
import { overlapsState } from "./state";
import { admitsWrite } from "../policies/assembly/frames";

/** Pages of linear memory, each 4 KiB. */
const ALL_PAGES: u32 = 1 << 20;
const MOST_PAGES: i32 = 65536;

/** `length` bytes (unsigned) from a linear address on. @returns 1 when they may be written */
export function check(ea: i32, length: i32, site: i32): i32 {
  if (length == 0) return 1;
  const from = u32(ea);
  const end = u64(from) + u64(u32(length));
  const last = u32((end - 1) >> 12);
  for (let page = from >> 12; page <= last; page++) {
    // Beyond 4 GiB the engine itself traps.
    if (page >= ALL_PAGES) return 1;
    const byte = pageByte(page);
    if ((byte & ASK) == 0) continue;
    const first = max<u32>(from, page << 12);
    const stop = u32(min<u64>(end, u64(page + 1) << 12));
    if (!admits(page, byte, first, stop, site)) return 0;
  }
  return 1;
}

/** Whether bytes `from` to `to` - 1 of one page may be written. */
function admits(page: u32, byte: i32, from: u32, to: u32, site: i32): bool {
  switch (ownerOf(byte)) {
    case OWNER.VMM_STATIC:
    case OWNER.SOFT_TLB: {
      if (overlapsState(from, to)) {
        alarm(KIND.STATE_STORE, from, to - from, site);
        return false;
      }
      if (from < u32(TLB_DATA) + (4 << 20) && to > u32(TLB_DATA)) {
        alarm(KIND.TLB_STORE, from, to - from, site);
        return false;
      }
      return true;
    }
    case OWNER.GUEST_RAM: {
      const frame = page - (ramBase >> 12);
      if (frame >= ramSize >> 12) fail(FAILURE.LEDGER_CORRUPT, page, site);
      const flags = flagsOf(frame);
      if ((flags & (PROTECTED_WHOLE | PROTECTED_PART)) != 0 && !admitsWrite(from - ramBase, to - ramBase, site)) return false;
      const type = typeOf(frame);
      if (type >= FRAME.TABLE && type <= FRAME.POINTERS) {
        // Page tables are the guest's to write, by its own instructions: no extension has business there, and nobody while the guest stands.
        if ((policies & POLICY.FRAMES) != 0 && (moduleOf(site) >= 0x800 || phase == 2)) {
          alarm(KIND.TABLE_STORE, from - ramBase, to - from, site);
          return false;
        }
        tableWritten(frame);
      }
      return true;
    }
    case OWNER.EDM:
      alarm(KIND.EDM_STORE, from, to - from, site);
      return false;
    default:
      alarm(KIND.GUARD_STORE, from, to - from, site);
      return false;
  }
}

/** Grows the memory for v86's allocator. @returns what `memory.grow` would. */
export function grow(pages: i32, site: i32): i32 {
  if (moduleOf(site) != 0) {
    alarm(KIND.FOREIGN_GROWTH, pages, 0, site);
    return -1;
  }
  if (u32(pages) > u32(MOST_PAGES)) return -1;
  const old = memory.grow(pages);
  if (old >= 0 && pages > 0) {
    grown(old, pages);
    if ((policies & POLICY.AUDIT) != 0) record(KIND.MEMORY_GREW, old, pages, 0, site);
  }
  return old;
}

/** An operation that no VMM code may do. The rewritten code traps after this. */
export function refused(operation: i32, site: i32): void {
  alarm(KIND.REFUSED_OPERATION, operation, 0, site);
}
