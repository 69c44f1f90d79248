// IPR, instrumentation-based privilege restriction (Deng et al., VEE 2017, section on IPR as far as known): turns VMM code into code that stores
// nowhere but where EDM's ledger lets it, and does nothing privileged but through EDM's gate. It may be clever, for `../verify` believes none of it.
import { wasm } from '../../../emulator/index.ts';
import { EDM_IMPORT, GATE_SLOT, SLOW_SITE, SLOW_WAYS } from '../facts.ts';
import { FIRST_EXTENSION } from '../sites.ts';
import { BodyRewriter } from './body.ts';
import type { Frame, ModuleKind } from './frame.ts';

export type { ModuleKind } from './frame.ts';

/** How a module is restricted. */
export interface RestrictOptions {
  readonly kind: ModuleKind;
  /** The module's number: the upper twelve bits of its sites. */
  readonly module: number;
  /** Names the module in errors. */
  readonly source: string;
}

const OP_CALL = 0x10;

/** The name under which v86's shadow stack pointer is imported and exported. */
const STACK_POINTER = 'wolfden.stack-pointer';

/**
 * Rewrites a module.
 * @throws WasmFormatError when it is none; WasmEditError when it does what can't be rewritten
 */
export function restrict(bytes: Uint8Array, { kind, module: number, source }: RestrictOptions): Uint8Array {
  const module = wasm.readModule(bytes, source);
  if (wasm.countImports(module, 'table') !== module.tables.length)
    throw new wasm.WasmEditError(
      source,
      'expected a module that defines no table, for the gate is imported as its last; found one',
    );
  const frame = frameOf(module, kind, number);
  const bodies = new BodyRewriter(module, frame);
  return wasm.encodeRewritten({
    module,
    types: frame.gateType < module.types.length ? [] : [GATE_TYPE],
    imports: EDM_IMPORTS,
    functionTypes: [],
    globals: [],
    exports: module.exports.map((entry) =>
      entry.kind === 'global' && entry.index >= frame.ledger ? { ...entry, index: entry.index + 1 } : entry,
    ),
    names: new Map(),
    bodyOf: (index) => bodies.rewrite(index),
  });
}

/**
 * Finds the operation of a site again.
 * @param bytes the module as it was before it was rewritten
 * @returns undefined when the module has no such site
 */
export function siteOf(
  bytes: Uint8Array,
  site: number,
): { readonly functionIndex: number; readonly name: string; readonly offset: number } | undefined {
  const module = wasm.readModule(bytes, 'a module of the VMM');
  const [number, ordinal] = [site >>> 20, site & 0xfffff];
  if (number > 0 && number < FIRST_EXTENSION && ordinal >= SLOW_SITE)
    return slowSiteOf(module, number - 1, ordinal - SLOW_SITE);
  // v86.wasm is module 0 and walked in its own way; all others are alike.
  const bodies = new BodyRewriter(module, frameOf(module, number === 0 ? 'core' : 'extension', 0));
  for (let functionIndex = module.importedFunctionCount; functionIndex < module.functionTypes.length; functionIndex++) {
    const first = bodies.sites;
    bodies.rewrite(functionIndex);
    if (bodies.sites <= ordinal) continue;
    return placeIn(module, functionIndex, bodies.offsets[ordinal - first]!);
  }
  return undefined;
}

const placeIn = (module: wasm.WasmModule, functionIndex: number, offset: number) => ({
  ...{ functionIndex, offset },
  name: module.functionNames.get(functionIndex) ?? `function ${functionIndex}`,
});

/**
 * The call by which compiled code wrote for an instruction of the guest.
 * @param slot of the compiled code @param instruction where it is in its page: both are told to the slow way, in one constant
 */
function slowSiteOf(module: wasm.WasmModule, slot: number, instruction: number): ReturnType<typeof siteOf> {
  const functions = module.imports.filter(({ kind }) => kind === 'function');
  const slow = new Set(
    functions.flatMap(({ name }, i) => (name in SLOW_WAYS.write || name in SLOW_WAYS.readWrite ? [i] : [])),
  );
  const walk = new wasm.FunctionWalk(module);
  for (let functionIndex = module.importedFunctionCount; functionIndex < module.functionTypes.length; functionIndex++) {
    walk.enter(functionIndex);
    while (walk.next()) {
      const { opcode, imm0, offset } = walk.cursor;
      if (opcode !== OP_CALL || !slow.has(imm0)) continue;
      if (walk.operandConstant(0) === ((slot << 16) | instruction)) return placeIn(module, functionIndex, offset);
    }
  }
  return undefined;
}

const EDM_IMPORTS: readonly wasm.ImportEntry[] = [
  {
    kind: 'table',
    module: EDM_IMPORT.module,
    name: EDM_IMPORT.gate,
    table: { element: 'funcref', limits: { min: Object.keys(GATE_SLOT).length } },
  },
  {
    kind: 'global',
    module: EDM_IMPORT.module,
    name: EDM_IMPORT.ledger,
    global: { type: 'i32', mutable: false },
  },
];

const GATE_TYPE: wasm.FunctionType = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] };

/** Type index of the gate; the number of types where the module lacks it. */
function gateTypeOf({ types }: wasm.WasmModule): number {
  const known = types.findIndex((type) => wasm.formatType(type) === wasm.formatType(GATE_TYPE));
  return known < 0 ? types.length : known;
}

const frameOf = (module: wasm.WasmModule, kind: ModuleKind, number: number): Frame => ({
  kind,
  module: number,
  gateType: gateTypeOf(module),
  gate: module.tables.length,
  ledger: wasm.countImports(module, 'global'),
  stackPointer: stackPointerOf(module),
});

/** v86 exports its shadow stack pointer; extensions import it under the same name. */
function stackPointerOf({ exports, imports }: wasm.WasmModule): number {
  const exported = exports.find(({ name, kind }) => name === STACK_POINTER && kind === 'global');
  if (exported) return exported.index;
  return imports
    .filter(({ kind }) => kind === 'global')
    .findIndex(({ name, module }) => name === STACK_POINTER && module === 'v86');
}
