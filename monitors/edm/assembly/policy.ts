// Which policies are on, what is locked, and whose code a site is.

/** Bits of POLICY. */
export let policies: i32 = 0;
/** Whether v86 runs the guest: 0 while the machine is made, 1 when the guest runs, 2 between slices. */
export let phase: i32 = 0;

export function arm(mask: i32): void {
  policies = mask;
}

export function setPhase(to: i32): void {
  phase = to;
}

/** The module of a site: 0 v86.wasm, from 1 on compiled code, from 0x800 on extensions. */
// @ts-ignore: decorator
@inline
export function moduleOf(site: i32): u32 {
  return u32(site) >> 20;
}
