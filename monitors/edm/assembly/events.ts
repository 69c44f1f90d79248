// What the emulator's hooks call, without JavaScript between: policies and core monitors hear events here.
import { EVENT_EXCEPTION, EVENT_INTERRUPT, EVENT_SOFTWARE_INTERRUPT } from "./facts";
import { POLICY } from "./kinds";
import { base, COUNTS, MAX_KINDS } from "./layout";
import { policies } from "./policy";
import { delivering } from "../policies/assembly/transitions";

/** Kinds that the counting monitor counts, one bit each. */
let counting: u32 = 0;

export function countKinds(mask: u32): void {
  counting = mask;
}

export function counted(kind: i32): u64 {
  return load<u64>(base + COUNTS + 8 * (kind & (MAX_KINDS - 1)));
}

/** A listener: `(kind, a, b, c) -> decision`. */
export function event(kind: i32, a: i32, b: i32, c: i32): i32 {
  if (((counting >> kind) & 1) != 0) {
    const at = base + COUNTS + 8 * (kind & (MAX_KINDS - 1));
    store<u64>(at, load<u64>(at) + 1);
  }
  if ((policies & POLICY.TRANSITIONS) != 0 && (kind == EVENT_INTERRUPT || kind == EVENT_EXCEPTION || kind == EVENT_SOFTWARE_INTERRUPT))
    delivering(a, kind == EVENT_SOFTWARE_INTERRUPT);
  return 0;
}
