// The gate of architectural state: the one place where CR0 to CR4, the table registers, CPL and the SYSENTER MSRs are written.
import { CPL, CR0, CR2, CR3, CR4, GDTR, IDTR, MEMORY_BASE, OUR_RIGHTS, OUR_RIGHTS_END, SYSENTER, TR_BASE, TR_SELECTOR } from "./facts";
import { FAILURE, KIND, POLICY } from "./kinds";
import { alarm, fail, record } from "./log";
import { moduleOf, phase, policies } from "./policy";
import { ramBase } from "./ram";
import { loadPointers, PAE } from "./walker";
import { breaksLock, mayChange } from "../policies/assembly/transitions";

/** Width of the protected field at an address; 0 when there is none. */
// @ts-ignore: decorator
@inline
export function fieldWidth(ea: i32): i32 {
  if (ea == CPL) return 1;
  if (ea == TR_SELECTOR) return 2;
  if (ea >= CR0 && ea <= CR4) return (ea & 3) == (CR0 & 3) ? 4 : 0;
  if (ea >= IDTR && ea < GDTR + 8) return (ea & 3) == 0 ? 4 : 0;
  if (ea >= SYSENTER && ea < SYSENTER + 12) return (ea & 3) == 0 ? 4 : 0;
  if (ea == TR_BASE || ea == MEMORY_BASE) return 4;
  if (ea >= OUR_RIGHTS && ea < OUR_RIGHTS_END) return 4;
  return 0;
}

// @ts-ignore: decorator
@inline
function meets(from: u32, to: u32, first: i32, end: i32): bool {
  return from < u32(end) && to > u32(first);
}

/** Whether bytes `from` to `to` - 1 hold anything of the protected state. */
export function overlapsState(from: u32, to: u32): bool {
  if (from >= 4096) return meets(from, to, MEMORY_BASE, MEMORY_BASE + 4);
  return meets(from, to, IDTR, CR4 + 4) || meets(from, to, CPL, CPL + 1) || meets(from, to, SYSENTER, SYSENTER + 12) ||
    meets(from, to, TR_SELECTOR, TR_SELECTOR + 2) || meets(from, to, TR_BASE, TR_BASE + 4) || meets(from, to, OUR_RIGHTS, OUR_RIGHTS_END);
}

function current(ea: i32, width: i32): i32 {
  return width == 4 ? load<i32>(ea) : width == 2 ? load<u16>(ea) : load<u8>(ea);
}

export function state(ea: i32, value: i32, width: i32, site: i32): i32 {
  if (moduleOf(site) != 0 || fieldWidth(ea) != width) {
    alarm(KIND.FOREIGN_STATE_STORE, ea, value, site);
    return 0;
  }
  if (width == 1) value &= 0xff;
  else if (width == 2) value &= 0xffff;
  if (phase != 0 && ea != CR2) {
    const old = current(ea, width);
    if (ea == MEMORY_BASE || (ea >= OUR_RIGHTS && ea < OUR_RIGHTS_END)) {
      if (old != value) {
        alarm(KIND.FOREIGN_STATE_STORE, ea, value, site);
        return 0;
      }
    }
    if (breaksLock(ea, old, value)) {
      alarm(KIND.LOCKED, ea, value, site);
      return 0;
    }
    if ((policies & POLICY.TRANSITIONS) != 0 && !mayChange(ea, old, value, site)) return 0;
    if ((policies & POLICY.AUDIT) != 0 && old != value && ea != CPL && ea != CR3 && ea != TR_BASE)
      record(KIND.STATE_CHANGED, ea, value, old, site);
  }
  if (width == 4) store<i32>(ea, value);
  else if (width == 2) store<u16>(ea, value);
  else store<u8>(ea, value);
  if (ea == CR3 || ea == CR0 || ea == CR4) changedPaging(ea, value);
  if (ea == MEMORY_BASE && ramBase != 0 && u32(value) != ramBase) fail(FAILURE.RAM_MOVED, value, site);
  return 0;
}

function changedPaging(ea: i32, value: i32): void {
  const cr4 = ea == CR4 ? value : load<i32>(CR4);
  if ((cr4 & PAE) != 0) loadPointers(load<i32>(CR3));
}
