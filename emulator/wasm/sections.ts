// Readers of the sections that declare things: types, imports, functions, tables, memories, globals, exports, start.
import type { ByteReader } from './byte-reader.ts';
import { readConstantExpression } from './constant-expression.ts';
import { readU32 } from './leb128.ts';
import { readValueType } from './locals.ts';
import {
  type CodeEntry,
  type DataSegment,
  type ElementSegment,
  EXTERNAL_KINDS,
  type ExportEntry,
  type ExternalKind,
  type GlobalEntry,
  type GlobalType,
  type ImportEntry,
  type Limits,
  type MemoryType,
  type TableType,
} from './module.ts';
import type { FunctionType, ValueType } from './value-types.ts';

/** What the sections read so far declare: a WasmModule in the making. */
export type ModuleDraft = {
  types: FunctionType[];
  imports: ImportEntry[];
  importedFunctionCount: number;
  functionTypes: number[];
  tables: TableType[];
  memories: MemoryType[];
  globals: GlobalEntry[];
  exports: ExportEntry[];
  start: number | undefined;
  elements: ElementSegment[];
  dataCount: number | undefined;
  code: CodeEntry[];
  data: DataSegment[];
};

/** Most parameters, and most results, of a function: the limit that engines agreed on in the JavaScript interface. */
const MAX_PARAMS = 1000;

const FUNCTION_TYPE = 0x60;

/** Reads a vector; an item takes at least one byte, so no count beyond the bytes left is believed. */
export function readVector<T>(reader: ByteReader, what: string, into: T[], readItem: (reader: ByteReader) => T): T[] {
  const at = reader.offset;
  const count = readU32(reader, `the number of ${what}`);
  if (count > reader.remaining) reader.fail(`${count} ${what}`, `${reader.remaining} bytes left`, at);
  for (let i = 0; i < count; i++) into.push(readItem(reader));
  return into;
}

/** Reads an index and checks that it is below `count`. */
export function readIndex(reader: ByteReader, what: string, count: number): number {
  const at = reader.offset;
  const index = readU32(reader, `a ${what} index`);
  if (index >= count) reader.fail(`a ${what} index below ${count}`, `${index}`, at);
  return index;
}

/** Reads a length and that many bytes of UTF-8. */
export const readName = (reader: ByteReader, what: string): string =>
  reader.text(readU32(reader, `the length of ${what}`), what);

export const readTypes = (reader: ByteReader, draft: ModuleDraft): void => {
  readVector(reader, 'types', draft.types, (item) => {
    const form = item.u8('a function type');
    if (form !== FUNCTION_TYPE) item.fail('a function type', `0x${form.toString(16)}`, item.offset - 1);
    return { params: readTypeList(item, 'parameters'), results: readTypeList(item, 'results') };
  });
};

function readTypeList(reader: ByteReader, what: string): ValueType[] {
  const at = reader.offset;
  const types = readVector(reader, what, [], readValueType);
  if (types.length > MAX_PARAMS) reader.fail(`at most ${MAX_PARAMS} ${what}`, `${types.length}`, at);
  return types;
}

export const readImports = (reader: ByteReader, draft: ModuleDraft): void => {
  readVector(reader, 'imports', draft.imports, (item) => {
    const entry = readImport(item, draft);
    if (entry.kind === 'function') draft.functionTypes.push(entry.typeIndex);
    else if (entry.kind === 'table') draft.tables.push(entry.table);
    else if (entry.kind === 'memory') draft.memories.push(entry.memory);
    else draft.globals.push(entry.global);
    return entry;
  });
  draft.importedFunctionCount = draft.functionTypes.length;
};

function readImport(reader: ByteReader, draft: ModuleDraft): ImportEntry {
  const module = readName(reader, 'the module of an import');
  const name = readName(reader, 'the name of an import');
  const kind = readKind(reader);
  switch (kind) {
    case 'function':
      return { module, name, kind, typeIndex: readIndex(reader, 'type', draft.types.length) };
    case 'table':
      return { module, name, kind, table: readTableType(reader) };
    case 'memory':
      return { module, name, kind, memory: { limits: readLimits(reader) } };
    case 'global':
      return { module, name, kind, global: readGlobalType(reader) };
  }
}

function readKind(reader: ByteReader): ExternalKind {
  const code = reader.u8('a kind of import or export');
  return EXTERNAL_KINDS[code] ?? reader.fail('a kind of import or export', `${code}`, reader.offset - 1);
}

export const readFunctions = (reader: ByteReader, draft: ModuleDraft): void => {
  readVector(reader, 'functions', draft.functionTypes, (item) => readIndex(item, 'type', draft.types.length));
};

export const readTables = (reader: ByteReader, draft: ModuleDraft): void => {
  readVector(reader, 'tables', draft.tables, readTableType);
};

function readTableType(reader: ByteReader): TableType {
  const at = reader.offset;
  const element = readValueType(reader);
  if (element !== 'funcref' && element !== 'externref') reader.fail('a reference type', element, at);
  return { element, limits: readLimits(reader) };
}

export const readMemories = (reader: ByteReader, draft: ModuleDraft): void => {
  readVector(reader, 'memories', draft.memories, (item) => ({ limits: readLimits(item) }));
};

function readLimits(reader: ByteReader): Limits {
  const flags = reader.u8('limits');
  if (flags > 3) reader.fail('limits of 32 bits (flags 0 to 3)', `flags ${flags}`, reader.offset - 1);
  const min = readU32(reader, 'a minimum');
  const shared = (flags & 2) !== 0 ? { shared: true } : {};
  return (flags & 1) !== 0 ? { min, max: readU32(reader, 'a maximum'), ...shared } : { min, ...shared };
}

export const readGlobals = (reader: ByteReader, draft: ModuleDraft): void => {
  readVector(reader, 'globals', draft.globals, (item) => ({
    ...readGlobalType(item),
    init: readConstantExpression(item),
  }));
};

function readGlobalType(reader: ByteReader): GlobalType {
  const type = readValueType(reader);
  const mutability = reader.u8('a mutability');
  if (mutability > 1) reader.fail('a mutability of 0 or 1', `${mutability}`, reader.offset - 1);
  return { type, mutable: mutability === 1 };
}

export const readExports = (reader: ByteReader, draft: ModuleDraft): void => {
  const spaces: Record<ExternalKind, readonly unknown[]> = {
    function: draft.functionTypes,
    table: draft.tables,
    memory: draft.memories,
    global: draft.globals,
  };
  const names = new Set<string>();
  readVector(reader, 'exports', draft.exports, (item) => {
    const at = item.offset;
    const name = readName(item, 'the name of an export');
    if (names.has(name)) item.fail('each export name once', JSON.stringify(name), at);
    names.add(name);
    const kind = readKind(item);
    return { name, kind, index: readIndex(item, kind, spaces[kind].length) };
  });
};

export const readStart = (reader: ByteReader, draft: ModuleDraft): void => {
  draft.start = readIndex(reader, 'function', draft.functionTypes.length);
};
