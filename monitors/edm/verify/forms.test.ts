// Each accepted form with each of its bytes altered in many ways: the verifier refuses, the engine does, or what is left is as harmless as before.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { SAFE, SAFE_END } from '../facts.ts';
import { LEDGER_BYTE, ReferenceGate } from '../testing/reference-gate.ts';
import { gateCall, guarded, guardedByRange, leave, NUMBER, restrictedModule } from '../testing/restricted-wat.ts';
import { verify } from './index.ts';

const LEDGER = 0x100000;
const CLOSED = 0x20000;
const OPTIONS = { kind: 'extension', module: NUMBER } as const;

/**
 * One function, the form, with its address and length as parameters. Altered code must not be able to call itself for ever: the first function indices are
 * those of functions that do nothing.
 */
const module = (form: string, value = 'i32'): Uint8Array<ArrayBuffer> =>
  restrictedModule({
    fields: `(data $d "owned") (func) (func) (func) (func (export "attack") (param $a i32) (param $n i32) (local $v ${value}) ${form})`,
  });

/** Stores of several kinds, with an offset at times. That all kinds pass is shown by `fuzz.test.ts`. */
const GUARDED: readonly [instruction: string, width: number, value: string, offset: number][] = [
  ['i32.store8', 1, 'i32', 0],
  ['i32.store', 4, 'i32', 64],
  ['i64.store16', 2, 'i64', 200],
  ['f64.store', 8, 'f64', 12],
  ['v128.store', 16, 'v128', 0],
  ['i64.store32', 4, 'i64', 8],
];

const FORMS: Readonly<Record<string, Uint8Array<ArrayBuffer>>> = {
  ...Object.fromEntries(
    GUARDED.map(([instruction, width, value, offset]) => [
      instruction,
      module(guarded(instruction, width, 0, offset), value),
    ]),
  ),
  'v128.store16_lane': module(guarded('v128.store16_lane', 2, 0).replace(/end$/, '3 end'), 'v128'),
  'a guard by a range': module(guardedByRange('i32.store', 4, 0)),
  'a constant address': module('i32.const 4096 local.get $v i32.store offset=8'),
  'memory.fill': module(leave('memory.fill', 0)),
  'memory.copy': module(leave('memory.copy', 0)),
  'memory.init': module(leave('memory.init $d', 0)),
  'memory.grow': module(`local.get $n i32.const 0 i32.const 0 ${gateCall('grow', 0)} drop`),
  'what is refused': module(`i32.const 0x26 i32.const 0 i32.const 0 ${gateCall('refused', 0)} drop unreachable`),
};

/** One memory for all runs, for each takes gigabytes of address space. */
const memory = new WebAssembly.Memory({ initial: 64, maximum: 64 });
const table = new WebAssembly.Table({ element: 'anyfunc', initial: 8 });
const gate = new ReferenceGate(memory, LEDGER);
gate.setPage(CLOSED / 4096, LEDGER_BYTE.closed);
const v86 = { memory, table };

/** Runs a module that was accepted, and tells what it did that it should not have. */
function harm(bytes: Uint8Array<ArrayBuffer>): string | undefined {
  gate.calls.length = 0;
  try {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { v86, ...gate.imports });
    // Into the closed page, and with the offsets above; from the page before.
    for (const address of [CLOSED, CLOSED - 1, CLOSED - 64, CLOSED - 200])
      (exports.attack as ((address: number, length: number) => void) | undefined)?.(address, 5);
  } catch (error) {
    // Traps, calls that never end, imports that are not there.
    const expected = [WebAssembly.RuntimeError, RangeError, WebAssembly.LinkError, TypeError];
    if (!expected.some((kind) => error instanceof kind)) throw error;
  }
  if (gate.bytes.subarray(CLOSED, CLOSED + 4096).some((byte) => byte !== 0)) return 'the closed page was written';
  if (gate.bytes[LEDGER + CLOSED / 4096] !== LEDGER_BYTE.closed) return 'the ledger was written';
  const strange = gate.calls.find(([, , , , site]) => site !== NUMBER << 20);
  return strange && `the gate was called with ${strange}`;
}

/** What a byte is combined with by exclusive or: each bit, and others; all there are take four times as long and show no more. */
const CHANGES = Array.from({ length: 255 }, (_, i) => i + 1).filter(
  (bits) => (bits & (bits - 1)) === 0 || bits % 5 === 0,
);

for (const [name, bytes] of Object.entries(FORMS))
  test(`${name}: no altered byte gets through that does harm`, () => {
    assert.is(verify(bytes, OPTIONS), undefined);
    assert.is(harm(bytes), undefined);
    let refused = 0;
    let accepted = 0;
    for (let at = 8; at < bytes.length; at++)
      for (const change of CHANGES) {
        const altered = bytes.slice();
        altered[at]! ^= change;
        if (verify(altered, OPTIONS)) {
          refused++;
          continue;
        }
        if (!WebAssembly.validate(altered)) continue;
        accepted++;
        assert.is(harm(altered), undefined, `offset ${at}, byte ${altered[at]}`);
      }
    // What is let through is in names, in data, in which local the value comes from, and in what the gate is asked beside the site.
    assert.ok(refused > 5 * accepted, `${refused} refused, ${accepted} accepted`);
  });

test('a guard by a range is one of a range that is safe, to the byte', () => {
  const [gap] = SAFE;
  const accepted = (store: string, width: number, first: number, last: number, value = 'i32'): boolean =>
    verify(module(guardedByRange(store, width, 0, first, last), value), OPTIONS) === undefined;
  for (const [store, width, value] of [
    ['i32.store8', 1, 'i32'],
    ['i64.store', 8, 'i64'],
    ['v128.store', 16, 'v128'],
  ] as const) {
    assert.ok(accepted(store, width, 64, gap!.to - width, value));
    assert.not(accepted(store, width, 64, gap!.to - width + 1, value));
  }
  for (const { from, to } of SAFE.slice(1)) {
    assert.ok(accepted('i32.store8', 1, from, to - 1));
    assert.not(accepted('i32.store8', 1, from - 1, to - 1));
    assert.not(accepted('i32.store8', 1, from, to));
  }
  assert.not(accepted('i32.store8', 1, SAFE_END, SAFE_END));
  // A range that wraps around, and one of all addresses.
  assert.not(accepted('i32.store8', 1, -8, 8));
  assert.not(accepted('i32.store8', 1, 0, -1));
});

test('no module makes the verifier throw: cut short anywhere, or with two bytes altered', () => {
  const bytes = module(guarded('i64.store', 8, 0, 200), 'i64');
  for (let length = 0; length < bytes.length; length++) {
    const part = bytes.slice(0, length);
    assert.ok(verify(part, OPTIONS) || !WebAssembly.validate(part) || harm(part) === undefined, `${length}`);
  }
  for (let at = 8; at < bytes.length - 1; at++)
    for (let change = 0; change < 0x10000; change += 251) {
      const altered = bytes.slice();
      altered[at] = change;
      altered[at + 1] = change >> 8;
      verify(altered, OPTIONS);
    }
});

test('numbers of any length, and counts beyond the module, end with the module', () => {
  const long = new Uint8Array(1 << 20).fill(0xff);
  long.set([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  for (let section = 0; section < 16; section++) {
    long[8] = section;
    assert.is(verify(long, OPTIONS)?.rule, 'format');
    // Its size, right; then a count of 2^32 - 1, or code that is one long number.
    long.set(
      [0x80 | ((long.length - 12) & 0x7f), 0x80 | (((long.length - 12) >> 7) & 0x7f), (long.length - 12) >> 14],
      9,
    );
    assert.is(verify(long, OPTIONS) === undefined, section === 0); // a custom section is not looked at
    long.fill(0xff, 9, 12);
  }
});

test.run();
