// What the rewriter believes of v86.wasm's stores: constant addresses, and guesses where the others go.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { VMM_STATE, wasm } from '../../../emulator/index.ts';
import { TLB_RANGE } from '../facts.ts';
import { assemble } from '../testing/restricted-wat.ts';
import { BodyWalk } from './body-walk.ts';

/** What the shadow stack pointer is at first. */
const STACK_TOP = 0x80000;
const ARRAY = VMM_STATE.segmentAccess;
const NOWHERE = -1;

/** Walks a function with a local `$i`, and tells of each instruction that the rewriter must look at. */
function walked(code: string, kind: 'core' | 'jit' = 'core') {
  const module = wasm.readModule(
    assemble(
      `(module (memory 16) (global (mut i32) (i32.const ${STACK_TOP})) (func (param $i i32) (local $p i32) ${code}))`,
    ),
    'a test',
  );
  const unused = { module: 0, gateType: 0, gate: 0, ledger: 1 };
  const walk = new BodyWalk(module, { ...unused, kind, stackPointer: 0 });
  walk.enter(0);
  const seen: { name: string; base: number; near: number; inTlb: boolean }[] = [];
  while (walk.next())
    seen.push({ name: wasm.opcodeName(walk.opcode), base: walk.base, near: walk.near, inTlb: walk.inTlb });
  return seen;
}

const nearOf = (code: string): number => walked(code).find(({ name }) => name.includes('store'))!.near;

test('stops at what has to be looked at, and at nothing else', () => {
  const names = walked(`(local.set $p (i32.add (local.get $i) (i32.const 1))) (drop (i32.load (local.get $p)))
    (i32.store (local.get $p) (local.get $i)) (memory.fill (local.get $i) (local.get $i) (local.get $i))
    (drop (memory.grow (local.get $i)))`).map(({ name }) => name);
  assert.equal(names, ['i32.store', 'memory.fill', 'memory.grow']);
});

test('knows constant addresses, through locals too', () => {
  assert.is(walked('(i32.store (i32.const 700) (local.get $i))')[0]!.base, 700);
  assert.is(walked('(local.set $p (i32.const 900)) (i32.store (local.get $p) (local.get $i))')[0]!.base, 900);
  assert.is(walked('(i32.store (local.get $i) (i32.const 5))')[0]!.base, NOWHERE);
});

test('takes an index plus the address of an array for a place in it', () => {
  assert.is(nearOf(`(i32.store (i32.add (local.get $i) (i32.const ${ARRAY})) (local.get $i))`), ARRAY);
  assert.is(nearOf(`(i32.store offset=${ARRAY} (local.get $i) (local.get $i))`), ARRAY);
  assert.is(
    nearOf(`(local.set $p (i32.add (local.get $i) (i32.const ${ARRAY}))) (i32.store (local.get $p) (local.get $i))`),
    ARRAY,
  );
});

test('takes the shadow stack pointer, less a constant, for a place in the shadow stack', () => {
  const near = nearOf(
    '(local.set $p (i32.sub (global.get 0) (i32.const 64))) (i32.store (local.get $p) (i32.const 1))',
  );
  assert.ok(near < STACK_TOP && near >= STACK_TOP - 64, String(near));
});

test('guesses nothing of an address that it knows nothing of, nor in compiled code', () => {
  assert.is(nearOf('(i32.store offset=8 (local.get $i) (local.get $i))'), NOWHERE);
  const code = `(i32.store (i32.add (local.get $i) (i32.const ${ARRAY})) (local.get $i))`;
  assert.is(walked(code, 'jit')[0]!.near, NOWHERE);
});

test('forgets what a local held when a function begins', () => {
  const module = wasm.readModule(
    assemble(`(module (memory 16) (global (mut i32) (i32.const ${STACK_TOP}))
      (func (local $p i32) (local.set $p (i32.add (global.get 0) (i32.const 8))) (i32.store (local.get $p) (i32.const 1)))
      (func (param $p i32) (i32.store (local.get $p) (i32.const 1))))`),
    'a test',
  );
  const walk = new BodyWalk(module, {
    ...{ kind: 'core', module: 0, gateType: 0, gate: 0, ledger: 1, stackPointer: 0 },
  });
  const near = [0, 1].map((index) => {
    walk.enter(index);
    while (walk.next()) if (wasm.opcodeName(walk.opcode) === 'i32.store') return walk.near;
    return undefined;
  });
  assert.ok(near[0]! > 0);
  assert.is(near[1], NOWHERE);
});

test('knows stores to the soft TLB by the array that they go to', () => {
  const [store] = walked(`(i32.store offset=${TLB_RANGE.from} (i32.shl (local.get $i) (i32.const 2)) (local.get $i))`);
  assert.ok(store!.inTlb);
});

test.run();
