// Constant expressions (WebAssembly core specification 3.3.10): initial values of globals, offsets and entries of segments.
import type { ByteReader } from './byte-reader.ts';
import { readS32, readS64, readU32 } from './leb128.ts';
import type { ConstantExpression } from './module.ts';

const OP_END = 0x0b;

/** Bytes that follow an opcode when they have a fixed length; arithmetic is that of the extended constant expressions. */
const FIXED_LENGTH: ReadonlyMap<number, number> = new Map([
  [0x43, 4], // f32.const
  [0x44, 8], // f64.const
  [0xd0, 1], // ref.null
  ...[0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e].map((opcode): [number, number] => [opcode, 0]),
]);

/** Reads an expression up to and with its `end`. Its value is known when it is one integer constant, `global.get` or `ref.func`. */
export function readConstantExpression(reader: ByteReader): ConstantExpression {
  const start = reader.offset;
  let known: Omit<ConstantExpression, 'start' | 'end'> = {};
  for (let instructions = 0; ; instructions++) {
    const opcode = reader.u8('a constant expression');
    if (opcode === OP_END) {
      if (instructions === 0) reader.fail('a constant', 'an empty expression', start);
      return { start, end: reader.offset, ...(instructions === 1 ? known : {}) };
    }
    known = readConstant(reader, opcode);
  }
}

function readConstant(reader: ByteReader, opcode: number): Omit<ConstantExpression, 'start' | 'end'> {
  switch (opcode) {
    case 0x41:
      return { value: readS32(reader, 'an i32 constant') };
    case 0x42:
      return { value: readS64(reader, 'an i64 constant') };
    case 0x23:
      return { globalIndex: readU32(reader, 'a global index') };
    case 0xd2:
      return { functionIndex: readU32(reader, 'a function index') };
    case 0xfd: {
      const vector = readU32(reader, 'the opcode after a prefix');
      if (vector !== 0x0c) reader.fail('v128.const', `opcode 0xfd ${vector}`);
      reader.skip(16, 'a constant');
      return {};
    }
  }
  const length = FIXED_LENGTH.get(opcode);
  if (length === undefined) {
    reader.fail('an instruction of a constant expression', `opcode 0x${opcode.toString(16)}`, reader.offset - 1);
  }
  reader.skip(length, 'a constant');
  return {};
}
