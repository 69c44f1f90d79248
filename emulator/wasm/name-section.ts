// The name section (WebAssembly core specification, appendix 7.4): the subsection that names functions.
import { ByteReader } from './byte-reader.ts';
import { readU32 } from './leb128.ts';
import type { ByteRange } from './module.ts';
import { readName } from './sections.ts';

/** Number of the subsection with function names. */
export const FUNCTION_NAMES = 1;

/** A subsection: `offset` is where its id stands, `start` to `end` its content. */
export type NameSubsection = ByteRange & Readonly<{ id: number; offset: number }>;

/** Finds the subsections of a name section's content. */
export function readNameSubsections(bytes: Uint8Array, source: string, content: ByteRange): NameSubsection[] {
  const reader = new ByteReader(bytes, source, content.start, content.end);
  const subsections: NameSubsection[] = [];
  while (reader.remaining > 0) {
    const offset = reader.offset;
    const id = reader.u8('a name subsection');
    const size = readU32(reader, 'the size of a name subsection');
    const start = reader.skip(size, 'a name subsection');
    subsections.push({ id, offset, start, end: reader.offset });
  }
  return subsections;
}

/**
 * Reads the names of functions.
 * @param functionCount functions in the module: names of others are refused.
 */
export function readFunctionNames(
  bytes: Uint8Array,
  source: string,
  content: ByteRange,
  functionCount: number,
): Map<number, string> {
  const names = new Map<number, string>();
  for (const { id, start, end } of readNameSubsections(bytes, source, content)) {
    if (id !== FUNCTION_NAMES) continue;
    const reader = new ByteReader(bytes, source, start, end);
    const count = readU32(reader, 'the number of function names');
    let last = -1;
    for (let i = 0; i < count; i++) {
      const at = reader.offset;
      const index = readU32(reader, 'a function index');
      if (index <= last || index >= functionCount) {
        reader.fail(`a function index above ${last} and below ${functionCount}`, `${index}`, at);
      }
      names.set(index, readName(reader, 'the name of a function'));
      last = index;
    }
    if (reader.remaining !== 0) reader.fail('the end of the function names', `${reader.remaining} bytes more`);
  }
  return names;
}
