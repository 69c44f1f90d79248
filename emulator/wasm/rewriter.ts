// Changes a module by appending: types, globals, functions and exports go to the end of their index spaces, so that no index
// shifts and no code but what is edited has to be touched. A detour puts a new body at a function's index and the function's
// own body at an appended one.
import { ByteWriter, type Code } from './byte-writer.ts';
import { encodeBody, type FunctionBody, type GlobalDefinition } from './encode.ts';
import { WasmEditError } from './errors.ts';
import { FunctionEdits } from './function-edits.ts';
import { InstructionCursor } from './instructions.ts';
import type { ExportEntry, ExternalKind, ImportEntry, WasmModule } from './module.ts';
import { encodeRewritten } from './rewritten-module.ts';
import { type FunctionType, formatType, type ValueType } from './value-types.ts';

/** What stands at a function index: a body of the source module (with the edits made to it), or a new one. */
type Occupant = Readonly<{ sourceFunction: number }> | Readonly<{ body: ByteWriter }>;

/** An import that shifts no index as long as the module defines nothing of its kind. */
export type AddableImport = Exclude<ImportEntry, { kind: 'function' }>;

/** Collects changes to a module; {@link Rewriter.encode} makes the new one. Offsets and indices of the source stay valid throughout. */
export class Rewriter {
  readonly module: WasmModule;
  readonly #types: FunctionType[];
  readonly #typeIndices = new Map<string, number>();
  readonly #imports: AddableImport[] = [];
  readonly #globals: GlobalDefinition[] = [];
  readonly #exports: Map<string, ExportEntry>;
  #exportsChanged = false;
  /** Type indices of all functions, the appended ones last. */
  readonly #functionTypes: number[];
  /** Of appended and of detoured functions. */
  readonly #occupants = new Map<number, Occupant>();
  readonly #edits = new Map<number, FunctionEdits>();
  readonly #names = new Map<number, string>();

  constructor(module: WasmModule) {
    this.module = module;
    this.#types = [...module.types];
    for (const [index, type] of module.types.entries()) {
      const key = formatType(type);
      if (!this.#typeIndices.has(key)) this.#typeIndices.set(key, index);
    }
    this.#functionTypes = [...module.functionTypes];
    this.#exports = new Map(module.exports.map((entry) => [entry.name, entry]));
  }

  /** The index of a function type, appended unless the module has it. */
  addType(params: readonly ValueType[], results: readonly ValueType[]): number {
    const type: FunctionType = { params, results };
    const key = formatType(type);
    const known = this.#typeIndices.get(key);
    if (known !== undefined) return known;
    const index = this.#types.push(type) - 1;
    this.#typeIndices.set(key, index);
    return index;
  }

  /**
   * Imports a table, memory or global. @returns its index.
   * @throws WasmEditError when the module defines one of that kind: its index would shift.
   */
  addImport(entry: AddableImport): number {
    const total = this.#count(entry.kind);
    const imported = [...this.module.imports, ...this.#imports].filter(({ kind }) => kind === entry.kind).length;
    if (total !== imported)
      this.#refuse(`expected a module that defines no ${entry.kind} to import another, found one`);
    this.#imports.push(entry);
    return total;
  }

  /** Appends a global, and exports it if a name is given. @returns its index. */
  addGlobal(definition: GlobalDefinition & Readonly<{ exportAs?: string }>): number {
    const index = this.#count('global');
    this.#globals.push(definition);
    if (definition.exportAs !== undefined) this.addExport(definition.exportAs, 'global', index);
    return index;
  }

  /** Appends a function. @param name for the name section, so that stack traces show it. @returns its index. */
  addFunction(typeIndex: number, body: FunctionBody, name?: string): number {
    const index = this.declareFunction(typeIndex, name);
    this.defineFunction(index, body);
    return index;
  }

  /** Appends a function whose body follows in {@link defineFunction}: code can refer to it before. @returns its index. */
  declareFunction(typeIndex: number, name?: string): number {
    if (typeIndex >= this.#types.length || typeIndex < 0) {
      this.#refuse(`expected a type index below ${this.#types.length}, found ${typeIndex}`);
    }
    const index = this.#functionTypes.push(typeIndex) - 1;
    if (name !== undefined) this.#names.set(index, name);
    return index;
  }

  /** Gives a declared function its body. */
  defineFunction(functionIndex: number, body: FunctionBody): void {
    if (functionIndex < this.module.functionTypes.length || functionIndex >= this.#functionTypes.length) {
      this.#refuse(`expected the index of a declared function, found ${functionIndex}`);
    }
    if (this.#occupants.has(functionIndex)) this.#refuse(`function ${functionIndex} has a body already`);
    this.#occupants.set(functionIndex, { body: this.#encodeBody(functionIndex, body) });
  }

  /**
   * Puts a new body at a function's index and moves the old one to an appended function of the same type. Callers, exports and
   * tables now reach the new body, which may call the old one. A second detour of a function wraps the first.
   * @param build makes the new body, told where the old one went.
   * @returns the index where the old one went.
   */
  detour(functionIndex: number, build: (originalIndex: number) => FunctionBody): number {
    const occupant = this.#occupantOf(functionIndex);
    const name = this.#nameOf(functionIndex);
    const moved = 'body' in occupant ? 'detour' : 'original';
    const originalIndex = this.declareFunction(this.#functionTypes[functionIndex]!, `${name} (${moved})`);
    this.#occupants.set(originalIndex, occupant);
    this.#occupants.set(functionIndex, { body: this.#encodeBody(functionIndex, build(originalIndex)) });
    return originalIndex;
  }

  /**
   * Replaces the instructions in bytes `start` to `end` of the source module, or inserts before the one at `start` when both are
   * equal. Insertions at one place keep the order in which they were made and come before a replacement that starts there. In a
   * detoured function it is the original body that changes, wherever it went.
   */
  replace(functionIndex: number, start: number, end: number, code: Code): void {
    this.#editsOf(functionIndex).replace(start, end, code);
  }

  /** Appends a local variable to a function of the source module. @returns its index. */
  addLocal(functionIndex: number, type: ValueType): number {
    return this.#editsOf(functionIndex).addLocal(type);
  }

  /** Exports something under a name that is not taken. */
  addExport(name: string, kind: ExternalKind, index: number): void {
    if (this.#exports.has(name)) this.#refuse(`export ${JSON.stringify(name)} exists: redirect it instead`);
    this.#setExport({ name, kind, index });
  }

  /** Makes an existing export of that kind refer to another index. */
  redirectExport(name: string, kind: ExternalKind, newIndex: number): void {
    const found = this.#exports.get(name);
    if (found?.kind !== kind) {
      this.#refuse(
        `expected an export ${JSON.stringify(name)} of kind ${kind}, found ${found ? `a ${found.kind}` : 'none'}`,
      );
    }
    this.#setExport({ name, kind, index: newIndex });
  }

  /**
   * Makes the rewritten module. What was not changed is the same byte for byte.
   * @throws WasmEditError when a declared function has no body.
   */
  encode(): Uint8Array<ArrayBuffer> {
    for (let index = this.module.functionTypes.length; index < this.#functionTypes.length; index++) {
      if (!this.#occupants.has(index))
        this.#refuse(`function ${index} (${this.#nameOf(index)}) was declared but never defined`);
    }
    return encodeRewritten({
      module: this.module,
      types: this.#types.slice(this.module.types.length),
      imports: this.#imports,
      functionTypes: this.#functionTypes.slice(this.module.functionTypes.length),
      globals: this.#globals,
      exports: this.#exportsChanged ? [...this.#exports.values()] : undefined,
      names: this.#names,
      bodyOf: (index) => this.#changedBody(index),
    });
  }

  /** The body at an index, or undefined when it is that of the source module. */
  #changedBody(index: number): ByteWriter | undefined {
    const occupant = this.#occupants.get(index) ?? { sourceFunction: index };
    if ('body' in occupant) return occupant.body;
    const edits = this.#edits.get(occupant.sourceFunction);
    if (edits) return edits.encode();
    if (occupant.sourceFunction === index) return undefined;
    const { start, end } = this.module.code[occupant.sourceFunction - this.module.importedFunctionCount]!;
    return new ByteWriter().bytes(this.module.bytes.subarray(start, end));
  }

  #occupantOf(functionIndex: number): Occupant {
    const { importedFunctionCount, functionTypes } = this.module;
    if (functionIndex < importedFunctionCount || functionIndex >= this.#functionTypes.length) {
      this.#refuse(`expected the index of a function with a body to detour, found ${functionIndex}`);
    }
    const occupant = this.#occupants.get(functionIndex);
    if (occupant) return occupant;
    if (functionIndex >= functionTypes.length) this.#refuse(`function ${functionIndex} has no body to detour yet`);
    return { sourceFunction: functionIndex };
  }

  #editsOf(functionIndex: number): FunctionEdits {
    let edits = this.#edits.get(functionIndex);
    if (edits) return edits;
    const { importedFunctionCount, functionTypes } = this.module;
    if (functionIndex < importedFunctionCount || functionIndex >= functionTypes.length) {
      this.#refuse(
        `expected a function of the source module to edit, ${importedFunctionCount} to ${functionTypes.length - 1}, ` +
          `found ${functionIndex}`,
      );
    }
    edits = new FunctionEdits(this.module, functionIndex);
    this.#edits.set(functionIndex, edits);
    return edits;
  }

  /** Encodes a new body, decoding it once so that a slip in hand-written code shows here and not when the engine compiles. */
  #encodeBody(functionIndex: number, body: FunctionBody): ByteWriter {
    const encoded = encodeBody(body);
    const source = `${this.module.source}: new body of function ${functionIndex} (${this.#nameOf(functionIndex)})`;
    const bytes = encoded.toBytes();
    const cursor = new InstructionCursor(bytes, source);
    cursor.enterBody(0, bytes.length);
    while (cursor.next());
    return encoded;
  }

  #setExport(entry: ExportEntry): void {
    const count = this.#count(entry.kind);
    if (entry.index < 0 || entry.index >= count) {
      this.#refuse(`expected a ${entry.kind} index below ${count} to export, found ${entry.index}`);
    }
    this.#exports.set(entry.name, entry);
    this.#exportsChanged = true;
  }

  #count(kind: ExternalKind): number {
    const imported = this.#imports.filter((entry) => entry.kind === kind).length;
    switch (kind) {
      case 'function':
        return this.#functionTypes.length;
      case 'table':
        return this.module.tables.length + imported;
      case 'memory':
        return this.module.memories.length + imported;
      case 'global':
        return this.module.globals.length + imported + this.#globals.length;
    }
  }

  #nameOf(functionIndex: number): string {
    return (
      this.#names.get(functionIndex) ?? this.module.functionNames.get(functionIndex) ?? `function ${functionIndex}`
    );
  }

  #refuse(problem: string): never {
    throw new WasmEditError(this.module.source, problem);
  }
}
