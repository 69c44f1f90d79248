// What a module says of itself before its code: types, imports, exports, segments. The indices that code is checked with come from here.
import { EDM_IMPORT } from '../facts.ts';
import type { ModuleKind } from '../ipr.ts';
import type { Module } from './module.ts';
import { isValueType } from './opcodes.ts';
import type { Rule } from './rules.ts';
import { isSafe } from './safe.ts';

const [FUNCTION, TABLE, MEMORY, GLOBAL] = [0, 1, 2, 3] as const;
const HOOKS = 'wolfden.hooks';
const STACK_POINTER = 'wolfden.stack-pointer';

/** What may be imported: any functions of one module, and what else of it, each once. */
const ALLOWED: Readonly<Record<ModuleKind, { readonly from: string; readonly others: readonly string[] }>> = {
  core: { from: 'env', others: [`${TABLE} __indirect_function_table`, `${TABLE} ${HOOKS}`] },
  jit: { from: 'e', others: [`${MEMORY} m`] },
  extension: { from: 'v86', others: [`${MEMORY} memory`, `${TABLE} table`, `${GLOBAL} ${STACK_POINTER}`] },
};

/** And of EDM, each once, too. That they are a table of functions and an immutable i32 the engine sees to when it links them. */
const GATE = `${EDM_IMPORT.module} ${TABLE} ${EDM_IMPORT.gate}`;
const LEDGER = `${EDM_IMPORT.module} ${GLOBAL} ${EDM_IMPORT.ledger}`;

/** Reads as many items as the next number says. They all take bytes, so that a large number comes to an end with the module. */
export function each(module: Module, item: (at: number, index: number) => void): void {
  for (let [index, count] = [0, module.u32()]; index < count; index++) item(module.at, index);
}

export function valueType(module: Module): void {
  const type = module.byte();
  if (!isValueType(type)) module.refuse('format', `value type ${type}`);
}

/**
 * Of a table or memory: a minimum, and a maximum perhaps. Longer addresses would not be those that guards ask about, and a second thread could change what a
 * guard has looked at.
 */
function limits(module: Module): void {
  const flags = module.byte();
  if (flags > 1) module.refuse('format', 'more than a minimum and a maximum');
  for (let numbers = 1 + flags; numbers > 0; numbers--) module.u32();
}

function types(module: Module): void {
  each(module, () => {
    if (module.byte() !== 0x60) module.refuse('format', 'a type that is no function');
    for (let lists = 2; lists > 0; lists--) each(module, () => valueType(module));
  });
}

function imports(module: Module): void {
  const { from, others } = ALLOWED[module.kind];
  const left = new Set([...others.map((other) => `${from} ${other}`), GATE, LEDGER]);
  each(module, (at) => {
    const [source, name, kind] = [module.name(), module.name(), module.byte()];
    const key = `${source} ${kind} ${name}`;
    if (!left.delete(key) && (source !== from || kind !== FUNCTION)) module.refuse('imports', key, at);
    const index = module.counts[kind]!++;
    if (kind === TABLE || kind === GLOBAL) valueType(module);
    if (kind === TABLE || kind === MEMORY) limits(module);
    if (kind === FUNCTION || kind === GLOBAL) module.u32();
    if (kind === FUNCTION) module.names.push(name);
    else if (key === GATE) module.gate = index;
    else if (key === LEDGER) module.ledger = index;
    else if (name === HOOKS) module.hooks = index;
    else if (name === STACK_POINTER) module.stackPointer = index;
  });
}

const functions = (module: Module): void => each(module, () => module.u32());

function memories(module: Module): void {
  if (module.kind !== 'core') module.refuse('memory', 'a memory of its own');
  each(module, () => {
    limits(module);
    module.counts[MEMORY]!++;
  });
}

function globals(module: Module): void {
  each(module, () => {
    valueType(module);
    module.byte();
    module.constant();
  });
  // v86.wasm defines its stack pointer first.
  if (module.kind === 'core') module.stackPointer = module.counts[GLOBAL]!;
}

function exports(module: Module): void {
  const { gate, hooks, ledger, stackPointer, hookSlots } = module;
  each(module, (at) => {
    const [name, kind, index] = [module.name(), module.byte(), module.u32()];
    const isEdms = kind === TABLE ? index === gate || index === hooks : kind === GLOBAL && index === ledger;
    if (isEdms) module.refuse('exports', name, at);
    if (kind === GLOBAL && name.startsWith('wolfden.slot.') && index !== stackPointer) hookSlots.add(index);
  });
}

function elements(module: Module): void {
  each(module, (at) => {
    // 0: active, of table 0; 1: passive; 3: only declared; all of function indices. Other forms are not known here.
    const flags = module.byte();
    if (![0, 1, 3].includes(flags)) module.refuse('format', 'a form of elements that is not known here');
    const isTheirs = module.kind === 'core' && module.gate !== 0 && module.hooks !== 0;
    if (flags === 0 && !isTheirs) module.refuse('elements', 'others', at);
    if (flags === 0) module.constant();
    else module.byte();
    each(module, () => module.u32());
  });
}

const refuseWhole = (rule: Rule) => (module: Module, end: number) => {
  module.at = end;
  module.refuse(rule, 'such a section');
};

/** Sections 1 to 9. */
const FIRST = [types, imports, functions, refuseWhole('tables')];
export const BEFORE_CODE = [...FIRST, memories, globals, exports, refuseWhole('start'), elements];

export const dataCount = (module: Module): number => module.u32();

export function data(module: Module): void {
  each(module, (at) => {
    const flags = module.byte();
    if (flags > 1) module.refuse('format', 'a form of data that is not known here');
    const first = flags === 0 ? module.constant() : undefined;
    const length = module.u32();
    module.skip(length);
    const isSafeHere = module.kind === 'core' && first !== undefined && isSafe(first >>> 0, (first >>> 0) + length);
    if (flags === 0 && !isSafeHere) module.refuse('data', `${length} bytes at ${first}`, at);
  });
}
