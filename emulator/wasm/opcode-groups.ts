// The shape of the opcode tables: runs of consecutive opcodes that share a signature and the form of their immediates.

/** What follows an opcode in the binary, numbered for the decoder's flat tables. */
export const FORM = Object.freeze({
  none: 0,
  index: 1,
  memory: 2,
  i32: 3,
  'block type': 4,
  i64: 5,
  'two indices': 6,
  'label table': 7,
  'memory and lane': 8,
  lane: 9,
  '4 bytes': 10,
  '8 bytes': 11,
  '16 bytes': 12,
  'type list': 13,
  'reference type': 14,
} as const);

/** What follows an opcode in the binary. */
export type ImmediateForm = keyof typeof FORM;

/**
 * Consecutive opcodes: the number of the first, the signature they share, the form of their immediates, their names in order.
 * A signature is operands, a colon, results; one letter a value: i, I, f, F for i32, i64, f32, f64; v for v128; r for a reference.
 * `?` says that the signature depends on the immediates or on the stack.
 */
export type OpcodeGroup = readonly [first: number, signature: string, form: ImmediateForm, names: string];
