// The gate: what JavaScript puts into the table that only rewritten code can call through. Whoever is inside marks it, in a global: if EDM traps, it
// is never entered again and the guest never runs again.
import { FAILURE } from "./kinds";
import { fail, failAgain } from "./log";
import * as state_ from "./state";
import * as store_ from "./store";
import * as tlb_ from "./tlb";

let inside: bool = false;

// @ts-ignore: decorator
@inline
function enter(site: i32): void {
  if (inside) fail(FAILURE.REENTERED, site, 0);
  inside = true;
}

/** Whether EDM stands: to be asked before the guest runs on. */
export function mustBeWhole(): void {
  failAgain();
  if (inside) fail(FAILURE.TRAPPED, 0, 0);
}

export function check(ea: i32, length: i32, _c: i32, site: i32): i32 {
  enter(site);
  const result = store_.check(ea, length, site);
  inside = false;
  return result;
}

export function state(ea: i32, value: i32, width: i32, site: i32): i32 {
  enter(site);
  state_.state(ea, value, width, site);
  inside = false;
  return 0;
}

export function tlb(ea: i32, value: i32, _c: i32, site: i32): i32 {
  enter(site);
  tlb_.tlb(ea, value, site);
  inside = false;
  return 0;
}

export function grow(pages: i32, _b: i32, _c: i32, site: i32): i32 {
  enter(site);
  const result = store_.grow(pages, site);
  inside = false;
  return result;
}

export function refused(operation: i32, _b: i32, _c: i32, site: i32): i32 {
  enter(site);
  store_.refused(operation, site);
  inside = false;
  return 0;
}
