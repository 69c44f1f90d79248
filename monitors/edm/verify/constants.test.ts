// Constant addresses are followed on the operand stack: seen where they are, and nowhere else.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GATE_SLOT } from '../facts.ts';
import { gateCall, guarded, guardedByRange, NUMBER, restrictedModule, siteOf } from '../testing/restricted-wat.ts';
import { verify } from './index.ts';

/** Compiled code as v86 emits it: it knows nothing of EDM. */
const verdict = (code: string): string | undefined =>
  verify(
    restrictedModule({
      kind: 'jit',
      imports: '(import "e" "f" (func $f (param i32) (result i32)))',
      edm: '',
      fields: `(type $swap (func (param i32) (result i32))) (func (export "f") (param $a i32) (local $v i32) (local $d f64) (local $x v128) ${code})`,
    }),
    { kind: 'jit', module: NUMBER },
  )?.rule;

const SAFE = 'i32.const 64';
const STORE = 'local.get $v i32.store offset=4';

const FOLLOWED: Readonly<Record<string, string>> = {
  'a local': `${SAFE} ${STORE}`,
  'a constant': `${SAFE} i32.const 5 i32.store`,
  'a sum, with a local set on the way': `${SAFE} local.get $a i32.const 3 i32.add local.tee $v local.get $v i32.const 4 i32.sub local.set $v i32.store`,
  'a load': `${SAFE} i32.const 120 i32.load i32.const -2 i32.and i32.store`,
  'a choice': `${SAFE} i32.const 1 local.get $a local.get $v select i32.store`,
  'a branch for each': `${SAFE} local.get $v if (result i32) i32.const 3 else i32.const 4 end i32.store`,
  'a block with a call': `${SAFE} block local.get $a call $f br_if 0 end ${STORE}`,
  'a loop': `${SAFE} loop local.get $v br_if 0 end ${STORE}`,
  'floating point': `f64.const 1 local.set $d ${SAFE} local.get $d f64.sqrt local.get $d f64.add f64.store`,
  'code after what is not followed': `v128.const i64x2 0 0 local.set $x local.get $a call $f drop ${SAFE} ${STORE}`,
  'an operand below': `local.get $a call $f ${SAFE} ${STORE} drop`,
};

const NOT_FOLLOWED: Readonly<Record<string, string>> = {
  'a constant that is taken': `local.get $a ${SAFE} drop ${STORE}`,
  'a constant that is added to': `${SAFE} local.get $a i32.add ${STORE}`,
  'a constant that is the value': `local.get $a ${SAFE} i32.store`,
  'a choice of constants': `${SAFE} ${SAFE} local.get $a select ${STORE}`,
  'a block that takes it and gives another': `${SAFE} (block (type $swap) drop local.get $a) ${STORE}`,
  'a branch that takes it': `${SAFE} local.get $v (if (type $swap) (then drop local.get $a) (else)) ${STORE}`,
  'a call that takes it': `${SAFE} call $f ${STORE}`,
  'a block that gives another': `local.get $v if (result i32) ${SAFE} else local.get $a end ${STORE}`,
  'a block that a branch leaves with another': `(block (result i32) local.get $a local.get $v br_if 0 drop ${SAFE}) ${STORE}`,
  'vectors that are not followed': `local.get $a ${SAFE} local.get $x i32x4.extract_lane 0 drop drop ${STORE}`,
  'an address of protected state': `i32.const 576 ${STORE}`,
  'an address that only its offset makes one': 'i32.const 500 local.get $v i32.store offset=92',
  'an address beyond the statics': `i32.const -16 ${STORE}`,
};

for (const [name, code] of Object.entries(FOLLOWED))
  test(`followed: ${name}`, () => {
    assert.is(verdict(code), undefined);
  });

for (const [name, code] of Object.entries(NOT_FOLLOWED))
  test(`not followed: ${name}`, () => {
    assert.is(verdict(code), 'stores');
  });

test('compiled code that imports the gate asks in its own name, and in no other', () => {
  const asks = (code: string): string | undefined =>
    verify(restrictedModule({ kind: 'jit', fields: `(func (export "f") (param i32) ${code})` }), {
      ...{ kind: 'jit', module: NUMBER },
    })?.rule;
  const pages = 'i32.const 1 i32.const 0 i32.const 0';
  assert.is(asks(`${pages} ${gateCall('grow', 0)} drop ${pages} ${gateCall('grow', 1)} drop`), undefined);
  assert.is(asks(`${pages} ${gateCall('grow', 1)} drop`), 'gate');
  assert.is(asks(`${pages} ${gateCall('grow', 0)} drop ${pages} ${gateCall('grow', 0)} drop`), 'gate');
  // Behind the end of a block code may come from elsewhere in it, with another number.
  const call = `i32.const ${GATE_SLOT.grow} call_indirect $gate (type $gate) drop`;
  assert.is(asks(`${pages} (block (result i32) ${siteOf(0)}) ${call}`), 'gate');
  assert.is(
    asks(
      `${pages} ${siteOf(0)} (block (result i32) i32.const ${GATE_SLOT.grow}) ${call.replace(/^i32.const \d+ /, '')}`,
    ),
    'gate',
  );
});

test('many operands and many blocks', () => {
  const deep = (count: number): string => `${'local.get $a '.repeat(count)} ${SAFE} ${STORE} ${'drop '.repeat(count)}`;
  for (const count of [1000, 2000]) assert.is(verdict(deep(count)), undefined);
  // What is beyond the verifier's measure is forgotten, never followed wrongly.
  const below = `${SAFE} ${'local.get $a '.repeat(2000)} ${'drop '.repeat(2000)} ${STORE}`;
  assert.is(verdict(below), 'stores');
  const nested = `${'block '.repeat(120)} ${SAFE} ${STORE} ${'end '.repeat(120)}`;
  assert.is(verdict(nested), undefined);
  assert.is(verdict(`${SAFE} ${'block '.repeat(120)} ${'end '.repeat(120)} ${STORE}`), undefined);
});

test('code that does not import the gate has no guard and no way into EDM', () => {
  assert.is(verdict('i32.const 0 memory.grow drop'), 'grow');
  assert.is(verdict('local.get $a i32.const 0 i32.const 1 memory.fill'), 'bulk');
  const code = (fields: string): string | undefined =>
    verify(restrictedModule({ edm: '(import "edm" "ledger" (global $ledger i32))', fields }), {
      kind: 'extension',
      module: NUMBER,
    })?.rule;
  assert.is(code('(func (export "f")) (func)'), undefined);
  assert.is(code('(func (export "f") (result i32) (global.get $ledger))'), 'ledger');
  // What would be a guard, were the table it calls the gate.
  const table = (guard: string): string | undefined => code(`(func (param $a i32) (local $v i32) ${guard})`);
  assert.is(table(guarded('i32.store', 4, 0).replaceAll('$gate (type', '0 (type')), 'ledger');
  assert.is(table(guardedByRange('i32.store', 4, 0).replaceAll('$gate (type', '0 (type')), 'stores');
});

test.run();
