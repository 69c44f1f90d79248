// Subjects of this room's tests: one small module with something in every section, and the largest real one at hand.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import {
  block,
  br,
  brIf,
  call,
  callIndirect,
  code,
  else_,
  end,
  globalGet,
  globalSet,
  i32Add,
  i32Const,
  i32Load,
  i32Mul,
  i32Store,
  i32Store8,
  i64Const,
  i64Store,
  if_,
  localGet,
  localSet,
  localTee,
  loop,
} from './assembler.ts';
import { buildModule } from './build-module.ts';
import { InstructionCursor } from './instructions.ts';
import type { WasmModule } from './module.ts';
import { readModule } from './reader.ts';
import type { FunctionType } from './value-types.ts';

const unary: FunctionType = { params: ['i32'], results: ['i32'] };
const none: FunctionType = { params: [], results: [] };

/**
 * Imports `env.note`, defines table, memory, global, start, elements, code, data and names. Exports `square(x)`, `fill(n)`, which
 * stores n words at 64, `apply(x)`, which calls `square` through the table, `peek(address)` and `memory`.
 */
export const sampleModule = (): Uint8Array<ArrayBuffer> =>
  buildModule({
    types: [unary],
    imports: [{ module: 'env', name: 'note', kind: 'function', type: { params: ['i32'], results: [] } }],
    functions: [
      {
        type: unary,
        name: 'square',
        exportAs: 'square',
        body: { code: code(localGet(0), call(0), localGet(0), localGet(0), i32Mul) },
      },
      {
        type: { params: ['i32'], results: [] },
        name: 'fill',
        exportAs: 'fill',
        body: {
          locals: ['i32'],
          code: code(
            ...[block(), loop(), localGet(1), localGet(0), [0x4e], brIf(1)],
            ...[localGet(1), i32Const(4), i32Mul, localGet(1), i32Store(64)],
            ...[localGet(1), i32Const(1), i32Add, localSet(1), br(0), end, end],
          ),
        },
      },
      {
        type: unary,
        name: 'apply',
        exportAs: 'apply',
        body: { code: code(localGet(0), i32Const(1), callIndirect(0)) },
      },
      {
        type: unary,
        exportAs: 'peek',
        body: {
          locals: ['i64', 'i64', 'f32'],
          code: code(localGet(0), if_('i32'), localGet(0), i32Load(), else_, i32Const(-1), end),
        },
      },
      {
        type: none,
        name: 'init',
        body: {
          locals: ['i32'],
          code: code(
            ...[globalGet(0), i32Const(7), i32Add, globalSet(0)],
            ...[i32Const(16), localTee(0), i32Const(1), i32Store(4), localGet(0), i64Const(-2n), i64Store(8)],
            ...[i32Const(0), i32Const(255), i32Store8(40)],
          ),
        },
      },
    ],
    tables: [{ element: 'funcref', limits: { min: 2 } }],
    memories: [{ limits: { min: 1, max: 2 } }],
    globals: [{ type: 'i32', mutable: true, init: 35 }],
    exports: [
      { name: 'memory', kind: 'memory', index: 0 },
      { name: 'level', kind: 'global', index: 0 },
    ],
    start: 5,
    elements: [{ offset: 1, functions: [1] }],
    data: [{ address: 4, bytes: Uint8Array.of(1, 2, 3) }],
  });

/** Instantiates a sample module, rewritten or not, and collects what it tells `env.note`. */
export function runSample(bytes: Uint8Array<ArrayBuffer>): { exports: SampleExports; notes: number[] } {
  const notes: number[] = [];
  const imports = { env: { note: (value: number) => notes.push(value) } };
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
  return { exports: instance.exports as unknown as SampleExports, notes };
}

export type SampleExports = Readonly<{
  square: (x: number) => number;
  fill: (n: number) => void;
  apply: (x: number) => number;
  peek: (address: number) => number;
  memory: WebAssembly.Memory;
  level: WebAssembly.Global;
}> &
  Readonly<Record<string, unknown>>;

/** Offsets of the instructions of a function, its final end last. */
export function offsetsOf(module: WasmModule, functionIndex: number): number[] {
  const cursor = new InstructionCursor(module.bytes, module.source);
  const offsets: number[] = [];
  cursor.enterFunction(module, functionIndex);
  while (cursor.next()) offsets.push(cursor.offset);
  return offsets;
}

/** The real module the reader was made for: 2.1 MB with SIMD, bulk memory and names. */
export const readLargeModule = () =>
  readModule(readFileSync(createRequire(import.meta.url).resolve('v86/build/v86.wasm')), 'v86.wasm');
