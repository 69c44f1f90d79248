import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as asm from './assembler.ts';
import { buildModule } from './build-module.ts';
import { functionByName, functionsByName, typeOf } from './module.ts';
import { readModule } from './reader.ts';
import { Rewriter } from './rewriter.ts';
import { offsetsOf, readLargeModule, runSample, sampleModule } from './sample-modules.ts';
import { scanStores } from './scan.ts';

const open = () => new Rewriter(readModule(sampleModule(), 'sample'));
const index = (rewriter: Rewriter, name: string) => functionByName(rewriter.module, name);
const { code, localGet, i32Const, i32Add, call } = asm;

test('without changes the bytes are the same', () => {
  assert.equal(open().encode(), sampleModule());
  const large = readLargeModule();
  assert.ok(Buffer.from(new Rewriter(large).encode()).equals(large.bytes));
});

test('a detour runs for callers, exports and tables, and can call the original', () => {
  const rewriter = open();
  // square(x) + 1000, with the argument reported by both: 100 + x by the new body, x by the old.
  rewriter.detour(index(rewriter, 'square'), (original) => ({
    code: code(localGet(0), i32Const(100), i32Add, call(0), localGet(0), call(original), i32Const(1000), i32Add),
  }));
  const { exports, notes } = runSample(rewriter.encode());
  assert.is(exports.square(5), 1025);
  assert.is(exports.apply(6), 1036);
  assert.equal(notes, [105, 5, 106, 6]);
});

test('a second detour wraps the first', () => {
  const rewriter = open();
  const square = index(rewriter, 'square');
  rewriter.detour(square, (original) => ({ code: code(localGet(0), call(original), i32Const(1), i32Add) }));
  const inner = rewriter.detour(square, (original) => ({
    code: code(localGet(0), call(original), i32Const(3), asm.i32Mul),
  }));
  assert.is(runSample(rewriter.encode()).exports.square(2), 15);
  // The function that holds the first detour is one to be detoured as well.
  rewriter.detour(inner, (original) => ({ code: code(localGet(0), call(original), i32Const(10), i32Add) }));
  assert.is(runSample(rewriter.encode()).exports.square(2), 45);
});

test('edits of a detoured function change its original, whichever came first', () => {
  for (const editFirst of [true, false]) {
    const rewriter = open();
    const square = index(rewriter, 'square');
    const edit = () => {
      const offsets = offsetsOf(rewriter.module, square);
      rewriter.replace(square, offsets.at(-1)!, offsets.at(-1)!, code(i32Const(7), i32Add));
    };
    if (editFirst) edit();
    rewriter.detour(square, (original) => ({ code: code(localGet(0), call(original), i32Const(1000), asm.i32Mul) }));
    if (!editFirst) edit();
    assert.is(runSample(rewriter.encode()).exports.square(3), 16_000);
  }
});

test('a counter before every store counts every store', () => {
  const rewriter = open();
  const counter = rewriter.addGlobal({ type: 'i32', mutable: true, init: 0, exportAs: 'stores' });
  const bump = code(asm.globalGet(counter), i32Const(1), i32Add, asm.globalSet(counter));
  scanStores(rewriter.module, ({ functionIndex, offset }) => rewriter.replace(functionIndex, offset, offset, bump));
  const plain = runSample(sampleModule()).exports;
  const { exports } = runSample(rewriter.encode());
  const stores = exports.stores as WebAssembly.Global;
  // The start function has three.
  assert.is(stores.value, 3);
  for (const instance of [plain, exports]) instance.fill(50);
  assert.is(stores.value, 53);
  assert.equal(new Uint8Array(exports.memory.buffer), new Uint8Array(plain.memory.buffer));
  assert.is(exports.level.value, plain.level.value);
});

test('a guard with its own locals sees address and value of a store', () => {
  const rewriter = open();
  const fill = index(rewriter, 'fill');
  const locals = [rewriter.addLocal(fill, 'i32'), rewriter.addLocal(fill, 'i32'), rewriter.addLocal(fill, 'i64')];
  // One parameter and one local were there.
  assert.equal(locals, [2, 3, 4]);
  const [value, address] = [2, 3];
  scanStores(
    rewriter.module,
    ({ offset, memOffset }) => {
      const report = code(localGet(address), i32Const(memOffset), i32Add, call(0), localGet(value), call(0));
      const saved = code(asm.localSet(value), asm.localTee(address), localGet(value));
      rewriter.replace(fill, offset, offset, code(saved, report));
    },
    (functionIndex) => functionIndex === fill,
  );
  const { exports, notes } = runSample(rewriter.encode());
  exports.fill(3);
  assert.equal(notes, [64, 0, 68, 1, 72, 2]);
  assert.equal([...new Int32Array(exports.memory.buffer, 64, 4)], [0, 1, 2, 0]);
});

test('locals are appended behind declared ones of other types', () => {
  const rewriter = open();
  // peek has a parameter, two i64 and an f32, and no name.
  const peek = rewriter.module.exports.find(({ name }) => name === 'peek')!.index;
  const local = rewriter.addLocal(peek, 'i32');
  assert.is(local, 4);
  const [first] = offsetsOf(rewriter.module, peek);
  rewriter.replace(peek, first!, first!, code(i32Const(40), asm.localSet(local), localGet(local), asm.localSet(0)));
  assert.is(runSample(rewriter.encode()).exports.peek(1), 255);
});

test('several edits of a function keep to their places and order', () => {
  const rewriter = open();
  const square = index(rewriter, 'square');
  // local.get 0, call 0, local.get 0, local.get 0, i32.mul, end
  const [first, , third, , multiply, end] = offsetsOf(rewriter.module, square) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const note = (value: number) => code(i32Const(value), call(0));
  rewriter.replace(square, end, end, code(i32Const(5), i32Add));
  rewriter.replace(square, third, third, note(1));
  rewriter.replace(square, multiply, end, i32Add);
  rewriter.replace(square, third, third, note(2));
  rewriter.replace(square, first, third, note(0));
  rewriter.replace(square, first, first, note(-1));
  rewriter.replace(square, multiply, multiply, note(3));
  const { exports, notes } = runSample(rewriter.encode());
  assert.is(exports.square(9), 23);
  assert.equal(notes, [-1, 0, 1, 2, 3]);
});

test('replacing whole instructions by themselves, in any grouping, changes nothing', () => {
  const { module } = open();
  const offsets = offsetsOf(module, 2);
  fc.assert(
    fc.property(fc.array(fc.nat(offsets.length - 1), { minLength: 2, maxLength: 8 }), (cuts) => {
      const rewriter = new Rewriter(module);
      const places = [...new Set(cuts)].sort((a, b) => a - b).map((at) => offsets[at]!);
      for (let i = 1; i < places.length; i++) {
        rewriter.replace(2, places[i - 1]!, places[i]!, module.bytes.slice(places[i - 1]!, places[i]!));
      }
      assert.equal(rewriter.encode(), sampleModule());
    }),
    { seed: 3, numRuns: 300 },
  );
});

test('types are added once, functions may call each other before they have bodies', () => {
  const rewriter = open();
  assert.is(rewriter.addType(['i32'], ['i32']), 0);
  const binary = rewriter.addType(['i32', 'i32'], ['i32']);
  assert.is(binary, rewriter.module.types.length);
  assert.is(rewriter.addType(['i32', 'i32'], ['i32']), binary);
  const even = rewriter.declareFunction(0, 'even');
  const odd = rewriter.declareFunction(0, 'odd');
  const step = (base: number, other: number) =>
    code(
      localGet(0),
      asm.i32Eqz,
      asm.if_('i32'),
      i32Const(base),
      asm.else_,
      localGet(0),
      i32Const(1),
      asm.i32Sub,
      call(other),
      asm.end,
    );
  rewriter.defineFunction(odd, { code: step(0, even) });
  rewriter.defineFunction(even, { code: step(1, odd) });
  rewriter.addExport('even', 'function', even);
  rewriter.redirectExport('square', 'function', odd);
  const { exports } = runSample(rewriter.encode());
  assert.is((exports.even as (x: number) => number)(10), 1);
  assert.is(exports.square(10), 0);
  assert.is(exports.apply(4), 16, 'the table still has the old function');
});

test('globals of every numeric type are appended and exported', () => {
  const rewriter = open();
  const values = [
    ['i32', -7],
    ['i64', -(2n ** 40n)],
    ['f32', 0.5],
    ['f64', Math.PI],
  ] as const;
  for (const [type, init] of values) rewriter.addGlobal({ type, mutable: true, init, exportAs: type });
  const { exports } = runSample(rewriter.encode());
  for (const [type, init] of values) assert.is((exports[type] as WebAssembly.Global).value, init);
  assert.is(exports.level.value, 42);
});

test('sections that the module lacked come where they belong', () => {
  const bytes = buildModule({
    functions: [{ type: { params: [], results: [] }, body: { code: asm.nop } }],
  });
  const rewriter = new Rewriter(readModule(bytes, 'bare'));
  const table = rewriter.addImport({
    module: 'm',
    name: 't',
    kind: 'table',
    table: { element: 'funcref', limits: { min: 1 } },
  });
  const memory = rewriter.addImport({ module: 'm', name: 'memory', kind: 'memory', memory: { limits: { min: 1 } } });
  const imported = rewriter.addImport({
    module: 'm',
    name: 'g',
    kind: 'global',
    global: { type: 'i32', mutable: false },
  });
  const global = rewriter.addGlobal({ type: 'i32', mutable: true, init: 3 });
  assert.equal([table, memory, imported, global], [0, 0, 0, 1]);
  const type = rewriter.addType([], ['i32']);
  const body = {
    code: code(asm.globalGet(imported), asm.globalGet(global), i32Add, i32Const(0), asm.i32Load(), i32Add),
  };
  rewriter.addExport('sum', 'function', rewriter.addFunction(type, body, 'sum'));
  const out = rewriter.encode();
  const m = {
    t: new WebAssembly.Table({ initial: 1, element: 'anyfunc' }),
    memory: new WebAssembly.Memory({ initial: 1 }),
    g: new WebAssembly.Global({ value: 'i32' }, 40),
  };
  const { sum } = new WebAssembly.Instance(new WebAssembly.Module(out), { m }).exports;
  assert.is((sum as () => number)(), 43);
  assert.equal([...readModule(out, 'bare+').functionNames], [[1, 'sum']]);
});

test('names of appended functions join the others, and stack traces show them', () => {
  const rewriter = open();
  const square = index(rewriter, 'square');
  const type = rewriter.addType([], []);
  const trap = rewriter.addFunction(type, { code: asm.unreachable }, 'trap_hook');
  rewriter.detour(square, () => ({ code: code(call(trap), i32Const(0)) }));
  const out = rewriter.encode();
  const names = readModule(out, 'out').functionNames;
  assert.equal([...names.values()], ['square', 'fill', 'apply', 'init', 'trap_hook', 'square (original)']);
  try {
    runSample(out).exports.square(1);
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).stack!, /trap_hook[\s\S]*square[^(]*\(/);
  }
});

test('an edited large module is valid, and only what was edited differs', () => {
  const module = readLargeModule();
  const rewriter = new Rewriter(module);
  const counter = rewriter.addGlobal({ type: 'i32', mutable: true, init: 0, exportAs: 'counter' });
  const bump = code(asm.globalGet(counter), i32Const(1), i32Add, asm.globalSet(counter));
  const names = [/^instr_0F22$/, /call_interrupt_vector$/, /do_page_walk$/];
  const detoured = names.map((name) => functionByName(module, name));
  for (const functionIndex of detoured) {
    const args = typeOf(module, functionIndex).params.flatMap((_, position) => localGet(position));
    rewriter.detour(functionIndex, (original) => ({ locals: ['i64'], code: code(bump, args, call(original)) }));
  }
  const edited = new Set([...functionsByName(module, 'reset_cpu'), ...detoured]);
  let sites = 0;
  scanStores(
    module,
    ({ functionIndex, end }) => {
      rewriter.replace(functionIndex, end, end, bump);
      sites++;
    },
    (functionIndex) => edited.has(functionIndex),
  );
  assert.ok(sites > 50);
  const out = rewriter.encode();
  assert.ok(WebAssembly.validate(out));
  const again = readModule(out, 'rewritten v86.wasm');
  assert.is(again.code.length, module.code.length + detoured.length);
  for (const [position, { start, end }] of module.code.entries()) {
    const now = again.code[position]!;
    const same = Buffer.compare(module.bytes.subarray(start, end), again.bytes.subarray(now.start, now.end)) === 0;
    assert.is(same, !edited.has(module.importedFunctionCount + position));
  }
  for (const { id, name, start, end } of module.sections) {
    if (id !== 0 || name === 'name') continue;
    const now = again.customSections.find((section) => section.name === name)!;
    assert.is(Buffer.compare(module.bytes.subarray(start, end), again.bytes.subarray(now.start, now.end)), 0, name);
  }
});

test('a counter at every store of the large module leaves it valid', () => {
  const module = readLargeModule();
  const rewriter = new Rewriter(module);
  const counter = rewriter.addGlobal({ type: 'i64', mutable: true, init: 0n });
  const bump = code(asm.globalGet(counter), asm.i64Const(1n), asm.i64Add, asm.globalSet(counter));
  let before = 0;
  scanStores(module, ({ functionIndex, offset }) => {
    before++;
    rewriter.replace(functionIndex, offset, offset, bump);
  });
  const out = rewriter.encode();
  assert.ok(WebAssembly.validate(out));
  let after = 0;
  scanStores(readModule(out, 'rewritten'), () => {
    after++;
  });
  assert.is(after, before);
  assert.is(out.length - module.bytes.length > before * bump.length, true);
});

test.run();
