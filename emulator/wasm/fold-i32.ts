// Constant folding of the i32 operations that address computations use.

/** Folds an i32 operation of two constants; undefined for operations that are not folded. */
export function foldI32(opcode: number, left: number, right: number): number | undefined {
  switch (opcode) {
    case 0x6a: // add
      return (left + right) | 0;
    case 0x6b: // sub
      return (left - right) | 0;
    case 0x6c: // mul
      return Math.imul(left, right);
    case 0x71: // and
      return left & right;
    case 0x72: // or
      return left | right;
    case 0x73: // xor
      return left ^ right;
    case 0x74: // shl
      return left << right;
    default:
      return undefined;
  }
}
