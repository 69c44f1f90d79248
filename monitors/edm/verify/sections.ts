// What a module says of itself before its code: types, imports, exports, segments. The indices that code is checked with come from here.
import { EDM_IMPORT, GATE_SLOT, SLOW_WAYS } from '../facts.ts';
import type { ModuleKind } from '../ipr.ts';
import { ABSENT, type Module } from './module.ts';
import { isValueType } from './opcodes.ts';
import type { Rule } from './rules.ts';
import { isSafe } from './safe.ts';

const [FUNCTION, TABLE, MEMORY, GLOBAL] = [0, 1, 2, 3] as const;
const I32 = 0x7f;
const HOOKS = 'wolfden.hooks';
const STACK_POINTER = 'wolfden.stack-pointer';

/** What may be imported beside EDM's: any functions of one module, and what else, each once. */
const ALLOWED: Readonly<Record<ModuleKind, { readonly from: string; readonly others: readonly string[] }>> = {
  core: { from: 'env', others: [`${TABLE} __indirect_function_table`, `${TABLE} ${HOOKS}`] },
  jit: { from: 'e', others: [`${MEMORY} m`] },
  extension: { from: 'v86', others: [`${MEMORY} memory`, `${TABLE} table`, `${GLOBAL} ${STACK_POINTER}`] },
};

const EDM = [`${TABLE} ${EDM_IMPORT.gate}`, `${GLOBAL} ${EDM_IMPORT.ledger}`] as const;

/** Reads as many items as the next number says. They all take bytes, so that a large number comes to an end with the module. */
export function each(module: Module, item: (at: number) => void): void {
  for (let count = module.u32(); count > 0; count--) item(module.at);
}

export function valueType(module: Module): number {
  const type = module.byte();
  if (!isValueType(type)) module.malformed(`value type ${type}`);
  return type;
}

/** Of a table or memory. @returns the minimum */
function limits(module: Module, rule: 'tables' | 'memory'): number {
  const flags = module.byte();
  // Longer addresses would not be those that guards ask about, and a second thread could change what a guard has looked at.
  if (flags > 1) module.refuse(rule, 'more than a minimum and a maximum');
  const minimum = module.u32();
  if ((flags & 1) !== 0) module.u32();
  return minimum;
}

/** Types of the gate and of the check, in bytes: four i32 or three, and one i32 that is returned. */
const GATE_TYPE = [0x60, 4, I32, I32, I32, I32, 1, I32].join();
const CHECK_TYPE = [0x60, 3, I32, I32, I32, 1, I32].join();

export function types(module: Module): void {
  each(module, (at) => {
    if (module.byte() !== 0x60) module.malformed('a type that is no function');
    for (let lists = 2; lists > 0; lists--) each(module, () => valueType(module));
    const index = module.types++;
    const bytes = module.bytes.subarray(at, module.at).join();
    if (bytes === GATE_TYPE && module.gateType === ABSENT) module.gateType = index;
    if (bytes === CHECK_TYPE && module.checkType === ABSENT) module.checkType = index;
  });
}

export function imports(module: Module): void {
  const { from, others } = ALLOWED[module.kind];
  const left = new Set(others);
  let ofEdm = 0;
  each(module, (at) => {
    const [source, name, external] = [module.name(), module.name(), module.byte()];
    if (external > GLOBAL) module.malformed('an import of a kind that is not known here');
    const index = module.imported[external]!++;
    const key = `${external} ${name}`;
    const fits = importType(module, external);
    if (source === EDM_IMPORT.module || ofEdm > 0) {
      if (source !== EDM_IMPORT.module || key !== EDM[ofEdm++] || !fits) module.refuse('edm', `${source}.${name}`, at);
      else if (external === TABLE) module.gate = index;
      else module.ledger = index;
    } else if (source !== from || (external !== FUNCTION && !left.delete(key)))
      module.refuse('imports', `${source}.${name}`, at);
    else if (external === FUNCTION) {
      module.writes.set(index, SLOW_WAYS.write[name]);
      module.readWrites.set(index, SLOW_WAYS.readWrite[name]);
    } else if (name === HOOKS) module.hooks = index;
    else if (name === STACK_POINTER) module.stackPointer = index;
  });
}

/** Reads what an import is. @returns whether it is as EDM's has to be: a gate with all its slots, a ledger that is an immutable i32 */
function importType(module: Module, external: number): boolean {
  if (external === TABLE)
    return valueType(module) === 0x70 && limits(module, 'tables') >= Object.keys(GATE_SLOT).length;
  if (external === GLOBAL) return [valueType(module), module.byte()].join() === `${I32},0`;
  if (external === MEMORY) memory(module);
  else module.u32();
  return false;
}

function memory(module: Module): void {
  limits(module, 'memory');
  module.memories++;
}

const refuseWhole = (rule: Rule) => (module: Module, end: number) => {
  module.refuse(rule, 'such a section');
  module.at = end;
};
export const tables = refuseWhole('tables');
export const start = refuseWhole('start');

export function functions(module: Module): void {
  each(module, () => module.functions.push(module.u32()));
}

export function memories(module: Module): void {
  if (module.kind !== 'core') module.refuse('memory', 'a memory of its own');
  each(module, () => memory(module));
}

export function globals(module: Module): void {
  each(module, () => {
    valueType(module);
    module.byte();
    module.constant();
  });
  // v86.wasm defines its stack pointer first.
  if (module.kind === 'core') module.stackPointer = module.imported[GLOBAL]!;
}

export function exports(module: Module): void {
  each(module, (at) => {
    const name = module.name();
    const external = module.byte();
    const index = module.u32();
    const { check, gate, hooks, ledger } = module;
    const isEdms = [[check], [gate, hooks], [], [ledger]][external]?.includes(index);
    if (isEdms) module.refuse('exports', name, at);
    if (external === GLOBAL && name.startsWith('wolfden.slot.') && index !== module.stackPointer)
      module.slots.add(index);
  });
}

export function elements(module: Module): void {
  each(module, (at) => {
    // 0: active, of table 0; 1: passive; 3: only declared; all of function indices. Other forms are not known here.
    const flags = module.byte();
    if (flags !== 0 && flags !== 1 && flags !== 3) module.malformed('a form of elements that is not known here');
    if (flags !== 0) module.byte();
    else {
      if (module.kind !== 'core' || module.gate === 0 || module.hooks === 0) module.refuse('elements', 'others', at);
      module.constant();
    }
    each(module, (place) => {
      if (module.u32() === module.check) module.refuse('check', 'it among the elements', place);
    });
  });
}

export function dataCount(module: Module): void {
  module.u32();
}

export function data(module: Module): void {
  each(module, (at) => {
    const flags = module.byte();
    if (flags > 1) module.malformed('a form of data that is not known here');
    const first = flags === 0 ? module.constant() : undefined;
    const length = module.u32();
    module.skip(length);
    const isSafeHere = module.kind === 'core' && first !== undefined && isSafe(first >>> 0, (first >>> 0) + length);
    if (flags === 0 && !isSafeHere) module.refuse('data', `${length} bytes at ${first}`, at);
  });
}
