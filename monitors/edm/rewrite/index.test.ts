// The rewriter: restricted code asks before it stores, and does nothing else differently.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import wabt from 'wabt';
import { loadAssets } from '../../../emulator/node/assets.ts';
import { GATE_SLOT } from '../facts.ts';
import { type ModuleKind, restrict, siteOf } from './index.ts';

const { parseWat } = await wabt();
const FEATURES = { simd: true, bulk_memory: true, reference_types: true, threads: true, mutable_globals: true };

/** Linear address of the ledger in the tests' memory, and of a page that may not be written. */
const LEDGER = 0x100000;
const CLOSED = 0x20;

type Call = readonly [gate: string, ...values: number[]];

/** Restricts a module of one function `f` and runs it against a gate in TypeScript. */
function world(fields: string, kind: ModuleKind = 'extension') {
  const source = parseWat('test.wat', `(module (import "v86" "memory" (memory 1)) ${fields})`, FEATURES).toBinary(
    {},
  ).buffer;
  const bytes = restrict(source, { kind, module: 3, source: 'test.wat' });
  const memory = new WebAssembly.Memory({ initial: 64 });
  const view = new Uint8Array(memory.buffer);
  view[LEDGER + CLOSED] = 0x80;
  const calls: Call[] = [];
  const names = Object.keys(GATE_SLOT);
  const gate = new WebAssembly.Table({ element: 'anyfunc', initial: names.length });
  const adapter = parseWat(
    'gate.wat',
    `(module (import "t" "gate" (func $g (param i32 i32 i32 i32 i32) (result i32)))
      ${names
        .map(
          (name, slot) => `(func (export "${name}") (param i32 i32 i32 i32) (result i32)
        (call $g (i32.const ${slot}) (local.get 0) (local.get 1) (local.get 2) (local.get 3)))`,
        )
        .join('\n')})`,
  ).toBinary({}).buffer;
  const decide = (slot: number, ...values: number[]): number => {
    calls.push([names[slot]!, ...values]);
    return 0;
  };
  const functions = new WebAssembly.Instance(new WebAssembly.Module(adapter as BufferSource), { t: { gate: decide } })
    .exports;
  for (const [slot, name] of names.entries()) gate.set(slot, functions[name]);
  const ledger = new WebAssembly.Global({ value: 'i32', mutable: false }, LEDGER);
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 8 });
  const stack = new WebAssembly.Global({ value: 'i32', mutable: true }, 512);
  const imports = { edm: { gate, ledger }, v86: { memory, table, 'wolfden.stack-pointer': stack } };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), imports);
  return { run: exports.f as (...values: unknown[]) => unknown, view, calls, source, stack, memory };
}

const site = (ordinal: number): number => (3 << 20) | ordinal;
const inClosed = CLOSED * 4096;

const STORES: readonly [instruction: string, width: number][] = [
  ['(i32.store8 (local.get 0) (i32.const -1))', 1],
  ['(i32.store16 (local.get 0) (i32.const -1))', 2],
  ['(i32.store (local.get 0) (i32.const -1))', 4],
  ['(i64.store8 (local.get 0) (i64.const -1))', 1],
  ['(i64.store16 (local.get 0) (i64.const -1))', 2],
  ['(i64.store32 (local.get 0) (i64.const -1))', 4],
  ['(i64.store (local.get 0) (i64.const -1))', 8],
  ['(f32.store (local.get 0) (f32.const 1))', 4],
  ['(f64.store (local.get 0) (f64.const 1))', 8],
  ['(v128.store (local.get 0) (v128.const i64x2 -1 -1))', 16],
  ['(v128.store8_lane 1 (local.get 0) (v128.const i64x2 -1 -1))', 1],
  ['(v128.store64_lane 1 (local.get 0) (v128.const i64x2 -1 -1))', 8],
];

for (const [store, width] of STORES)
  test(`${store.slice(1).split(' ')[0]} asks where the ledger says so, and only there`, () => {
    const { run, view, calls } = world(`(func (export "f") (param i32) ${store})`);
    run(0x8000);
    assert.ok(view.subarray(0x8000, 0x8000 + width).some((byte) => byte !== 0));
    assert.equal(calls, []);
    run(inClosed + 64);
    assert.equal(calls, [['check', inClosed + 64, width, 0, site(0)]]);
    assert.ok(view.subarray(inClosed, inClosed + 4096).every((byte) => byte === 0));
  });

test('a store that ends in a closed page asks, one with an offset names where it goes', () => {
  const { run, calls } = world('(func (export "f") (param i32) (i64.store offset=4096 (local.get 0) (i64.const -1)))');
  run(inClosed - 4096 - 4);
  assert.equal(calls, [['check', inClosed - 4, 8, 0, site(0)]]);
});

test('the operands keep their order, and each operation has a site of its own that is found again', () => {
  const { run, view, calls, source } = world(`
    (global $unused i32 (i32.const 7))
    (func $address (param i32) (result i32) (i32.add (local.get 0) (global.get $unused)))
    (func (export "f") (param i32) (result i32)
      (i32.store (call $address (local.get 0)) (i32.const 5))
      (i32.store (i32.add (local.get 0) (i32.const ${inClosed})) (i32.const 6))
      (global.get $unused))`);
  assert.is(run(0x7000), 7);
  assert.is(view[0x7007], 5);
  assert.equal(
    calls,
    [['check', inClosed + 0x7000, 4, 0, site(1)]].filter(() => view[LEDGER + CLOSED + 7] !== 0),
  );
  const first = siteOf(source, site(0))!;
  const second = siteOf(source, site(1))!;
  assert.is(source[first.offset], 0x36);
  assert.is(source[second.offset], 0x36);
  assert.ok(second.offset > first.offset && second.functionIndex === first.functionIndex);
  assert.is(siteOf(source, site(2)), undefined);
});

test('constant addresses among v86’s statics are stored to unasked, protected state is not', () => {
  const fields =
    '(func (export "f") (i32.store (i32.const 0x5000) (i32.const 1)) (i32.store (i32.const 580) (i32.const 2)))';
  const extension = world(fields);
  extension.view[LEDGER] = 0x80;
  extension.run();
  assert.equal(extension.calls, [['check', 580, 4, 0, site(0)]]);
  const core = world(fields, 'core');
  core.run();
  assert.equal(core.calls, [['state', 580, 2, 4, site(0)]]);
  assert.is(core.view[0x5000], 1);
  assert.is(core.view[580], 0);
});

test('64 bits of which 32 are stored reach the gate as 32', () => {
  const { run, calls } = world(
    '(func (export "f") (i64.store32 offset=592 (i32.const 0) (i64.const 0x100000007)))',
    'core',
  );
  run();
  assert.equal(calls, [['state', 592, 7, 4, site(0)]]);
});

test('a store to the soft TLB is the gate’s to do, however its address is computed', () => {
  const computed = world(
    '(func (export "f") (param i32) (local $p i32) (local.set $p (i32.add (i32.shl (local.get 0) (i32.const 2)) (i32.const 4283748))) (i32.store (local.get $p) (i32.const 9)))',
    'core',
  );
  computed.run(4);
  assert.equal(computed.calls, [['tlb', 4283748 + 16, 9, 0, site(0)]]);
  const { run, calls } = world(
    '(func (export "f") (param i32) (i32.store offset=4283748 (local.get 0) (i32.const 9)))',
    'core',
  );
  run(16);
  assert.equal(calls, [['tlb', 4283748 + 16, 9, 0, site(0)]]);
});

test('but only of whole words, and atomic stores are refused', () => {
  for (const store of ['i32.store8', 'i32.store16', 'i64.store8', 'i32.atomic.store'])
    for (const address of [4283748 + 16, 580]) {
      const value = store.startsWith('i64') ? '(i64.const 9)' : '(i32.const 9)';
      const source = `(module (memory (export "memory") 1) (func (export "f") (${store} (i32.const ${address}) ${value})))`;
      const bytes = parseWat('test.wat', source, FEATURES).toBinary({}).buffer;
      const gate = (slot: number) => [0x41, slot, 0x11]; // i32.const slot; call_indirect
      const restricted = restrict(bytes, { kind: 'core', module: 0, source: 'test.wat' });
      const calls = Object.values(GATE_SLOT).filter((slot) =>
        restricted.some((_, at) => gate(slot).every((byte, k) => restricted[at + k] === byte)),
      );
      // Of state slot 1 stores parts, for it is told the width.
      assert.equal(
        calls,
        [store === 'i32.atomic.store' ? GATE_SLOT.refused : GATE_SLOT.state],
        `${store} to ${address}`,
      );
    }
});

test('bulk operations and growth go through the gate', () => {
  const fill = world('(func (export "f") (memory.fill (i32.const 0x9000) (i32.const 1) (i32.const 3)))');
  fill.run();
  assert.equal(fill.calls, [['check', 0x9000, 3, 0, site(0)]]);
  assert.is(fill.view[0x9000], 0);
  const grow = world('(func (export "f") (result i32) (memory.grow (i32.const 2)))');
  assert.is(grow.run(), 0);
  assert.equal(grow.calls, [['grow', 2, 0, 0, site(0)]]);
  assert.is(grow.memory.buffer.byteLength, 64 << 16);
});

for (const [what, fields, opcode] of [
  [
    'table.set',
    '(import "v86" "table" (table 1 funcref)) (func (export "f") (table.set (i32.const 0) (ref.null func)))',
    0x26,
  ],
  [
    'table.grow',
    '(import "v86" "table" (table 1 funcref)) (func (export "f") (drop (table.grow (ref.null func) (i32.const 1))))',
    0xfc0f,
  ],
  ['global.set', '(global $g (mut i32) (i32.const 0)) (func (export "f") (global.set $g (i32.const 1)))', 0x24],
  ['an atomic exchange', '(func (export "f") (drop (i32.atomic.rmw.xchg (i32.const 64) (i32.const 1))))', 0xfe41],
] as const)
  test(`${what} is an alarm and a trap`, () => {
    const { run, calls } = world(fields);
    assert.throws(
      () => run(),
      (error: Error) => error instanceof WebAssembly.RuntimeError,
    );
    assert.equal(calls, [['refused', opcode, 0, 0, site(0)]]);
  });

test('a table of its own would stand where the gate does', () => {
  assert.throws(
    () => world('(table 1 funcref) (func (export "f"))'),
    /test\.wat: expected a module that defines no table/,
  );
});

test('the shadow stack pointer may be written', () => {
  const { run, calls, stack } = world(`
    (import "v86" "wolfden.stack-pointer" (global $sp (mut i32)))
    (func (export "f") (global.set $sp (i32.sub (global.get $sp) (i32.const 16))))`);
  run();
  assert.is(stack.value, 496);
  assert.equal(calls, []);
});

test('v86.wasm with its hooks: the engine takes what becomes of it, and all its exports are there', async () => {
  const { wasm } = await loadAssets();
  const module = await WebAssembly.compile(
    restrict(wasm as Uint8Array, { kind: 'core', module: 0, source: 'v86.wasm' }) as BufferSource,
  );
  const names = (one: WebAssembly.Module) => WebAssembly.Module.exports(one).map(({ name }) => name);
  assert.equal(names(module), names(await WebAssembly.compile(wasm as BufferSource)));
});

test.run();
