// Reads a WebAssembly binary (core specification 5.5) into a WasmModule. The bytes are hostile input: every count is checked
// against the bytes left before anything is made of it, and every section must end exactly where it says.
import { ByteReader } from './byte-reader.ts';
import { readU32 } from './leb128.ts';
import { SECTION, SECTION_ORDER, type Section, type WasmModule } from './module.ts';
import { readFunctionNames } from './name-section.ts';
import {
  type ModuleDraft,
  readExports,
  readFunctions,
  readGlobals,
  readImports,
  readMemories,
  readName,
  readStart,
  readTables,
  readTypes,
} from './sections.ts';
import { readCode, readData, readDataCount, readElements, requireBodies, requireData } from './segments.ts';

/** `\0asm` and version 1. */
const HEADER = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

const READERS: Readonly<Record<number, (reader: ByteReader, draft: ModuleDraft) => void>> = {
  [SECTION.type]: readTypes,
  [SECTION.import]: readImports,
  [SECTION.function]: readFunctions,
  [SECTION.table]: readTables,
  [SECTION.memory]: readMemories,
  [SECTION.global]: readGlobals,
  [SECTION.export]: readExports,
  [SECTION.start]: readStart,
  [SECTION.element]: readElements,
  [SECTION.dataCount]: readDataCount,
  [SECTION.code]: readCode,
  [SECTION.data]: readData,
};

/**
 * Reads a module. Function bodies are found, not decoded: see InstructionCursor and FunctionWalk.
 * @param input the module; kept, not copied: it must not change while the result is in use.
 * @param source what to call it in errors.
 * @throws WasmFormatError for anything damaged, cut short or not supported.
 */
export function readModule(input: Uint8Array, source: string): WasmModule {
  // A plain view of the same memory: slicing a node Buffer costs several times more.
  const bytes = new Uint8Array(input.buffer, input.byteOffset, input.length);
  const reader = new ByteReader(bytes, source);
  readHeader(reader);
  const draft = emptyDraft();
  const sections: Section[] = [];
  let rank = -1;
  while (reader.remaining > 0) {
    const section = readSectionHeader(reader);
    sections.push(section);
    if (section.id === SECTION.custom) continue;
    const sectionRank = SECTION_ORDER.indexOf(section.id);
    if (sectionRank <= rank) reader.fail('each section once and in order', `section ${section.id}`, section.offset);
    rank = sectionRank;
    const content = new ByteReader(bytes, source, section.start, section.end);
    READERS[section.id]!(content, draft);
    if (content.remaining !== 0) content.fail(`the end of section ${section.id}`, `${content.remaining} bytes more`);
  }
  requireBodies(reader, draft, bytes.length);
  requireData(reader, draft, bytes.length);
  const customSections = sections.filter((section) => section.id === SECTION.custom);
  const names = customSections.find((section) => section.name === 'name');
  const functionNames = names
    ? readFunctionNames(bytes, source, names, draft.functionTypes.length)
    : new Map<number, string>();
  return { source, bytes, sections, ...draft, customSections, functionNames };
}

function readHeader(reader: ByteReader): void {
  const what = 'the WebAssembly magic number and version 1';
  for (const byte of HEADER) {
    const found = reader.u8(what);
    if (found !== byte) reader.fail(what, `0x${found.toString(16)}`, reader.offset - 1);
  }
}

/** Reads the id, size and, for a custom section, name; leaves the reader after the section. */
function readSectionHeader(reader: ByteReader): Section {
  const offset = reader.offset;
  const id = reader.u8('a section');
  if (id !== SECTION.custom && !SECTION_ORDER.includes(id)) reader.fail('a section id', `${id}`, offset);
  const size = readU32(reader, 'the size of a section');
  const start = reader.skip(size, `section ${id}`);
  const end = reader.offset;
  if (id !== SECTION.custom) return { id, offset, start, end };
  const content = new ByteReader(reader.bytes, reader.source, start, end);
  const name = readName(content, 'the name of a custom section');
  return { id, offset, name, start: content.offset, end };
}

const emptyDraft = (): ModuleDraft => ({
  types: [],
  imports: [],
  importedFunctionCount: 0,
  functionTypes: [],
  tables: [],
  memories: [],
  globals: [],
  exports: [],
  start: undefined,
  elements: [],
  dataCount: undefined,
  code: [],
  data: [],
});
