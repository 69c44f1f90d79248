// WebAssembly instructions as bytes, one small function each: what hooks, guards and adapter modules are written with.
import type { Code } from './byte-writer.ts';
import { encodeS32, encodeS64, encodeU32 } from './leb128.ts';
import { VALUE_TYPE_CODE, type ValueType } from './value-types.ts';

/** Joins pieces of code. */
export function code(...parts: readonly Code[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** An opcode of one byte without immediates. */
type Plain = readonly number[];

export const unreachable: Plain = [0x00];
export const nop: Plain = [0x01];
export const else_: Plain = [0x05];
export const end: Plain = [0x0b];
export const return_: Plain = [0x0f];
export const drop: Plain = [0x1a];
export const select: Plain = [0x1b];
export const i32Eqz: Plain = [0x45];
export const i32Eq: Plain = [0x46];
export const i32Ne: Plain = [0x47];
export const i32LtS: Plain = [0x48];
export const i32LtU: Plain = [0x49];
export const i32GtS: Plain = [0x4a];
export const i32GtU: Plain = [0x4b];
export const i32LeS: Plain = [0x4c];
export const i32LeU: Plain = [0x4d];
export const i32GeS: Plain = [0x4e];
export const i32GeU: Plain = [0x4f];
export const i64Eqz: Plain = [0x50];
export const i64Eq: Plain = [0x51];
export const i64Ne: Plain = [0x52];
export const i64LtU: Plain = [0x54];
export const i64GeU: Plain = [0x5a];
export const i32Add: Plain = [0x6a];
export const i32Sub: Plain = [0x6b];
export const i32Mul: Plain = [0x6c];
export const i32And: Plain = [0x71];
export const i32Or: Plain = [0x72];
export const i32Xor: Plain = [0x73];
export const i32Shl: Plain = [0x74];
export const i32ShrS: Plain = [0x75];
export const i32ShrU: Plain = [0x76];
export const i32Rotl: Plain = [0x77];
export const i64Add: Plain = [0x7c];
export const i64Sub: Plain = [0x7d];
export const i64And: Plain = [0x83];
export const i64Or: Plain = [0x84];
export const i64Shl: Plain = [0x86];
export const i64ShrU: Plain = [0x88];
export const i32WrapI64: Plain = [0xa7];
export const i64ExtendI32S: Plain = [0xac];
export const i64ExtendI32U: Plain = [0xad];

/** Pushes an i32; values from 2^31 to 2^32 - 1 are the same 32 bits. */
export const i32Const = (value: number): number[] => [0x41, ...encodeS32(value)];
export const i64Const = (value: bigint): number[] => [0x42, ...encodeS64(value)];
export const f32Const = (value: number): number[] => [0x43, ...new Uint8Array(littleEndian(4, value))];
export const f64Const = (value: number): number[] => [0x44, ...new Uint8Array(littleEndian(8, value))];

function littleEndian(width: 4 | 8, value: number): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(width));
  if (width === 4) view.setFloat32(0, value, true);
  else view.setFloat64(0, value, true);
  return view.buffer as ArrayBuffer;
}

export const localGet = (index: number): number[] => [0x20, ...encodeU32(index)];
export const localSet = (index: number): number[] => [0x21, ...encodeU32(index)];
export const localTee = (index: number): number[] => [0x22, ...encodeU32(index)];
export const globalGet = (index: number): number[] => [0x23, ...encodeU32(index)];
export const globalSet = (index: number): number[] => [0x24, ...encodeU32(index)];

/** Calls a function of this module by index. */
export const call = (functionIndex: number): number[] => [0x10, ...encodeU32(functionIndex)];
/** Calls the function in a table slot, which the stack names last. */
export const callIndirect = (typeIndex: number, tableIndex = 0): number[] => [
  0x11,
  ...encodeU32(typeIndex),
  ...encodeU32(tableIndex),
];

/** The type of a block: nothing, one result, or the index of a function type. */
export type BlockType = ValueType | number | undefined;

// A type index is signed here, for negative numbers stand for value types.
const blockType = (type: BlockType): number[] =>
  type === undefined ? [0x40] : typeof type === 'number' ? encodeS32(type) : [VALUE_TYPE_CODE[type]];

/** Opens a block; close it with `end`. */
export const block = (type?: BlockType): number[] => [0x02, ...blockType(type)];
export const loop = (type?: BlockType): number[] => [0x03, ...blockType(type)];
export const if_ = (type?: BlockType): number[] => [0x04, ...blockType(type)];
export const br = (depth: number): number[] => [0x0c, ...encodeU32(depth)];
export const brIf = (depth: number): number[] => [0x0d, ...encodeU32(depth)];

/** A load or store by its opcode, with the static offset in bytes and natural alignment not claimed. */
const memory =
  (opcode: readonly number[]) =>
  (offset = 0): number[] => [...opcode, 0, ...encodeU32(offset)];

export const i32Load = memory([0x28]);
export const i64Load = memory([0x29]);
export const f32Load = memory([0x2a]);
export const f64Load = memory([0x2b]);
export const i32Load8S = memory([0x2c]);
export const i32Load8U = memory([0x2d]);
export const i32Load16S = memory([0x2e]);
export const i32Load16U = memory([0x2f]);
export const v128Load = memory([0xfd, 0x00]);
export const i32Store = memory([0x36]);
export const i64Store = memory([0x37]);
export const f32Store = memory([0x38]);
export const f64Store = memory([0x39]);
export const i32Store8 = memory([0x3a]);
export const i32Store16 = memory([0x3b]);
export const v128Store = memory([0xfd, 0x0b]);

export const memorySize: readonly number[] = [0x3f, 0x00];
export const memoryFill: readonly number[] = [0xfc, 0x0b, 0x00];
export const memoryCopy: readonly number[] = [0xfc, 0x0a, 0x00, 0x00];
