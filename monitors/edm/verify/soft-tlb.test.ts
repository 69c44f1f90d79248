// Compiled code writes through the soft TLB as it is, and in no way that would lead elsewhere: each piece of its form altered, and the place used where it is not known.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { TLB_RANGE } from '../facts.ts';
import { LEDGER_BYTE, ReferenceGate } from '../testing/reference-gate.ts';
import { NUMBER, restrictedModule } from '../testing/restricted-wat.ts';
import { sectionsOf } from '../testing/sections.ts';
import {
  type Pieces,
  SLOW_WAY_IMPORTS,
  SOFT_TLB_CHUNKS,
  slowWays,
  softTlbPlace,
  softTlbWrite,
  softTlbWrite16,
} from '../testing/soft-tlb-wat.ts';
import { verify } from './index.ts';

const OPTIONS = { kind: 'jit', module: NUMBER } as const;
const [VALID, HAS_CODE, READ_ONLY, MMIO] = [1, 32, 2, 8] as const;
/** Pages of linear memory. */
const PAGE = { ledger: 0x900000, open: 0x880000, closed: 0x890000, sink: 0x8a0000 } as const;
/** Virtual addresses. The page of each but the first leads to the closed one. */
const AT = {
  open: 0x1000_0000,
  held: 0x2000_1000,
  readOnly: 0x2000_2000,
  device: 0x2000_3000,
  none: 0x2000_4000,
} as const;

const memory = new WebAssembly.Memory({ initial: SOFT_TLB_CHUNKS + 64 });
const gate = new ReferenceGate(memory, PAGE.ledger);
const words = new Int32Array(memory.buffer);
const setEntry = (address: number, page: number, flags: number): void => {
  words[(TLB_RANGE.from >> 2) + (address >>> 12)] = (page ^ address) | flags;
};
gate.setPage(PAGE.closed / 4096, LEDGER_BYTE.closed);
setEntry(AT.open, PAGE.open, VALID);
setEntry(AT.held, PAGE.closed, VALID | HAS_CODE);
setEntry(AT.readOnly, PAGE.closed, VALID | READ_ONLY);
setEntry(AT.device, PAGE.closed, VALID | MMIO);
const translate = (address: number): number => (address < AT.held ? PAGE.open : PAGE.closed) | (address & 0xfff);
const e = { m: memory, ...slowWays(translate, (first, length) => gate.mayWrite(first, length), PAGE.sink) };

/** A module with a function of an address and a value; its last label, outside, is where faults go. */
const module = (code: string, value = 'i32'): Uint8Array<ArrayBuffer> =>
  restrictedModule({
    kind: 'jit',
    imports: SLOW_WAY_IMPORTS,
    fields: `(func (export "f") (param $a i32) (param $v ${value})
      (local $e i32) (local $f i32) (local $p i32) (local $q i32) (local $w ${value}) block ${code} end)`,
  });

/** Runs it at all places, near the ends of pages too. @returns whether the closed page was written */
function runs(bytes: Uint8Array<ArrayBuffer>, value: 'i32' | 'i64' = 'i32'): boolean {
  const closed = gate.bytes.subarray(PAGE.closed, PAGE.closed + 0x2000).fill(0);
  let exports: WebAssembly.Exports;
  try {
    ({ exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { e, ...gate.imports }));
  } catch (error) {
    // Imports that are not there.
    if (error instanceof WebAssembly.LinkError || error instanceof TypeError) return false;
    throw error;
  }
  for (const at of Object.values(AT))
    for (const offset of [0, 0xff0, 0xffd, 0xfff])
      try {
        (exports.f as undefined | ((a: number, v: number | bigint) => void))?.(at + offset, value === 'i64' ? -1n : -1);
      } catch (error) {
        // Traps, and parameters of another type.
        if (!(error instanceof WebAssembly.RuntimeError || error instanceof TypeError || error instanceof SyntaxError))
          throw error;
      }
  return closed.some((byte) => byte !== 0);
}

const write = (place: string): string => `${place} drop local.get $p local.get $v i32.store`;

const ACCEPTED: Readonly<Record<string, readonly [code: string, value?: 'i64']>> = {
  'one byte': [softTlbWrite(1)],
  'two bytes': [softTlbWrite(2)],
  'four bytes': [softTlbWrite(4)],
  'eight bytes': [softTlbWrite(8, 'i64'), 'i64'],
  'sixteen bytes': [softTlbWrite16(), 'i64'],
  'a read and a write': [write(softTlbPlace(4))],
  'a write after blocks and other locals': [
    `${softTlbPlace(4)} drop local.get $f i32.eqz if i32.const 3 local.set $q else block i32.const 4 local.set $q br 0 end end
     local.get $p local.get $v i32.store`,
  ],
  'a note of instructions before the call': [
    softTlbWrite(4, 'i32', {
      slow: 'local.get $a local.get $v i32.const 7 i32.const 0 local.get $q i32.store offset=2048 call $safe_write32_slow_jit',
    }),
  ],
};

for (const [name, [code, value]] of Object.entries(ACCEPTED))
  test(`${name}: accepted, and writes what may be written`, () => {
    const bytes = module(code, value);
    assert.is(verify(bytes, OPTIONS), undefined);
    gate.bytes.fill(0, PAGE.open, PAGE.open + 4096);
    assert.not(runs(bytes, value));
    assert.is(gate.bytes[PAGE.open], 0xff);
    // Only compiled code has a soft TLB to write through.
    const extension = restrictedModule({
      imports: SLOW_WAY_IMPORTS.replaceAll('"e"', '"v86"'),
      fields: wrapped(code, value),
    });
    assert.is(verify(extension, { kind: 'extension', module: NUMBER })?.rule, 'stores');
  });

const wrapped = (code: string, value = 'i32'): string =>
  `(func (export "f") (param $a i32) (param $v ${value})
    (local $e i32) (local $f i32) (local $p i32) (local $q i32) (local $w ${value}) block ${code} end)`;

const REFUSED: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    'takes a held entry': { mask: 'i32.const 0xfcb i32.and' },
    'takes a read-only entry': { mask: 'i32.const 0xfe9 i32.and' },
    'takes an entry of a device': { mask: 'i32.const 0xfe3 i32.and' },
    'takes an entry that is none': { valid: 'i32.const 0 i32.eq' },
    'takes any entry': { valid: 'i32.const 1 i32.ne' },
    'reads another table': { load: `i32.load offset=${TLB_RANGE.from + 4}` },
    'reads the entry of another page': { page: 'i32.const 11 i32.shr_u i32.const 2 i32.shl' },
    'goes beyond the page': { inPage: 'local.get $a i32.const 0xfff i32.and i32.const 0xffd i32.le_s i32.and' },
    'looks at another address': { inPage: 'local.get $v i32.const 0xfff i32.and i32.const 0xffc i32.le_s i32.and' },
    'does not look where it ends': { inPage: '' },
    'takes the fast way always': { fast: 'drop br 0' },
    'asks about another address': { slow: 'local.get $v local.get $v i32.const 7 call $safe_write32_slow_jit' },
    'asks about fewer bytes': { slow: 'local.get $a local.get $v i32.const 7 call $safe_write8_slow_jit' },
    'asks for a read and a write': { slow: 'local.get $a i32.const 7 call $safe_read_write32s_slow_jit' },
    'goes on after a fault': { leave: 'br_if 0' },
    'keeps its own entry': { fault: 'local.tee $q i32.const 1 i32.and' },
    'takes the entry for the address': { entry: 'local.tee $a' },
    'takes another address in the end': { place: 'local.get $e i32.const -4096 i32.and local.get $v i32.xor' },
    'takes another entry in the end': { place: 'local.get $q i32.const -4096 i32.and local.get $a i32.xor' },
    'leaves the page': { place: 'local.get $e i32.const -8192 i32.and local.get $a i32.xor' },
    'writes more bytes': { store: 'i64.const -1 i64.store' },
    'writes behind it': { store: 'local.get $v i32.store offset=4096' },
    'notes elsewhere': {
      slow: `local.get $a local.get $v i32.const 7 i32.const ${TLB_RANGE.from} local.get $v i32.store call $safe_write32_slow_jit`,
    },
    'enters it from outside': { end: 'br 0 end' },
    'is a loop': { block: 'loop' },
  } satisfies Record<string, Pieces>).map(([name, changes]) => [name, softTlbWrite(4, 'i32', changes)]),
);

const PLACES: Readonly<Record<string, string>> = {
  'writes more bytes there': `${softTlbPlace(1)} drop local.get $p local.get $v i32.store`,
  'writes behind it': `${softTlbPlace(4)} drop local.get $p local.get $v i32.store offset=4`,
  'writes to another place': `${softTlbPlace(4)} drop local.get $q local.get $v i32.store`,
  'sets the place': `${softTlbPlace(4)} drop local.get $v local.set $p local.get $p local.get $v i32.store`,
  'sets the place in a block': `${softTlbPlace(4)} drop block local.get $v local.tee $p drop end local.get $p local.get $v i32.store`,
  'sets the place on the way round a loop': `${softTlbPlace(4)} drop
    loop local.get $p local.get $v i32.store local.get $v local.set $p local.get $v br_if 0 end`,
  'jumps over it': `block local.get $v br_if 0 ${softTlbPlace(4)} drop end local.get $p local.get $v i32.store`,
  'comes from the other branch': `local.get $v if ${softTlbPlace(4)} drop else local.get $p local.get $v i32.store end`,
  'comes from before the branches': `local.get $v if ${softTlbPlace(4)} drop end local.get $p local.get $v i32.store`,
  'takes whether it is fast for the address': write(softTlbPlace(4, { isFast: 'local.tee $a' })),
  'takes whether it is fast for the entry': write(softTlbPlace(4, { isFast: 'local.tee $e' })),
  'writes it through the slow way of a write': write(
    softTlbPlace(4, { slow: 'local.get $a local.get $v i32.const 7 call $safe_write32_slow_jit' }),
  ),
};

for (const [name, code] of Object.entries({ ...REFUSED, ...PLACES }))
  test(`refused: code that ${name}`, () => {
    const bytes = module(code);
    assert.is(verify(bytes, OPTIONS)?.rule, 'stores', JSON.stringify(verify(bytes, OPTIONS)));
  });

test('no altered byte gets through that does harm', () => {
  const ends = [softTlbWrite(4), write(softTlbPlace(4)), softTlbWrite16()];
  let [refused, accepted] = [0, 0];
  for (const [i, code] of ends.entries()) {
    const value = i === 2 ? 'i64' : 'i32';
    const bytes = module(code, value);
    // What lies outside code is altered in `forms.test.ts`.
    const { start, end } = [...sectionsOf(bytes)].find(({ id }) => id === 10)!;
    for (let at = start; at < end; at++)
      for (let change = 1; change < 256; change += change < 8 ? 1 : 8) {
        const altered = bytes.slice();
        altered[at]! ^= change;
        if (verify(altered, OPTIONS)) refused++;
        else if (WebAssembly.validate(altered)) {
          accepted++;
          assert.not(runs(altered, value), `form ${i}, offset ${at}, byte ${altered[at]}`);
        }
      }
  }
  assert.ok(refused > 10 * accepted && accepted > 0, `${refused} refused, ${accepted} accepted`);
});

test.run();
