// Writes a rewritten module: sections that gain something are made anew around their old content, all others are copied.
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import {
  encodeExport,
  encodeFunctionType,
  encodeGlobal,
  encodeImport,
  encodeSection,
  type GlobalDefinition,
} from './encode.ts';
import { readU32 } from './leb128.ts';
import { type ExportEntry, type ImportEntry, SECTION, SECTION_ORDER, type WasmModule } from './module.ts';
import { FUNCTION_NAMES, readNameSubsections } from './name-section.ts';
import type { FunctionType } from './value-types.ts';

/** What a rewriter has decided; all lists hold appended things only. */
export type RewritePlan = Readonly<{
  module: WasmModule;
  types: readonly FunctionType[];
  imports: readonly ImportEntry[];
  functionTypes: readonly number[];
  globals: readonly GlobalDefinition[];
  /** All exports, old and new, when any changed. */
  exports: readonly ExportEntry[] | undefined;
  /** Names of appended functions. */
  names: ReadonlyMap<number, string>;
  /** The new body at a function index; undefined where the old one stays. */
  bodyOf: (functionIndex: number) => ByteWriter | undefined;
}>;

export function encodeRewritten(plan: RewritePlan): Uint8Array<ArrayBuffer> {
  const { module } = plan;
  const changed = changedSections(plan);
  const out = new ByteWriter().bytes(module.bytes.subarray(0, 8));
  const emitBefore = (rank: number): void => {
    for (const id of SECTION_ORDER.slice(0, rank)) {
      const content = changed.get(id);
      if (content) out.append(encodeSection(id, content));
      changed.delete(id);
    }
  };
  let names = namesOf(plan);
  for (const section of module.sections) {
    const rank = SECTION_ORDER.indexOf(section.id);
    // A section that the module lacked goes before the first one that must follow it.
    if (section.id !== SECTION.custom) emitBefore(rank);
    const isNames = section.id === SECTION.custom && section.name === 'name' && names !== undefined;
    const content = isNames ? names : changed.get(section.id);
    if (isNames) names = undefined;
    changed.delete(section.id);
    if (content) out.append(encodeSection(section.id, content));
    else out.bytes(module.bytes.subarray(section.offset, section.end));
  }
  emitBefore(SECTION_ORDER.length);
  if (names) out.append(encodeSection(SECTION.custom, names));
  return out.toBytes();
}

/** New contents by section id, of those sections that change. */
function changedSections(plan: RewritePlan): Map<number, ByteWriter> {
  const { module } = plan;
  const changed = new Map<number, ByteWriter>();
  const extend = (id: number, items: readonly ByteWriter[]): void => {
    if (items.length > 0) changed.set(id, extendedVector(module, id, items));
  };
  extend(SECTION.type, plan.types.map(encodeFunctionType));
  extend(SECTION.import, plan.imports.map(encodeImport));
  extend(
    SECTION.function,
    plan.functionTypes.map((index) => new ByteWriter().u32(index)),
  );
  extend(SECTION.global, plan.globals.map(encodeGlobal));
  if (plan.exports) changed.set(SECTION.export, vector(plan.exports.map(encodeExport)));
  const code = codeSection(plan);
  if (code) changed.set(SECTION.code, code);
  return changed;
}

const vector = (items: readonly ByteWriter[]): ByteWriter =>
  items.reduce((writer, item) => writer.append(item), new ByteWriter().u32(items.length));

/** A section's vector with items appended; its old items are copied. */
function extendedVector({ bytes, source, sections }: WasmModule, id: number, items: readonly ByteWriter[]): ByteWriter {
  const section = sections.find((candidate) => candidate.id === id);
  if (!section) return vector(items);
  const reader = new ByteReader(bytes, source, section.start, section.end);
  const count = readU32(reader, 'the number of items');
  const writer = new ByteWriter().u32(count + items.length).bytes(bytes.subarray(reader.offset, section.end));
  for (const item of items) writer.append(item);
  return writer;
}

function codeSection({ module, functionTypes, bodyOf }: RewritePlan): ByteWriter | undefined {
  const { bytes, code, importedFunctionCount } = module;
  const writer = new ByteWriter().u32(code.length + functionTypes.length);
  let changes = functionTypes.length;
  // Neighbours that stay are copied in one piece, sizes included.
  let from = code[0]?.offset ?? 0;
  let to = from;
  for (const [position, entry] of code.entries()) {
    const body = bodyOf(importedFunctionCount + position);
    if (body) {
      writer.bytes(bytes.subarray(from, to)).sized(body);
      from = entry.end;
      changes++;
    }
    to = entry.end;
  }
  if (changes === 0) return undefined;
  writer.bytes(bytes.subarray(from, to));
  for (let i = 0; i < functionTypes.length; i++) writer.sized(bodyOf(module.functionTypes.length + i)!);
  return writer;
}

/** The content of the name section with the names of appended functions; undefined when there are none. */
function namesOf({ module, names }: RewritePlan): ByteWriter | undefined {
  if (names.size === 0) return undefined;
  const { bytes, source, customSections } = module;
  const added = new ByteWriter();
  // Names are sorted by index; appended functions have the highest.
  for (const [index, name] of [...names].sort(([a], [b]) => a - b)) added.u32(index).name(name);
  const section = customSections.find(({ name }) => name === 'name');
  const subsections = section ? readNameSubsections(bytes, source, section) : [];
  const old = subsections.find(({ id }) => id === FUNCTION_NAMES);
  const reader = new ByteReader(bytes, source, old?.start ?? 0, old?.end ?? 0);
  const oldCount = old ? readU32(reader, 'the number of function names') : 0;
  const entries = new ByteWriter().u32(oldCount + names.size);
  entries.bytes(bytes.subarray(reader.offset, reader.end)).append(added);
  const writer = new ByteWriter().name('name');
  for (const { id, offset, end } of subsections) if (id < FUNCTION_NAMES) writer.bytes(bytes.subarray(offset, end));
  writer.bytes([FUNCTION_NAMES]).sized(entries);
  for (const { id, offset, end } of subsections) if (id > FUNCTION_NAMES) writer.bytes(bytes.subarray(offset, end));
  return writer;
}
