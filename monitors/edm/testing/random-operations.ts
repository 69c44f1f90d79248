// For tests: the operations that random code is made of, with their opcodes.
import type { wasm } from '../../../emulator/index.ts';

/** Types by index. */
export const TYPES: readonly wasm.ValueType[] = ['i32', 'i64', 'f32', 'f64', 'v128'];
export const [I32, I64, F32, F64, V128] = [0, 1, 2, 3, 4] as const;

/** Stores: bytes of the opcode, type of the value, width, whether a lane's number comes last. */
export const STORES: readonly (readonly [opcode: readonly number[], type: number, width: number, lane: boolean])[] = [
  [[0x36], I32, 4, false],
  [[0x37], I64, 8, false],
  [[0x38], F32, 4, false],
  [[0x39], F64, 8, false],
  [[0x3a], I32, 1, false],
  [[0x3b], I32, 2, false],
  [[0x3c], I64, 1, false],
  [[0x3d], I64, 2, false],
  [[0x3e], I64, 4, false],
  [[0xfd, 11], V128, 16, false],
  [[0xfd, 88], V128, 1, true],
  [[0xfd, 89], V128, 2, true],
  [[0xfd, 90], V128, 4, true],
  [[0xfd, 91], V128, 8, true],
];

/** Loads by type of what they give: opcode and width. */
export const LOADS: readonly (readonly (readonly [opcode: readonly number[], width: number])[])[] = [
  [
    [[0x28], 4],
    [[0x2d], 1],
    [[0x2e], 2],
  ],
  [
    [[0x29], 8],
    [[0x34], 4],
  ],
  [[[0x2a], 4]],
  [[[0x2b], 8]],
  [
    [[0xfd, 0], 16],
    [[0xfd, 7], 1],
    [[0xfd, 93], 8],
  ],
];

/** Operations of two operands that give their type: of floats none, for their NaNs may differ from run to run. */
export const BINARY: readonly (readonly number[][])[] = [
  [[0x6a], [0x6b], [0x6c], [0x71], [0x72], [0x73], [0x74], [0x75], [0x76], [0x77]],
  [[0x7c], [0x7d], [0x7e], [0x83], [0x84], [0x85], [0x86], [0x88]],
  [],
  [],
  [
    [0xfd, 78],
    [0xfd, 81],
    [0xfd, 0x6e],
    [0xfd, 0xae, 1],
  ],
];

/** Offsets of memory accesses that are hard to get right: by their encoding or by the page that they lead to; and those that lead out of memory. */
export const OFFSETS = [1, 2, 12, 63, 64, 127, 128, 4088, 4095, 4096, 8191, 8192, 65535, 0x7ffff];
export const HUGE = [0x7fffffff, 0x80000000, 0xfffff000, 0xffffffff];
