// Encoders of the parts of a module (WebAssembly core specification 5.5) that both the rewriter and the module builder write.

import { f32Const, f64Const } from './assembler.ts';
import { ByteWriter, type Code } from './byte-writer.ts';
import { encodeS32, encodeS64 } from './leb128.ts';
import { EXTERNAL_KINDS, type ExportEntry, type GlobalType, type ImportEntry, type Limits } from './module.ts';
import { type FunctionType, VALUE_TYPE_CODE, type ValueType } from './value-types.ts';

const OP_END = 0x0b;

/** A function body to be made. */
export type FunctionBody = Readonly<{
  /** Types of the locals after the parameters, one entry each. */
  locals?: readonly ValueType[];
  /** The instructions, *without* the final `end`: it is added. */
  code: Code;
}>;

/** A global to be made; `init` is a bigint for i64, a number for other numeric types. */
export type GlobalDefinition = GlobalType & Readonly<{ init: number | bigint }>;

/** A section: id, size, content. */
export const encodeSection = (id: number, content: ByteWriter): ByteWriter =>
  new ByteWriter().bytes([id]).sized(content);

export function encodeFunctionType({ params, results }: FunctionType): ByteWriter {
  const writer = new ByteWriter().bytes([0x60]);
  for (const types of [params, results]) writer.u32(types.length).bytes(types.map((type) => VALUE_TYPE_CODE[type]));
  return writer;
}

/** Local declarations: neighbours of the same type share a group. @returns the number of groups and their encoding. */
export function encodeLocalGroups(locals: readonly ValueType[]): { count: number; groups: ByteWriter } {
  const groups = new ByteWriter();
  let count = 0;
  for (let from = 0; from < locals.length; count++) {
    const type = locals[from]!;
    let to = from;
    while (to < locals.length && locals[to] === type) to++;
    groups.u32(to - from).bytes([VALUE_TYPE_CODE[type]]);
    from = to;
  }
  return { count, groups };
}

/** A body without its size. */
export function encodeBody({ locals = [], code }: FunctionBody): ByteWriter {
  const { count, groups } = encodeLocalGroups(locals);
  return new ByteWriter().u32(count).append(groups).bytes(code).bytes([OP_END]);
}

export function encodeGlobal({ type, mutable, init }: GlobalDefinition): ByteWriter {
  const writer = new ByteWriter().bytes([VALUE_TYPE_CODE[type], mutable ? 1 : 0]);
  return writer.bytes(encodeInitialValue(type, init)).bytes([OP_END]);
}

function encodeInitialValue(type: ValueType, init: number | bigint): readonly number[] {
  if (type === 'i64') return [0x42, ...encodeS64(BigInt(init))];
  if (typeof init === 'bigint')
    throw new RangeError(`expected a number to initialise a global of type ${type}, found ${init}n`);
  if (type === 'i32') return [0x41, ...encodeS32(init)];
  if (type === 'f32') return f32Const(init);
  if (type === 'f64') return f64Const(init);
  throw new RangeError(`expected a global of type i32, i64, f32 or f64, found ${type}`);
}

export const encodeExport = ({ name, kind, index }: ExportEntry): ByteWriter =>
  new ByteWriter()
    .name(name)
    .bytes([EXTERNAL_KINDS.indexOf(kind)])
    .u32(index);

export function encodeLimits({ min, max, shared }: Limits): ByteWriter {
  const writer = new ByteWriter().bytes([(max === undefined ? 0 : 1) | (shared ? 2 : 0)]).u32(min);
  return max === undefined ? writer : writer.u32(max);
}

export function encodeImport(entry: ImportEntry): ByteWriter {
  const writer = new ByteWriter()
    .name(entry.module)
    .name(entry.name)
    .bytes([EXTERNAL_KINDS.indexOf(entry.kind)]);
  switch (entry.kind) {
    case 'function':
      return writer.u32(entry.typeIndex);
    case 'table':
      return writer.bytes([VALUE_TYPE_CODE[entry.table.element]]).append(encodeLimits(entry.table.limits));
    case 'memory':
      return writer.append(encodeLimits(entry.memory.limits));
    case 'global':
      return writer.bytes([VALUE_TYPE_CODE[entry.global.type], entry.global.mutable ? 1 : 0]);
  }
}
