// The edits to one function of a module: byte ranges replaced at instruction boundaries, locals appended.

import { ByteReader } from './byte-reader.ts';
import { ByteWriter, type Code, copyBytes } from './byte-writer.ts';
import { encodeLocalGroups } from './encode.ts';
import { WasmEditError } from './errors.ts';
import { InstructionCursor } from './instructions.ts';
import { readU32 } from './leb128.ts';
import { readLocals } from './locals.ts';
import { type CodeEntry, typeOf, type WasmModule } from './module.ts';
import type { ValueType } from './value-types.ts';

type Edit = Readonly<{ start: number; end: number; code: Code }>;

/** Collects edits in any order and applies them all at once; offsets are absolute and always those of the unedited module. */
export class FunctionEdits {
  readonly #module: WasmModule;
  readonly #functionIndex: number;
  readonly #body: CodeEntry;
  /** 1 for each byte of the body where an instruction starts. */
  readonly #boundaries: Uint8Array;
  /** Offset of the final `end`: edits lie before it. */
  readonly #lastOffset: number;
  /** Sorted by start; insertions before a replacement that starts where they go, in the order they were made. */
  readonly #edits: Edit[] = [];
  readonly #addedLocals: ValueType[] = [];
  readonly #localCount: number;

  constructor(module: WasmModule, functionIndex: number) {
    this.#module = module;
    this.#functionIndex = functionIndex;
    this.#body = module.code[functionIndex - module.importedFunctionCount]!;
    this.#boundaries = new Uint8Array(this.#body.end - this.#body.start);
    const cursor = new InstructionCursor(module.bytes, module.source);
    this.#localCount = typeOf(module, functionIndex).params.length + cursor.enterFunction(module, functionIndex);
    while (cursor.next()) this.#boundaries[cursor.offset - this.#body.start] = 1;
    this.#lastOffset = cursor.offset;
  }

  /** Replaces the instructions from `start` to `end`; inserts before the instruction at `start` when both are equal. */
  replace(start: number, end: number, code: Code): void {
    this.#requireBoundary(start);
    this.#requireBoundary(end);
    if (end < start) this.#refuse(`expected a range with its end at or after its start, found ${start} to ${end}`);
    const at = this.#position(start, end > start);
    const before = this.#edits[at - 1];
    const after = this.#edits[at];
    if (before && before.end > start) this.#refuseOverlap(start, end, before);
    if (after && after.start < end) this.#refuseOverlap(start, end, after);
    this.#edits.splice(at, 0, { start, end, code });
  }

  /** Appends a local variable. @returns its index. */
  addLocal(type: ValueType): number {
    return this.#localCount + this.#addedLocals.push(type) - 1;
  }

  /** The edited body without its size. */
  encode(): ByteWriter {
    const { bytes, source } = this.#module;
    const reader = new ByteReader(bytes, source, this.#body.start, this.#body.end);
    const groupCount = readU32(reader, 'the number of local groups');
    const groupsStart = reader.offset;
    reader.offset = this.#body.start;
    readLocals(reader);
    const added = encodeLocalGroups(this.#addedLocals);
    const locals = new ByteWriter().u32(groupCount + added.count);
    locals.bytes(bytes.subarray(groupsStart, reader.offset)).append(added.groups);
    return locals.bytes(this.#editedCode(reader.offset));
  }

  /** The instructions from `codeStart` on with all edits made. */
  #editedCode(codeStart: number): Uint8Array {
    const { bytes } = this.#module;
    const growth = this.#edits.reduce((sum, { start, end, code }) => sum + code.length - (end - start), 0);
    const out = new Uint8Array(this.#body.end - codeStart + growth);
    let copied = codeStart;
    let at = 0;
    for (const { start, end, code } of this.#edits) {
      copyBytes(bytes, copied, start, out, at);
      at += start - copied;
      copyBytes(code, 0, code.length, out, at);
      at += code.length;
      copied = end;
    }
    copyBytes(bytes, copied, this.#body.end, out, at);
    return out;
  }

  /** Where a new edit goes among the sorted ones. */
  #position(start: number, replaces: boolean): number {
    let low = 0;
    let high = this.#edits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const edit = this.#edits[middle]!;
      const goesAfter = edit.start < start || (edit.start === start && (replaces || edit.end === start));
      if (goesAfter) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #requireBoundary(offset: number): void {
    if (offset <= this.#lastOffset && this.#boundaries[offset - this.#body.start] === 1) return;
    this.#refuse(
      `expected the offset of an instruction up to its final end at ${this.#lastOffset}, found ${offset}: ` +
        'take offsets from an InstructionCursor or a scan of the same module',
    );
  }

  #refuseOverlap(start: number, end: number, other: Edit): never {
    this.#refuse(`edit of bytes ${start} to ${end} overlaps that of ${other.start} to ${other.end}`);
  }

  #refuse(problem: string): never {
    const name = this.#module.functionNames.get(this.#functionIndex) ?? 'without name';
    throw new WasmEditError(this.#module.source, `function ${this.#functionIndex} (${name}): ${problem}`);
  }
}
