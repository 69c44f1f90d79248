// Where a store to a constant address needs no guard: v86's own statics, but for the fields that only EDM stores.
import { SAFE } from '../facts.ts';

const from = Float64Array.from(SAFE, (range) => range.from);
const to = Float64Array.from(SAFE, (range) => range.to);

/** Whether bytes of linear memory may be stored to unasked. Addresses are not taken modulo 2^32: beyond 4 GiB nothing is safe. */
export function isSafe(first: number, end: number): boolean {
  for (let i = 0; i < to.length; i++) if (end <= to[i]!) return first >= from[i]!;
  return false;
}
