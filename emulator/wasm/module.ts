// What the reader makes of a module: indices and byte ranges into the original bytes, never copies of code.
import { WasmLookupError } from './errors.ts';
import type { FunctionType, ValueType } from './value-types.ts';

/** Numbers of the sections (WebAssembly core specification 5.5.2). */
export const SECTION = Object.freeze({
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
} as const);

/** The order in which sections other than custom ones must come. */
export const SECTION_ORDER: readonly number[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/** What may be imported and exported; the position in this list is its code. */
export const EXTERNAL_KINDS = ['function', 'table', 'memory', 'global'] as const;
export type ExternalKind = (typeof EXTERNAL_KINDS)[number];

/** A byte range, `end` exclusive; offsets count from the start of the module. */
export type ByteRange = Readonly<{ start: number; end: number }>;

/** A section: `offset` is where its id stands, `start` to `end` its content (for a custom section, after its name). */
export type Section = ByteRange & Readonly<{ id: number; offset: number; name?: string }>;

/** Size limits of a table (elements) or memory (64 KiB pages). */
export type Limits = Readonly<{ min: number; max?: number; shared?: boolean }>;
export type TableType = Readonly<{ element: ValueType; limits: Limits }>;
export type MemoryType = Readonly<{ limits: Limits }>;
export type GlobalType = Readonly<{ type: ValueType; mutable: boolean }>;

export type ImportEntry = Readonly<{ module: string; name: string }> &
  (
    | Readonly<{ kind: 'function'; typeIndex: number }>
    | Readonly<{ kind: 'table'; table: TableType }>
    | Readonly<{ kind: 'memory'; memory: MemoryType }>
    | Readonly<{ kind: 'global'; global: GlobalType }>
  );

export type ExportEntry = Readonly<{ name: string; kind: ExternalKind; index: number }>;

/** A constant expression: its bytes with the final `end`, and what it is worth when it is a single constant. */
export type ConstantExpression = ByteRange &
  Readonly<{ value?: number | bigint; globalIndex?: number; functionIndex?: number }>;

/** A global of the whole index space; an imported one has no initial value here. */
export type GlobalEntry = GlobalType & Readonly<{ init?: ConstantExpression }>;

export type ElementSegment = Readonly<{
  mode: 'active' | 'passive' | 'declarative';
  tableIndex: number;
  /** Where an active segment starts in its table. */
  offset?: ConstantExpression;
  /** Function indices; undefined for a null or computed entry. */
  functions: readonly (number | undefined)[];
}>;

export type DataSegment = ByteRange &
  Readonly<{ mode: 'active' | 'passive'; memoryIndex: number; address?: ConstantExpression }>;

/** A function body: `start` to `end` is the declaration of locals and the instructions; `offset` is where its size stands. */
export type CodeEntry = ByteRange & Readonly<{ offset: number }>;

/** A module as read. All index spaces start with the imports, as the specification has them. */
export type WasmModule = Readonly<{
  source: string;
  bytes: Uint8Array;
  sections: readonly Section[];
  types: readonly FunctionType[];
  imports: readonly ImportEntry[];
  importedFunctionCount: number;
  /** Type index of each function. */
  functionTypes: readonly number[];
  tables: readonly TableType[];
  memories: readonly MemoryType[];
  globals: readonly GlobalEntry[];
  exports: readonly ExportEntry[];
  start: number | undefined;
  elements: readonly ElementSegment[];
  dataCount: number | undefined;
  /** Bodies of the functions that are not imported: function index `importedFunctionCount + i`. */
  code: readonly CodeEntry[];
  data: readonly DataSegment[];
  customSections: readonly Section[];
  /** The function names of the name section, by function index. */
  functionNames: ReadonlyMap<number, string>;
}>;

/** How to find functions: the exact name, a pattern, or a predicate over names. */
export type NameMatch = string | RegExp | ((name: string) => boolean);

/** The indices of all functions whose name in the name section matches, ascending. */
export function functionsByName(module: WasmModule, match: NameMatch): number[] {
  // A global or sticky pattern remembers where it stopped; search() does not.
  const matches =
    typeof match === 'string'
      ? (name: string) => name === match
      : match instanceof RegExp
        ? (name: string) => name.search(match) >= 0
        : match;
  const found: number[] = [];
  for (const [index, name] of module.functionNames) if (matches(name)) found.push(index);
  return found;
}

/**
 * The index of the one function whose name matches.
 * @throws WasmLookupError when none does, or more than one.
 */
export function functionByName(module: WasmModule, match: NameMatch): number {
  const found = functionsByName(module, match);
  if (found.length === 1) return found[0]!;
  const names = found.slice(0, 5).map((index) => `${module.functionNames.get(index)} (${index})`);
  const what = found.length === 0 ? 'none' : `${found.length}: ${names.join(', ')}`;
  throw new WasmLookupError(module.source, `expected one function named ${String(match)}, found ${what}`);
}

/** The type of a function. @throws WasmLookupError when there is no such function. */
export function typeOf(module: WasmModule, functionIndex: number): FunctionType {
  const type = module.types[module.functionTypes[functionIndex] ?? -1];
  if (type) return type;
  throw new WasmLookupError(
    module.source,
    `expected a function index below ${module.functionTypes.length}, found ${functionIndex}`,
  );
}

/** How many imports of a kind there are: the first index of that kind which the module itself defines. */
export const countImports = (module: WasmModule, kind: ExternalKind): number =>
  module.imports.reduce((count, entry) => count + Number(entry.kind === kind), 0);
