import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as asm from './assembler.ts';
import { buildModule, type ModuleDescription } from './build-module.ts';
import { WasmFormatError } from './errors.ts';
import { readModule } from './reader.ts';
import { readLargeModule } from './sample-modules.ts';
import { type MemorySite, scanCalls, scanLoads, scanStores } from './scan.ts';
import { FunctionWalk } from './stack.ts';
import type { FunctionType, ValueType } from './value-types.ts';

const VOID: FunctionType = { params: [], results: [] };

/** A module with one function of that code, which the engine must accept: the walk is tested on valid code. */
function moduleOf(
  parts: readonly (readonly number[] | Uint8Array)[],
  more: Partial<ModuleDescription> & { locals?: readonly ValueType[]; type?: FunctionType } = {},
) {
  const { locals = [], type = VOID, ...description } = more;
  const bytes = buildModule({
    memories: [{ limits: { min: 1 } }],
    ...description,
    functions: [{ type, body: { locals, code: asm.code(...parts) } }, ...(description.functions ?? [])],
  });
  assert.ok(WebAssembly.validate(bytes));
  return readModule(bytes, 'test');
}

function storesOf(...[parts, more]: Parameters<typeof moduleOf>): MemorySite[] {
  const sites: MemorySite[] = [];
  scanStores(moduleOf(parts, more), (site) => sites.push(site));
  return sites;
}

const basesOf = (...args: Parameters<typeof moduleOf>) => storesOf(...args).map(({ base }) => base);

const { i32Const, i32Store, localGet, localSet, localTee } = asm;
const store0 = asm.code(i32Const(7), i32Store(0));

test('a store tells its place, width, offset and the constant base with the instruction that made it', () => {
  const module = moduleOf([i32Const(0), i32Const(64), asm.i32Or, asm.i64Const(1n), asm.i64Store(592)]);
  const start = module.code[0]!.start + 1;
  const sites: MemorySite[] = [];
  scanStores(module, (site) => sites.push(site));
  assert.equal(sites, [
    {
      functionIndex: 0,
      offset: start + 8,
      end: start + 12,
      opcode: 0x37,
      reachable: true,
      bulk: false,
      width: 8,
      memOffset: 592,
      base: 64,
      address: 656,
      baseProducer: start + 5,
      length: undefined,
    },
  ]);
});

test('constants are folded as i32 and told unsigned', () => {
  assert.equal(basesOf([i32Const(-16), i32Const(4), asm.i32Add, store0]), [0xffff_fff4]);
  assert.equal(basesOf([i32Const(0x7fff_ffff), i32Const(1), asm.i32Add, store0]), [0x8000_0000]);
  assert.equal(basesOf([i32Const(0xff), i32Const(0x3c), asm.i32And, i32Const(2), asm.i32Shl, store0]), [0xf0]);
  assert.equal(basesOf([i32Const(9), i32Const(3), asm.i32Sub, i32Const(7), asm.i32Mul, store0]), [42]);
  assert.equal(basesOf([i32Const(8), i32Const(3), asm.i32ShrU, store0]), [undefined]);
});

test('a base that is not the same on every path is unknown', () => {
  const locals: ValueType[] = ['i32'];
  assert.equal(basesOf([localGet(0), store0], { type: { params: ['i32'], results: [] } }), [undefined]);
  assert.equal(basesOf([i32Const(0), asm.i32Load(), store0]), [undefined]);
  assert.equal(basesOf([i32Const(4), i32Const(8), i32Const(0), asm.select, store0]), [undefined]);
  assert.equal(basesOf([asm.block('i32'), i32Const(4), asm.end, store0]), [undefined]);
  assert.equal(basesOf([i32Const(1), asm.if_('i32'), i32Const(4), asm.else_, i32Const(8), asm.end, store0]), [
    undefined,
  ]);
  // Set before a loop, and again at its end: on the second turn it is another.
  const turn = [i32Const(16), localSet(0), asm.loop(), localGet(0), store0, i32Const(32), localSet(0), i32Const(0)];
  assert.equal(basesOf([...turn, asm.brIf(0), asm.end], { locals }), [undefined]);
  // Set in one arm only.
  const arm = [i32Const(16), localSet(0), i32Const(1), asm.if_(), i32Const(32), localSet(0), asm.end];
  assert.equal(basesOf([...arm, localGet(0), store0], { locals }), [undefined]);
  const other = [i32Const(1), asm.if_(), i32Const(32), localSet(0), asm.else_, localGet(0), store0, asm.end];
  assert.equal(basesOf(other, { locals }), [undefined]);
});

test('a local set to a constant in straight-line code is that constant', () => {
  const locals: ValueType[] = ['i32', 'i32'];
  assert.equal(basesOf([i32Const(16), localSet(0), localGet(0), store0], { locals }), [16]);
  assert.equal(
    basesOf([i32Const(16), localTee(1), store0, asm.block(), localGet(1), store0, asm.end], { locals }),
    [16, 16],
  );
  // A branch out leaves what falls through as it was.
  const branch = [i32Const(16), localSet(0), asm.block(), i32Const(1), asm.brIf(0), localGet(0), store0, asm.end];
  assert.equal(basesOf(branch, { locals }), [16]);
  assert.equal(
    basesOf([i32Const(16), localSet(0), i32Const(0), asm.i32Load(), localSet(0), localGet(0), store0], { locals }),
    [undefined],
  );
});

test('the constants of one function are not those of the next', () => {
  const second = { type: VOID, body: { locals: ['i32'] as const, code: asm.code(localGet(0), store0) } };
  assert.equal(basesOf([i32Const(16), localSet(0)], { locals: ['i32'], functions: [second] }), [undefined]);
});

test('all kinds of stores are seen: plain, vector, lane, atomic, bulk', () => {
  const v128 = [0xfd, 0x0c, ...new Array(16).fill(0)];
  const sites = storesOf(
    [
      ...[i32Const(1), i32Const(0), asm.i32Store8(1), i32Const(2), i32Const(0), asm.i32Store16(2)],
      ...[i32Const(3), v128, asm.v128Store(3), i32Const(4), v128, [0xfd, 0x5a, 2, 4, 0]],
      ...[i32Const(5 * 8), i32Const(0), [0xfe, 0x17, 2, 5 * 8]],
      ...[i32Const(6 * 8), i32Const(0), i32Const(0), [0xfe, 0x48, 2, 6 * 8], asm.drop],
      ...[i32Const(7), i32Const(0), i32Const(70), asm.memoryFill],
      ...[i32Const(8), i32Const(0), i32Const(80), asm.memoryCopy],
    ],
    { memories: [{ limits: { min: 1, max: 1, shared: true } }] },
  );
  assert.equal(
    sites.map(({ base, memOffset, width, bulk, length }) => [base, memOffset, width, bulk, length]),
    [
      [1, 1, 1, false, undefined],
      [2, 2, 2, false, undefined],
      [3, 3, 16, false, undefined],
      [4, 4, 4, false, undefined],
      [40, 40, 4, false, undefined],
      [48, 48, 4, false, undefined],
      [7, 0, 0, true, 70],
      [8, 0, 0, true, 80],
    ],
  );
});

test('loads tell the same, memory.copy with its source', () => {
  const module = moduleOf([
    ...[i32Const(4), asm.i32Load8U(3), asm.drop, i32Const(8), asm.v128Load(1), asm.drop],
    ...[i32Const(1), i32Const(2), i32Const(3), asm.memoryCopy, i32Const(0), store0],
  ]);
  const loads: unknown[] = [];
  scanLoads(module, ({ address, width, bulk }) => loads.push([address, width, bulk]));
  assert.equal(loads, [
    [7, 1, false],
    [9, 16, false],
    [2, 0, true],
  ]);
});

test('calls tell which arguments are constant, and where they come from', () => {
  const callee = { type: { params: ['i32', 'i64', 'i32'], results: ['i32'] } as const, body: { code: i32Const(0) } };
  const module = moduleOf([i32Const(5), asm.i64Const(6n), i32Const(0), asm.i32Load(), asm.call(1), asm.drop], {
    functions: [callee],
  });
  const first = module.code[0]!.start + 1;
  const seen: unknown[] = [];
  const record = (site: { callee: number; args: unknown; argProducers: unknown }) =>
    seen.push([site.callee, site.args, site.argProducers]);
  scanCalls(module, record);
  assert.equal(seen, [[1, [5, undefined, undefined], [first, first + 2, first + 6]]]);
  scanCalls(module, record, { callee: 0 });
  scanCalls(module, record, { filter: (index) => index === 1 });
  assert.is(seen.length, 1);
});

test('unreachable code is walked and marked, and what follows its block is reachable again', () => {
  const sites = storesOf([
    ...[asm.block(), asm.br(0), i32Const(1), store0, i32Store(0), asm.block(), i32Const(2), store0, asm.end, asm.end],
    ...[i32Const(3), store0, asm.return_, asm.i32Add, i32Const(4), i32Store(0), asm.unreachable],
  ]);
  assert.equal(
    sites.map(({ base, reachable, baseProducer }) => [base, reachable, baseProducer !== undefined]),
    [
      [1, false, true],
      [undefined, false, false],
      [2, false, true],
      [3, true, true],
      [undefined, false, true],
    ],
  );
});

test('blocks with parameters and several results, tables of labels and tail calls keep the stack straight', () => {
  const types: FunctionType[] = [
    { params: ['i32', 'i32'], results: ['i32', 'i32'] },
    { params: ['i32'], results: ['i32'] },
  ];
  const swap = [0x0e, 2, 0, 1, 0];
  const sites = storesOf(
    [
      // Parameters pass into a block as they are, out of it as unknown.
      ...[i32Const(64), i32Const(9), asm.block(0), i32Store(1), i32Const(8), i32Const(5), asm.end, i32Store(2)],
      // A loop may get its parameter from its own end.
      ...[i32Const(16), asm.loop(1), store0, i32Const(1), asm.end, asm.drop],
      ...[i32Const(24), i32Const(0), asm.if_(1), asm.else_, asm.drop, i32Const(1), asm.end, store0],
      ...[asm.block(), asm.block(), i32Const(0), swap, asm.end, i32Const(32), store0, asm.end],
      ...[i32Const(40), store0, [0x12, 0]],
    ],
    { types },
  );
  assert.equal(
    sites.map(({ memOffset, base }) => [memOffset, base]),
    [
      [1, 64],
      [2, undefined],
      [0, undefined],
      [0, undefined],
      [0, 32],
      [0, 40],
    ],
  );
});

const INVALID: readonly [string, readonly (readonly number[])[], RegExp][] = [
  ['operands that are not there', [i32Const(1), i32Store(0)], /2 operands, found 1/],
  ['operands left at the end', [i32Const(1)], /0 results of the block, found 1/],
  ['a result that is missing', [asm.block('i32'), asm.end, asm.drop], /1 results of the block, found 0/],
  ['an operand of an outer block', [i32Const(1), asm.block(), asm.drop, asm.end, asm.drop], /1 operands, found 0/],
  ['else without if', [asm.block(), asm.else_, asm.end], /else after an open if/],
  ['an if with a result and no else', [i32Const(1), asm.if_('i32'), i32Const(1), asm.end, asm.drop], /expected else/],
  ['a local that is not there', [localGet(3), asm.drop], /local index below 0, found 3/],
  ['a call of a function that is not there', [asm.call(9)], /function index below 1, found 9/],
  ['a block of a type that is not there', [asm.block(9), asm.end], /type index below 1, found type 9/],
];

for (const [what, parts, pattern] of INVALID) {
  test(`refuses ${what}, as the engine does`, () => {
    const bytes = buildModule({
      memories: [{ limits: { min: 1 } }],
      functions: [{ type: VOID, body: { code: asm.code(...parts) } }],
    });
    assert.not(WebAssembly.validate(bytes));
    assert.throws(
      () => scanStores(readModule(bytes, 'test'), () => {}),
      (error: unknown) => error instanceof WasmFormatError && pattern.test(error.message),
    );
  });
}

test('calls that would pile up operands without end are refused', () => {
  const results = new Array<ValueType>(1000).fill('i32');
  const bytes = buildModule({
    functions: [
      { type: VOID, body: { code: asm.code(...new Array(2000).fill(asm.call(1))) } },
      { type: { params: [], results }, body: { code: asm.unreachable } },
    ],
  });
  assert.throws(() => scanStores(readModule(bytes, 'test'), () => {}), /too many operands/);
});

test('a filter restricts the scan to some functions', () => {
  const second = { type: VOID, body: { code: asm.code(i32Const(2), store0) } };
  const module = moduleOf([i32Const(1), store0], { functions: [second] });
  const bases: unknown[] = [];
  scanStores(
    module,
    ({ base }) => bases.push(base),
    (index) => index === 1,
  );
  assert.equal(bases, [2]);
});

test('scans the large module: its stores by width are those another decoder counts', () => {
  const module = readLargeModule();
  const counts = new Map<number, number>();
  let last = 0;
  scanStores(module, ({ opcode, offset, end, base, baseProducer }) => {
    counts.set(opcode, (counts.get(opcode) ?? 0) + 1);
    assert.ok(offset >= last && end > offset);
    last = end;
    // A base called constant comes from a constant, a folded operation or a local.
    if (base !== undefined) assert.ok([0x41, 0x20, 0x22, 0x6a, 0x72].includes(module.bytes[baseProducer!]!));
  });
  // Counted with wasmparser 5 in the pinned version of the module.
  assert.equal(
    [...counts].sort(([a], [b]) => a - b),
    [
      [0x36, 16_419],
      [0x37, 1681],
      [0x38, 48],
      [0x39, 109],
      [0x3a, 11_440],
      [0x3b, 1979],
      [0x3c, 39],
      [0x3d, 12],
      [0x3e, 41],
      [0xfc0a, 140],
      [0xfc0b, 25],
      [0xfd00b, 472],
      [0xfd05a, 2],
    ],
  );
});

test('a walk can be used on its own, and again for another function', () => {
  const second = { type: VOID, body: { code: asm.code(i32Const(2), asm.drop) } };
  const module = moduleOf([i32Const(1), asm.drop], { functions: [second] });
  const walk = new FunctionWalk(module);
  for (const functionIndex of [0, 1, 0]) {
    walk.enter(functionIndex);
    const dropped: unknown[] = [];
    while (walk.next()) if (walk.cursor.opcode === 0x1a) dropped.push(walk.operandConstant(0));
    assert.equal(dropped, [functionIndex + 1]);
  }
});

test.run();
