import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as asm from './assembler.ts';
import { buildModule } from './build-module.ts';

const instantiate = (bytes: Uint8Array<ArrayBuffer>, imports: WebAssembly.Imports = {}) =>
  new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports as Record<
    string,
    (...args: never[]) => never
  >;

test('an adapter module turns a JavaScript function into one that a table takes', () => {
  const type = { params: ['i32', 'i64'], results: ['i64'] } as const;
  const bytes = buildModule({
    imports: [{ module: 'host', name: 'hook', kind: 'function', type }],
    exports: [{ name: 'hook', kind: 'function', index: 0 }],
  });
  const { hook } = instantiate(bytes, { host: { hook: (a: number, b: bigint) => b + BigInt(a) } });
  const table = new WebAssembly.Table({ initial: 1, element: 'anyfunc' });
  table.set(0, hook);
  assert.is(table.get(0)(2, 40n), 42n);
});

test('imports of each kind, elements of a second table, data and start', () => {
  const unary = { params: ['i32'], results: ['i32'] } as const;
  const table = new WebAssembly.Table({ initial: 4, element: 'anyfunc' });
  const bytes = buildModule({
    types: [unary],
    imports: [
      { module: 'm', name: 'table', kind: 'table', table: { element: 'funcref', limits: { min: 1 } } },
      { module: 'm', name: 'memory', kind: 'memory', memory: { limits: { min: 1 } } },
      { module: 'm', name: 'base', kind: 'global', global: { type: 'i32', mutable: false } },
    ],
    tables: [{ element: 'funcref', limits: { min: 3, max: 3 } }],
    functions: [
      { type: unary, body: { code: asm.code(asm.localGet(0), asm.globalGet(0), asm.i32Add) } },
      {
        type: unary,
        exportAs: 'through',
        body: { code: asm.code(asm.localGet(0), asm.i32Const(2), asm.callIndirect(0, 1)) },
      },
      {
        type: { params: [], results: [] },
        body: { code: asm.code(asm.i32Const(0), asm.i32Const(0x55), asm.i32Store8(9)) },
      },
    ],
    elements: [
      { offset: 3, functions: [0] },
      { tableIndex: 1, offset: 2, functions: [0] },
    ],
    data: [{ address: 10, bytes: Uint8Array.of(1, 2) }],
    start: 2,
  });
  const memory = new WebAssembly.Memory({ initial: 1 });
  const base = new WebAssembly.Global({ value: 'i32' }, 30);
  const { through } = instantiate(bytes, { m: { table, memory, base } });
  assert.is(through!(...([12] as never[])), 42);
  assert.is(table.get(3)(1), 31);
  assert.equal([...new Uint8Array(memory.buffer, 8, 4)], [0, 0x55, 1, 2]);
});

test('the assembler speaks what the engine understands', () => {
  const { i32Const, i64Const, localGet } = asm;
  const results: readonly [string, readonly (readonly number[])[], 'i32' | 'i64' | 'f32' | 'f64', number | bigint][] = [
    ['constants keep their bits', [i32Const(0xffff_fffe)], 'i32', -2],
    ['64-bit constants', [i64Const(2n ** 63n)], 'i64', -(2n ** 63n)],
    ['floats', [asm.f32Const(1.5)], 'f32', 1.5],
    ['doubles', [asm.f64Const(Math.E)], 'f64', Math.E],
    ['unsigned comparison', [i32Const(-1), i32Const(1), asm.i32GtU], 'i32', 1],
    ['signed comparison', [i32Const(-1), i32Const(1), asm.i32GtS], 'i32', 0],
    ['shifts', [i32Const(-1), i32Const(28), asm.i32ShrU, i32Const(4), asm.i32Rotl], 'i32', 240],
    ['64-bit arithmetic', [i64Const(5n), i64Const(3n), asm.i64Shl, i64Const(1n), asm.i64Or], 'i64', 41n],
    ['conversions', [i32Const(-1), asm.i64ExtendI32U], 'i64', 0xffff_ffffn],
    ['wrapping', [i64Const(2n ** 32n + 5n), asm.i32WrapI64], 'i32', 5],
    ['selection', [i32Const(1), i32Const(2), i32Const(0), asm.select], 'i32', 2],
    ['early return', [i32Const(1), asm.return_, asm.unreachable], 'i32', 1],
    [
      'loops',
      [
        ...[i32Const(5), asm.localSet(0), asm.block(), asm.loop(), localGet(0), asm.i32Eqz, asm.brIf(1)],
        ...[
          localGet(1),
          localGet(0),
          asm.i32Add,
          asm.localSet(1),
          localGet(0),
          i32Const(1),
          asm.i32Sub,
          asm.localSet(0),
        ],
        ...[asm.br(0), asm.end, asm.end, localGet(1)],
      ],
      'i32',
      15,
    ],
    [
      'memory',
      [
        ...[i32Const(0), i64Const(0x1122_3344_5566_7788n), asm.i64Store(8), i32Const(32), i32Const(8), i32Const(8)],
        ...[asm.memoryCopy, i32Const(40), i32Const(0xff), i32Const(2), asm.memoryFill],
        ...[i32Const(32), asm.i32Load16U(2), i32Const(32), asm.i32Load8S(8), asm.i32Mul],
      ],
      'i32',
      -0x5566,
    ],
  ];
  for (const [what, parts, type, expected] of results) {
    const { run } = instantiate(
      buildModule({
        memories: [{ limits: { min: 1 } }],
        functions: [
          {
            type: { params: [], results: [type] },
            body: { locals: ['i32', 'i32'], code: asm.code(...parts) },
            exportAs: 'run',
          },
        ],
      }),
    );
    assert.is(run!(), expected, what);
  }
});

test.run();
