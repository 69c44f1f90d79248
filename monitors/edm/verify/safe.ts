// Where a store to a constant address needs no guard: v86's own statics, but for the fields that only EDM stores.
import { PROTECTED_STATE, SAFE_END } from '../facts.ts';

const ranges = [...PROTECTED_STATE].sort((a, b) => a.from - b.from);
const from = Float64Array.from(ranges, (range) => range.from);
const to = Float64Array.from(ranges, (range) => range.to);

/** Whether bytes of linear memory may be stored to unasked. Addresses are not taken modulo 2^32: beyond 4 GiB nothing is safe. */
export function isSafe(first: number, end: number): boolean {
  for (let i = 0; i < to.length; i++) if (first < to[i]!) return end <= from[i]!;
  return end <= SAFE_END;
}
