// The quick scan sees what the careful walk sees: on all of v86.wasm, on hand-written code, and on damaged code.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { wasm } from '../../../emulator/index.ts';
import { loadAssets } from '../../../emulator/node/assets.ts';
import { BodyScan } from './body-scan.ts';
import { interestOf } from './opcode-table.ts';

const never = (): boolean => false;
const always = (): boolean => true;
const a = wasm.assembler;
const { wasm: bytes } = await loadAssets();
const v86 = wasm.readModule(bytes as Uint8Array, 'v86.wasm');

/** A module with one function `(i32) -> ()` that has the body. */
function moduleOf(...body: readonly wasm.Code[]): wasm.WasmModule {
  const made = wasm.buildModule({
    types: [{ params: ['i32'], results: ['i32'] }],
    memories: [{ limits: { min: 1 } }],
    functions: [{ type: { params: ['i32'], results: [] }, body: { locals: ['i64'], code: wasm.code(...body) } }],
  });
  assert.ok(WebAssembly.validate(made as BufferSource));
  return wasm.readModule(made, 'test');
}

/** The bases of a module's stores, -1 where one is not known. */
function basesOf(module: wasm.WasmModule, mayStay: (from: number, to: number) => boolean = never): number[] {
  const scan = new BodyScan(module, mayStay);
  const bases: number[] = [];
  scan.enter(0);
  while (scan.next()) if (scan.isStore) bases.push(scan.base);
  return bases;
}

test('on v86.wasm it stops where it must, and each constant base is one of the careful walk too', () => {
  const scan = new BodyScan(v86, never);
  const walk = new wasm.FunctionWalk(v86);
  const { cursor } = walk;
  let [stops, constants, missed] = [0, 0, 0];
  for (let index = v86.importedFunctionCount; index < v86.functionTypes.length; index++) {
    scan.enter(index);
    walk.enter(index);
    assert.is(scan.localCount, walk.localCount);
    while (walk.next()) {
      if (!interestOf(cursor.opcode)) continue;
      stops++;
      assert.ok(scan.next());
      assert.equal([scan.offset, scan.end, scan.opcode], [cursor.offset, cursor.end, cursor.opcode]);
      if (!scan.isStore) continue;
      assert.is(scan.memOffset, cursor.memOffset);
      const known = walk.operandConstant(1);
      if (scan.base >= 0) assert.is(scan.base, known! >>> 0);
      if (scan.base >= 0) constants++;
      else if (known !== undefined) missed++;
    }
    assert.not(scan.next());
  }
  assert.ok(stops > 30_000 && constants > 5_000, `${stops} instructions, ${constants} constant bases`);
  // Constants that only the careful walk sees, through locals and sums: the scan may miss those, for they are guarded then.
  assert.ok(missed < 500, `${missed}`);
});

test('a constant outlives what is computed above it, blocks and calls too', () => {
  const callee = a.call(0);
  assert.equal(basesOf(moduleOf(a.i32Const(64), a.localGet(0), a.i32Const(3), a.i32And, a.i32Store(4))), [64]);
  assert.equal(
    basesOf(moduleOf(a.i32Const(64), a.block('i32'), a.i32Const(1), a.localGet(0), a.brIf(0), a.end, a.i32Store(0))),
    [64],
  );
  assert.equal(basesOf(moduleOf(a.i32Const(-16), a.localGet(0), callee, a.localGet(0), a.i32Store8(0))), [0xfffffff0]);
});

test('what a block leaves or takes is not known', () => {
  const value = a.localGet(0);
  assert.equal(basesOf(moduleOf(a.block('i32'), a.i32Const(64), a.end, value, a.i32Store(0))), [-1]);
  // A block of type (i32) -> i32: its parameter is the constant outside, but the scan makes no use of that.
  assert.equal(basesOf(moduleOf(a.i32Const(64), a.block(0), a.end, value, a.i32Store(0))), [-1]);
  assert.equal(
    basesOf(moduleOf(value, a.if_('i32'), a.i32Const(64), a.else_, a.i32Const(68), a.end, value, a.i32Store(0))),
    [-1],
  );
});

test('code after a branch does not confuse what follows its block', () => {
  assert.equal(
    basesOf(
      moduleOf(a.i32Const(64), a.block(), a.br(0), a.drop, a.drop, a.i32Store(0), a.end, a.localGet(0), a.i32Store(0)),
    ),
    [-1, 64],
  );
});

test('only a constant and a local or a constant directly before a store let it stay', () => {
  const wide = (from: number, to: number): boolean => from === 68 && to === 72;
  const stays = moduleOf(a.i32Const(64), a.localGet(0), a.i32Store(4));
  assert.equal(basesOf(stays, wide), []);
  assert.equal(basesOf(moduleOf(a.i32Const(64), a.localGet(0), a.i32Store(8)), wide), [64]);
  assert.equal(basesOf(moduleOf(a.i32Const(64), a.localGet(0), a.i32Eqz, a.i32Store(4)), always), [64]);
  assert.equal(basesOf(moduleOf(a.i32Const(64), a.i32Const(5), a.i32Store(4)), always), []);
  assert.equal(basesOf(moduleOf(a.i32Const(64), a.i64Const(5n), a.i64Store(4)), always), []);
  assert.equal(basesOf(moduleOf(a.localGet(0), a.localGet(0), a.i32Store(4)), always), [-1]);
});

test('damaged code is refused by name, and never scanned for ever', () => {
  const entry = v86.code.find(({ start, end }) => end - start > 2000)!;
  const index = v86.importedFunctionCount + v86.code.indexOf(entry);
  let refused = 0;
  for (let round = 0; round < 500; round++) {
    const copy = v86.bytes.slice();
    copy[entry.start + 40 + ((round * 7919) % 1900)] = (round * 131) & 0xff;
    const scan = new BodyScan({ ...v86, bytes: copy }, never);
    try {
      scan.enter(index);
      while (scan.next());
    } catch (error) {
      assert.instance(error, wasm.WasmFormatError);
      refused++;
    }
  }
  assert.ok(refused > 50, `${refused}`);
});

test.run();
