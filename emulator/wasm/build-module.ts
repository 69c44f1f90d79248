// Makes small modules from a description: adapters that re-export a JavaScript import as a WebAssembly function, and subjects of tests.
import { code, end, i32Const } from './assembler.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  encodeBody,
  encodeExport,
  encodeFunctionType,
  encodeGlobal,
  encodeImport,
  encodeLimits,
  encodeSection,
  type FunctionBody,
  type GlobalDefinition,
} from './encode.ts';
import { type ExportEntry, type ImportEntry, type MemoryType, SECTION, type TableType } from './module.ts';
import { FUNCTION_NAMES } from './name-section.ts';
import { type FunctionType, formatType, VALUE_TYPE_CODE } from './value-types.ts';

type FunctionImport = Readonly<{ module: string; name: string; kind: 'function'; type: FunctionType }>;

/** A module to be made. Imports come first in each index space, then what is defined, each in the order given. */
export type ModuleDescription = Readonly<{
  /** Types that `call_indirect` and blocks refer to: they get indices 0, 1, ...; others follow as functions need them. */
  types?: readonly FunctionType[];
  imports?: readonly (FunctionImport | Exclude<ImportEntry, { kind: 'function' }>)[];
  functions?: readonly Readonly<{ type: FunctionType; body: FunctionBody; name?: string; exportAs?: string }>[];
  tables?: readonly TableType[];
  memories?: readonly MemoryType[];
  globals?: readonly GlobalDefinition[];
  exports?: readonly ExportEntry[];
  start?: number;
  /** Active segments of a table: function indices from a slot on. */
  elements?: readonly Readonly<{ tableIndex?: number; offset: number; functions: readonly number[] }>[];
  /** Active segments of memory 0. */
  data?: readonly Readonly<{ address: number; bytes: Uint8Array }>[];
}>;

/** Encodes the module; whether it is valid is for the engine to say. */
export function buildModule(description: ModuleDescription): Uint8Array<ArrayBuffer> {
  const { imports = [], functions = [], tables = [], memories = [], globals = [], start } = description;
  const types = new TypeList(description.types ?? []);
  const encodedImports = imports.map((entry) =>
    encodeImport(entry.kind === 'function' ? { ...entry, typeIndex: types.indexOf(entry.type) } : entry),
  );
  const functionTypes = functions.map(({ type }) => new ByteWriter().u32(types.indexOf(type)));
  const firstFunction = imports.filter(({ kind }) => kind === 'function').length;
  const exports = [...(description.exports ?? [])];
  for (const [position, { exportAs }] of functions.entries()) {
    if (exportAs !== undefined) exports.push({ name: exportAs, kind: 'function', index: firstFunction + position });
  }

  const out = new ByteWriter().bytes([0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00]);
  const section = (id: number, items: readonly ByteWriter[]): void => {
    if (items.length > 0) out.append(encodeSection(id, concatenate(new ByteWriter().u32(items.length), items)));
  };
  section(SECTION.type, types.all.map(encodeFunctionType));
  section(SECTION.import, encodedImports);
  section(SECTION.function, functionTypes);
  section(SECTION.table, tables.map(encodeTable));
  section(
    SECTION.memory,
    memories.map(({ limits }) => encodeLimits(limits)),
  );
  section(SECTION.global, globals.map(encodeGlobal));
  section(SECTION.export, exports.map(encodeExport));
  if (start !== undefined) out.append(encodeSection(SECTION.start, new ByteWriter().u32(start)));
  section(SECTION.element, (description.elements ?? []).map(encodeElements));
  section(
    SECTION.code,
    functions.map(({ body }) => new ByteWriter().sized(encodeBody(body))),
  );
  section(SECTION.data, (description.data ?? []).map(encodeData));
  const names = functions.flatMap(({ name }, position) =>
    name === undefined ? [] : [new ByteWriter().u32(firstFunction + position).name(name)],
  );
  if (names.length > 0) out.append(nameSection(names));
  return out.toBytes();
}

/** Types by index, equal ones once. */
class TypeList {
  readonly all: FunctionType[];

  constructor(types: readonly FunctionType[]) {
    this.all = [...types];
  }

  indexOf(type: FunctionType): number {
    const key = formatType(type);
    const known = this.all.findIndex((candidate) => formatType(candidate) === key);
    return known >= 0 ? known : this.all.push(type) - 1;
  }
}

const concatenate = (writer: ByteWriter, items: readonly ByteWriter[]): ByteWriter =>
  items.reduce((all, item) => all.append(item), writer);

const encodeTable = ({ element, limits }: TableType): ByteWriter =>
  new ByteWriter().bytes([VALUE_TYPE_CODE[element]]).append(encodeLimits(limits));

const constant = (value: number): Uint8Array => code(i32Const(value), end);

function encodeElements({
  tableIndex = 0,
  offset,
  functions,
}: {
  tableIndex?: number;
  offset: number;
  functions: readonly number[];
}): ByteWriter {
  const writer = new ByteWriter();
  if (tableIndex === 0) writer.u32(0).bytes(constant(offset));
  // Flags 2: with a table index and an element kind, 0 for functions.
  else writer.u32(2).u32(tableIndex).bytes(constant(offset)).bytes([0]);
  writer.u32(functions.length);
  for (const index of functions) writer.u32(index);
  return writer;
}

const encodeData = ({ address, bytes }: { address: number; bytes: Uint8Array }): ByteWriter =>
  new ByteWriter().u32(0).bytes(constant(address)).u32(bytes.length).bytes(bytes);

function nameSection(names: readonly ByteWriter[]): ByteWriter {
  const entries = concatenate(new ByteWriter().u32(names.length), names);
  return encodeSection(SECTION.custom, new ByteWriter().name('name').bytes([FUNCTION_NAMES]).sized(entries));
}
