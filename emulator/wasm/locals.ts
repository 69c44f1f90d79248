// The declaration of local variables at the head of a function body (WebAssembly core specification 5.5.13).
import type { ByteReader } from './byte-reader.ts';
import { readU32 } from './leb128.ts';
import { type ValueType, valueTypeOf } from './value-types.ts';

/** Consecutive locals of one type. */
export type LocalGroup = Readonly<{ count: number; type: ValueType }>;

/** Most locals, parameters included, a function may have: the limit that engines agreed on in the JavaScript interface. */
export const MAX_LOCALS = 50_000;

/** Reads the declaration and leaves the reader at the first instruction. Parameters are not in it. */
export function readLocals(reader: ByteReader): LocalGroup[] {
  const groups: LocalGroup[] = [];
  const groupCount = readU32(reader, 'the number of local groups');
  let total = 0;
  for (let i = 0; i < groupCount; i++) {
    const count = readU32(reader, 'a number of locals');
    total += count;
    if (total > MAX_LOCALS) reader.fail(`at most ${MAX_LOCALS} locals`, `${total}`);
    groups.push({ count, type: readValueType(reader) });
  }
  return groups;
}

/** Reads one value type. */
export function readValueType(reader: ByteReader): ValueType {
  const code = reader.u8('a value type');
  return valueTypeOf(code) ?? reader.fail('a value type', `0x${code.toString(16)}`, reader.offset - 1);
}

/** The number of locals that groups declare. */
export const countLocals = (groups: readonly LocalGroup[]): number =>
  groups.reduce((total, group) => total + group.count, 0);
