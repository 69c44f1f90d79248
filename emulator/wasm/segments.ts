// Readers of the sections with contents: elements of tables, function bodies, data.
import type { ByteReader } from './byte-reader.ts';
import { readConstantExpression } from './constant-expression.ts';
import { readU32 } from './leb128.ts';
import { readValueType } from './locals.ts';
import type { DataSegment, ElementSegment } from './module.ts';
import { type ModuleDraft, readIndex, readVector } from './sections.ts';

// Flags of an element segment (specification 5.5.12); a passive one with an explicit index is declarative.
const ELEMENT_PASSIVE = 1;
const ELEMENT_EXPLICIT = 2;
const ELEMENT_EXPRESSIONS = 4;

export const readElements = (reader: ByteReader, draft: ModuleDraft): void => {
  readVector(reader, 'element segments', draft.elements, (item) => readElementSegment(item, draft));
};

function readElementSegment(reader: ByteReader, draft: ModuleDraft): ElementSegment {
  const at = reader.offset;
  const flags = readU32(reader, 'the flags of an element segment');
  if (flags > 7) reader.fail('flags 0 to 7 of an element segment', `${flags}`, at);
  const explicit = (flags & ELEMENT_EXPLICIT) !== 0;
  const active = (flags & ELEMENT_PASSIVE) === 0;
  const expressions = (flags & ELEMENT_EXPRESSIONS) !== 0;
  const tableIndex = active && explicit ? readIndex(reader, 'table', draft.tables.length) : 0;
  const placed = active ? { offset: readConstantExpression(reader) } : {};
  if (explicit || !active) {
    if (expressions) readValueType(reader);
    else if (reader.u8('an element kind') !== 0) reader.fail('element kind 0', 'another', reader.offset - 1);
  }
  const functions = readVector<number | undefined>(reader, 'elements', [], (item) =>
    expressions ? readConstantExpression(item).functionIndex : readIndex(item, 'function', draft.functionTypes.length),
  );
  return { mode: active ? 'active' : explicit ? 'declarative' : 'passive', tableIndex, ...placed, functions };
}

export const readDataCount = (reader: ByteReader, draft: ModuleDraft): void => {
  draft.dataCount = readU32(reader, 'the number of data segments');
};

export const readCode = (reader: ByteReader, draft: ModuleDraft): void => {
  const at = reader.offset;
  readVector(reader, 'function bodies', draft.code, (item) => {
    const offset = item.offset;
    const size = readU32(item, 'the size of a function body');
    const start = item.skip(size, 'a function body');
    return { offset, start, end: item.offset };
  });
  requireBodies(reader, draft, at);
};

/** Each function that is not imported has one body, and no body is without a function. */
export function requireBodies(reader: ByteReader, draft: ModuleDraft, at: number): void {
  const defined = draft.functionTypes.length - draft.importedFunctionCount;
  if (draft.code.length !== defined) reader.fail(`${defined} function bodies`, `${draft.code.length}`, at);
}

export const readData = (reader: ByteReader, draft: ModuleDraft): void => {
  const at = reader.offset;
  readVector(reader, 'data segments', draft.data, (item) => readDataSegment(item, draft));
  requireData(reader, draft, at);
};

/** The data count section, where there is one, tells the truth. */
export function requireData(reader: ByteReader, draft: ModuleDraft, at: number): void {
  const announced = draft.dataCount ?? draft.data.length;
  if (draft.data.length !== announced) reader.fail(`${announced} data segments`, `${draft.data.length}`, at);
}

function readDataSegment(reader: ByteReader, draft: ModuleDraft): DataSegment {
  const at = reader.offset;
  const flags = readU32(reader, 'the flags of a data segment');
  if (flags > 2) reader.fail('flags 0 to 2 of a data segment', `${flags}`, at);
  const memoryIndex = flags === 2 ? readIndex(reader, 'memory', draft.memories.length) : 0;
  const placed = flags === 1 ? {} : { address: readConstantExpression(reader) };
  const size = readU32(reader, 'the size of a data segment');
  const start = reader.skip(size, 'a data segment');
  return { mode: flags === 1 ? 'passive' : 'active', memoryIndex, ...placed, start, end: reader.offset };
}
