// For tests: random modules as VMM code might be, in the three kinds that there are.
import { SeededRandom, wasm } from '../../../emulator/index.ts';
import type { ModuleKind } from '../ipr.ts';
import { LOCALS, RandomCode } from './random-code.ts';
import { sectionsOf } from './sections.ts';
import { SLOW_WAY_NAMES, slowWayParameters } from './soft-tlb-wat.ts';

const { assembler: a } = wasm;
const FUNCTION: wasm.FunctionType = { params: ['i32', 'i32'], results: ['i32'] };

/** Pages of 64 KiB of the memory that the modules run in. */
export const MEMORY_PAGES = 205;

type Import = NonNullable<wasm.ModuleDescription['imports']>[number];
const memory = (module: string, name: string): Import => ({
  kind: 'memory',
  module,
  name,
  memory: { limits: { min: 1 } },
});
const table = (module: string, name: string): Import => ({
  kind: 'table',
  module,
  name,
  table: { element: 'funcref', limits: { min: 8 } },
});

const slowWay = (name: string): Import => ({
  ...{ kind: 'function', module: 'e', name },
  type: { params: slowWayParameters(name), results: ['i32'] },
});

const IMPORTS: Readonly<Record<ModuleKind, readonly Import[]>> = {
  core: [table('env', '__indirect_function_table')],
  jit: [memory('e', 'm'), ...SLOW_WAY_NAMES.map(slowWay)],
  extension: [
    memory('v86', 'memory'),
    table('v86', 'table'),
    { kind: 'global', module: 'v86', name: 'wolfden.stack-pointer', global: { type: 'i32', mutable: true } },
  ],
};

/** A module with a function `f` of two i32. The same seed gives the same module. */
export function randomModule(seed: number, kind: ModuleKind): Uint8Array<ArrayBuffer> {
  const isCore = kind === 'core';
  const slowWays = kind === 'jit' ? SLOW_WAY_NAMES : [];
  const code = new RandomCode(new SeededRandom(seed), kind === 'jit' ? -1 : 0, kind !== 'jit', slowWays);
  const count = 1 + code.below(3);
  const bytes = wasm.buildModule({
    imports: IMPORTS[kind],
    ...(isCore && {
      memories: [{ limits: { min: MEMORY_PAGES, max: MEMORY_PAGES } }],
      globals: [{ type: 'i32', mutable: true, init: 512 }],
      exports: [
        { name: 'memory', kind: 'memory', index: 0 },
        { name: 'wolfden.stack-pointer', kind: 'global', index: 0 },
      ],
    }),
    functions: Array.from({ length: count }, (_, index) => ({
      type: FUNCTION,
      body: { locals: LOCALS.slice(2), code: wasm.code(code.body(index, count), [0x01]) },
      ...(index === 0 && { exportAs: 'f' }),
    })),
  });
  return withPassiveData(bytes, new TextEncoder().encode('passive!'));
}

/** Adds one passive data segment, and the count of segments that goes before code. */
function withPassiveData(bytes: Uint8Array, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const code = [...sectionsOf(bytes)].find(({ id }) => id === 10)!.at;
  const segment = [1, 1, ...a.call(data.length).slice(1), ...data];
  return new Uint8Array(
    wasm.code(bytes.subarray(0, code), [12, 1, 1], bytes.subarray(code), [11, segment.length], segment),
  );
}
