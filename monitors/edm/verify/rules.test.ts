// What each rule is for: a module that only this rule refuses, and what it does when it is let in.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { LEDGER_BYTE, ReferenceGate } from '../testing/reference-gate.ts';
import { guarded, leave, NUMBER, type Parts, restrictedModule } from '../testing/restricted-wat.ts';
import { verifyWithout } from '../testing/verify-without.ts';
import { RULES, type Rule, verify } from './index.ts';

/** Linear address of the ledger, and of a page that may not be written. */
const LEDGER = 0x100000;
const CLOSED = 0x20000;
const ANYTHING = 0x3000;

interface World {
  readonly gate: ReferenceGate;
  readonly table: WebAssembly.Table;
  readonly exports: WebAssembly.Exports;
  readonly escaped: number[];
  readonly hooked: number[];
}

interface Hostile extends Parts {
  readonly rule: Rule;
  readonly does: string;
  /** Whether the attack, once run, has done what it should not. `result` is what the export `attack` returned. */
  readonly harm?: (world: World, result: unknown) => boolean;
}

const attack = (code: string): string =>
  `(func (export "attack") (result i32) (local $a i32) (local $v i32) (local $n i32) (local $x i64)
    (local.set $a (i32.const ${CLOSED})) (local.set $v (i32.const -1)) (local.set $n (i32.const 16)) ${code} (i32.const 0))`;

const overwritten = ({ gate }: World): boolean => gate.bytes.subarray(CLOSED, CLOSED + 4096).some((byte) => byte !== 0);
/** Whether the gate heard of an operation that does not exist. */
const forged = ({ gate }: World): boolean => gate.calls.some((call) => call.includes(666));
const TABLE = '(import "v86" "table" (table $table 8 funcref))';
const ENV =
  '(import "env" "__indirect_function_table" (table $table 8 funcref)) (import "env" "wolfden.hooks" (table $hooks 4 funcref))';
const CORE_GLOBALS =
  '(global (export "wolfden.stack-pointer") (mut i32) (i32.const 512)) (global $slot (export "wolfden.slot.syscall") (mut i32) (i32.const 1))';

const HOSTILE: readonly Hostile[] = [
  {
    rule: 'imports',
    does: 'calls a function that is not of the VMM',
    imports: '(import "node" "escape" (func $escape (param i32)))',
    fields: attack('(call $escape (i32.const 7))'),
    harm: ({ escaped }) => escaped.includes(7),
  },
  {
    rule: 'imports',
    does: 'takes the global of a hook for its stack pointer',
    imports: '(import "v86" "wolfden.slot.syscall" (global (mut i32)))',
    fields: attack(''),
  },
  {
    rule: 'imports',
    does: 'imports the gate twice, to call it by another index',
    edm: `(import "edm" "gate" (table $alias 5 funcref)) (import "edm" "gate" (table $gate 5 funcref)) (import "edm" "ledger" (global $ledger i32))`,
    fields: attack(
      '(drop (call_indirect $alias (type $gate) (i32.const 666) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4)))',
    ),
    harm: forged,
  },
  { rule: 'memory', does: 'asks a ledger in a memory of its own', memory: ' ', fields: `(memory 1) ${attack('')}` },
  {
    rule: 'tables',
    does: 'takes a function of the gate out',
    fields: '(func (export "attack") (result funcref) (table.get $gate (i32.const 0)))',
    harm: ({ gate }, result) => result === gate.table.get(0),
  },
  {
    rule: 'table-writes',
    does: 'puts a function of its own into the table',
    imports: TABLE,
    fields: `${attack('(table.copy $table $gate (i32.const 3) (i32.const 4) (i32.const 1))')}`,
    harm: ({ gate, table }) => table.get(3) === gate.table.get(4),
  },
  {
    rule: 'table-writes',
    does: 'clears a slot of the gate',
    fields: attack('(table.set $gate (i32.const 0) (ref.null func))'),
    harm: ({ gate }) => gate.table.get(0) === null,
  },
  {
    rule: 'start',
    does: 'runs while it is loaded',
    imports: '(import "v86" "escape" (func $escape (param i32)))',
    fields: `(func $begin (call $escape (i32.const 8))) (start $begin) ${attack('')}`,
    harm: ({ escaped }) => escaped.includes(8),
  },
  {
    rule: 'data',
    does: 'has data in a closed page',
    fields: `(data (i32.const ${CLOSED}) "owned") ${attack('')}`,
    harm: overwritten,
  },
  {
    rule: 'elements',
    does: 'has elements in the table of v86',
    imports: TABLE,
    fields: `(elem (i32.const 2) $mine) (func $mine) ${attack('')}`,
    harm: ({ table }) => table.get(2) !== null,
  },
  {
    rule: 'initialisers',
    does: 'copies the address of the ledger',
    fields: `(global $copy i32 (global.get $ledger)) (func (export "attack") (result i32) (global.get $copy))`,
    harm: (_world, result) => result === LEDGER,
  },
  {
    rule: 'exports',
    does: 'hands the gate out',
    fields: `(export "gate" (table $gate)) ${attack('')}`,
    harm: ({ gate, exports }) => exports.gate === gate.table,
  },
  {
    rule: 'exports',
    does: 'hands the address of the ledger out',
    fields: `(export "address" (global $ledger)) ${attack('')}`,
    harm: ({ exports }) => (exports.address as WebAssembly.Global).value === LEDGER,
  },
  { rule: 'stores', does: 'stores', fields: attack('(i32.store (local.get $a) (local.get $v))'), harm: overwritten },
  {
    rule: 'stores',
    does: 'stores a lane',
    fields: attack('(v128.store64_lane 1 (local.get $a) (v128.const i64x2 -1 -1))'),
    harm: overwritten,
  },
  {
    rule: 'stores',
    does: 'jumps over a constant address',
    fields: attack(`(i32.store (block (result i32) (br 0 (local.get $a)) (i32.const ${ANYTHING})) (local.get $v))`),
    harm: overwritten,
  },
  {
    rule: 'bulk',
    does: 'fills',
    fields: attack('(memory.fill (local.get $a) (local.get $v) (local.get $n))'),
    harm: overwritten,
  },
  {
    rule: 'bulk',
    does: 'copies',
    fields: attack(`(memory.copy (local.get $a) (i32.const ${LEDGER}) (i32.const 64))`),
    harm: overwritten,
  },
  {
    rule: 'bulk',
    does: 'copies from its own data',
    fields: `(data $d "owned") ${attack('(memory.init $d (local.get $a) (i32.const 0) (i32.const 5))')}`,
    harm: overwritten,
  },
  {
    rule: 'grow',
    does: 'grows the memory',
    fields: attack('(drop (memory.grow (i32.const 1)))'),
    harm: ({ gate }) => gate.pages > 64 * 16,
  },
  {
    rule: 'globals',
    does: 'removes a hook',
    kind: 'core',
    imports: ENV,
    fields: `${CORE_GLOBALS} ${attack('(global.set $slot (i32.const 0))')}`,
    harm: ({ exports }) => (exports['wolfden.slot.syscall'] as WebAssembly.Global).value === 0,
  },
  {
    rule: 'ledger',
    does: 'finds the ledger',
    fields: '(func (export "attack") (result i32) (global.get $ledger))',
    harm: (_world, result) => result === LEDGER,
  },
  {
    rule: 'gate',
    does: 'calls a slot of the gate that it computes',
    fields: attack(
      '(drop (call_indirect $gate (type $gate) (i32.const 666) (i32.const 0) (i32.const 0) (i32.const 0) (local.get $i)))',
    ).replace('(local $n i32)', '(local $n i32) (local $i i32)'),
    harm: forged,
  },
  {
    rule: 'hooks',
    does: 'tells a listener of what did not happen',
    kind: 'core',
    imports: ENV,
    fields: `${CORE_GLOBALS} (type $hook (func (param i32))) ${attack('(call_indirect $hooks (type $hook) (i32.const 9) (i32.const 2))')}`,
    harm: ({ hooked }) => hooked.includes(9),
  },
  {
    rule: 'gate',
    does: 'lays its deed at the door of another',
    fields: attack(guarded('i32.store', 4, 5)),
    harm: ({ gate }) => gate.calls.some(([, , , , site]) => site === ((NUMBER << 20) | 5)),
  },
  {
    rule: 'gate',
    does: 'calls the gate with a false site',
    fields: attack(
      `(drop (call_indirect $gate (type $gate) (i32.const ${CLOSED}) (i32.const 4) (i32.const 0) (i32.const 666) (i32.const 0)))`,
    ),
    harm: forged,
  },
  {
    rule: 'gate',
    does: 'calls the gate with a site that it computes',
    fields: attack(
      '(drop (call_indirect $gate (type $gate) (i32.const 0) (i32.const 0) (i32.const 0) (local.get $n) (i32.const 4)))',
    ),
    harm: ({ gate }) => gate.calls.some(([, , , , site]) => site === 16),
  },
];

const hookAdapter = new WebAssembly.Module(
  restrictedModule({
    kind: 'extension',
    memory: '(import "test" "heard" (func $heard (param i32)))',
    edm: '(global $ledger i32 (i32.const 0)) (table $gate 1 funcref)',
    fields: '(func (export "hook") (param i32) (call $heard (local.get 0)))',
  }),
);

/** Loads a module beside what it imports, with one page closed, and runs its attack. */
function run(hostile: Hostile, bytes: Uint8Array<ArrayBuffer>): [World, unknown] {
  const memory = new WebAssembly.Memory({ initial: 64, maximum: 128 });
  const gate = new ReferenceGate(memory, LEDGER);
  gate.setPage(CLOSED / 4096, LEDGER_BYTE.closed);
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 8 });
  const hooks = new WebAssembly.Table({ element: 'anyfunc', initial: 4 });
  const escaped: number[] = [];
  const hooked: number[] = [];
  const heard = (value: number): number => hooked.push(value);
  hooks.set(2, new WebAssembly.Instance(hookAdapter, { test: { heard } }).exports.hook);
  const host = { escape: (value: number): number => escaped.push(value) };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    v86: { memory, table, ...host },
    node: host,
    env: { __indirect_function_table: table, 'wolfden.hooks': hooks },
    ...gate.imports,
  });
  if (hostile.kind === 'core')
    new Uint8Array((exports.memory as WebAssembly.Memory).buffer)[LEDGER + CLOSED / 4096] = LEDGER_BYTE.closed;
  const result = (exports.attack as () => unknown)();
  return [{ gate, table, exports, escaped, hooked }, result];
}

for (const hostile of HOSTILE) {
  const { rule, does, kind = 'extension' } = hostile;
  test(`${rule}: without it a module ${does}`, () => {
    const bytes = restrictedModule(hostile);
    assert.is(verify(bytes, { kind, module: NUMBER })?.rule, rule);
    assert.is(verifyWithout(rule, bytes, { kind, module: NUMBER }), undefined);
    if (hostile.harm) assert.ok(hostile.harm(...run(hostile, bytes)), 'the attack did nothing');
  });
}

test('format: exceptions, which bring places to land at, are refused', () => {
  const bytes = restrictedModule({ fields: attack('(try (do (nop)) (catch_all (nop)))') });
  assert.ok(WebAssembly.validate(bytes));
  assert.is(verify(bytes, { kind: 'extension', module: NUMBER })?.rule, 'format');
});

test('format: atomics, for which the table has no room, are refused', () => {
  for (const code of [
    '(drop (i32.atomic.rmw.xchg (local.get $a) (local.get $v)))',
    '(drop (i32.atomic.load (local.get $a)))',
  ])
    assert.is(
      verify(restrictedModule({ fields: attack(code) }), { kind: 'extension', module: NUMBER })?.rule,
      'format',
    );
});

test('format: shared memories, and those that are not known here, are refused', () => {
  const shared = restrictedModule({ memory: '(import "v86" "memory" (memory 1 2 shared))' });
  assert.ok(WebAssembly.validate(shared));
  assert.is(verify(shared, { kind: 'extension', module: NUMBER })?.rule, 'format');
  // The flags of the memory, behind its name and kind: 64-bit addresses among what they may mean.
  const bytes = restrictedModule({});
  const flags = bytes.findIndex((_, at) => 'memory'.split('').every((c, i) => bytes[at + i] === c.charCodeAt(0))) + 7;
  for (let value = 2; value < 256; value++) {
    bytes[flags] = value;
    assert.is(verify(bytes, { kind: 'extension', module: NUMBER })?.rule, 'format', `${value}`);
  }
});

test('every rule has a module that only it refuses', () => {
  const shown = new Set<string>(HOSTILE.map(({ rule }) => rule));
  assert.equal(
    Object.keys(RULES).filter((rule) => !shown.has(rule)),
    ['format'], // without it there is nothing to read
  );
});

test('the same module without an attack is accepted', () => {
  const fields = attack(
    `${guarded('i32.store', 4, 0)} ${guarded('i64.store16', 2, 1, 70000).replace('$v', '$x')} ${leave('memory.fill', 2)}`,
  );
  const bytes = restrictedModule({ fields });
  assert.is(verify(bytes, { kind: 'extension', module: NUMBER }), undefined);
  const [{ gate }] = run({ rule: 'stores', does: '' }, bytes);
  assert.equal(
    gate.calls.map(([slot]) => slot),
    [0, 0],
  );
  assert.not(overwritten({ gate } as World));
});

test.run();
