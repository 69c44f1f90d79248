import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type Descriptor,
  decodeDescriptor,
  decodeSelector,
  encodeDescriptor,
  encodeSelector,
  type PrivilegeLevel,
} from './descriptors.ts';

const SEED = { seed: 0x5e65e9, numRuns: 2000 };
// Records with a prototype, as decoding makes them: uvu's equality tells them from those without.
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(model, { noNullPrototype: true });
const word = fc.integer({ min: 0, max: 0xffff_ffff });
const selector = fc.integer({ min: 0, max: 0xffff });
const common = {
  dpl: fc.constantFrom<PrivilegeLevel>(0, 1, 2, 3),
  present: fc.boolean(),
};
const extent = fc.tuple(word, fc.boolean()).map(([limit, granular]) => ({
  granular,
  limit: granular ? (limit | 0xfff) >>> 0 : limit & 0xf_ffff,
}));
const segmentFields = { ...common, base: word, available: fc.boolean() };
const withExtent = <T>(fields: fc.Arbitrary<T>) =>
  fc.tuple(fields, extent).map(([some, size]) => ({ ...some, ...size }));
const gateOffset = fc
  .tuple(word, fc.boolean())
  .map(([offset, is32]) => ({ is32, offset: is32 ? offset : offset & 0xffff }));
const withOffset = <T>(fields: fc.Arbitrary<T>) =>
  fc.tuple(fields, gateOffset).map(([some, at]) => ({ ...some, ...at }));

const code = record({
  kind: fc.constant('code' as const),
  ...segmentFields,
  accessed: fc.boolean(),
  readable: fc.boolean(),
  conforming: fc.boolean(),
  is32: fc.boolean(),
  is64: fc.boolean(),
});
const data = record({
  kind: fc.constant('data' as const),
  ...segmentFields,
  accessed: fc.boolean(),
  writable: fc.boolean(),
  expandDown: fc.boolean(),
  is32: fc.boolean(),
});
const tss = record({ kind: fc.constant('tss' as const), ...segmentFields, busy: fc.boolean(), is32: fc.boolean() });
const ldt = record({ kind: fc.constant('ldt' as const), ...segmentFields });
const interruptGate = record({
  kind: fc.constantFrom('interrupt-gate' as const, 'trap-gate' as const),
  ...common,
  selector,
});
const callGate = record({
  kind: fc.constant('call-gate' as const),
  ...common,
  selector,
  parameters: fc.integer({ min: 0, max: 31 }),
});
const taskGate = record({ kind: fc.constant('task-gate' as const), ...common, selector });
const reserved = record({ kind: fc.constant('reserved' as const), ...common, type: fc.constantFrom(0, 8, 10, 13) });

const anyDescriptor: fc.Arbitrary<Descriptor> = fc.oneof(
  withExtent(code),
  withExtent(data),
  withExtent(tss),
  withExtent(ldt),
  withOffset(interruptGate),
  withOffset(callGate),
  taskGate,
  reserved,
);

test('selectors split and join', () => {
  assert.equal(decodeSelector(0x10), { index: 2, table: 'gdt', rpl: 0 });
  assert.equal(decodeSelector(0x73), { index: 14, table: 'gdt', rpl: 3 });
  assert.equal(decodeSelector(0x0f), { index: 1, table: 'ldt', rpl: 3 });
  for (let value = 0; value <= 0xffff; value++) assert.is(encodeSelector(decodeSelector(value)), value);
});

test('descriptors survive encoding and decoding', () => {
  fc.assert(
    fc.property(anyDescriptor, (descriptor) => {
      const { low, high } = encodeDescriptor(descriptor);
      assert.equal(decodeDescriptor(low, high), descriptor);
    }),
    SEED,
  );
});

test('code segments, which have no unused bit, survive decoding and encoding', () => {
  fc.assert(
    fc.property(word, word, (low, anyHigh) => {
      const high = (anyHigh | 0x1800) >>> 0;
      assert.equal(encodeDescriptor(decodeDescriptor(low, high)), { low, high });
    }),
    SEED,
  );
});

test('any two words decode to a kind whose encoding decodes to the same', () => {
  fc.assert(
    fc.property(word, word, (low, high) => {
      const descriptor = decodeDescriptor(low, high);
      const raw = encodeDescriptor(descriptor);
      assert.equal(decodeDescriptor(raw.low, raw.high), descriptor);
      assert.equal(decodeDescriptor(low | 0, high | 0), descriptor, 'signed words');
    }),
    SEED,
  );
});

test('the flat segments of a 32-bit kernel', () => {
  assert.equal(decodeDescriptor(0x0000_ffff, 0x00cf_9a00), {
    kind: 'code',
    dpl: 0,
    present: true,
    base: 0,
    limit: 0xffff_ffff,
    granular: true,
    available: false,
    accessed: false,
    readable: true,
    conforming: false,
    is32: true,
    is64: false,
  });
  assert.equal(decodeDescriptor(0x0000_ffff, 0x00cf_f300), {
    kind: 'data',
    dpl: 3,
    present: true,
    base: 0,
    limit: 0xffff_ffff,
    granular: true,
    available: false,
    accessed: true,
    writable: true,
    expandDown: false,
    is32: true,
  });
});

test('each system type has its kind', () => {
  const kinds = Array.from({ length: 16 }, (_, type) => {
    const descriptor = decodeDescriptor(0, (type << 8) | 0x8000);
    return 'is32' in descriptor ? `${descriptor.kind} ${descriptor.is32 ? 32 : 16}` : descriptor.kind;
  });
  assert.equal(kinds, [
    'reserved',
    'tss 16',
    'ldt',
    'tss 16',
    'call-gate 16',
    'task-gate',
    'interrupt-gate 16',
    'trap-gate 16',
    'reserved',
    'tss 32',
    'reserved',
    'tss 32',
    'call-gate 32',
    'reserved',
    'interrupt-gate 32',
    'trap-gate 32',
  ]);
});

test('the system-call gate of a 32-bit Linux and a busy TSS', () => {
  assert.equal(decodeDescriptor(0x0060_7a50, 0xc15c_ef00), {
    kind: 'trap-gate',
    dpl: 3,
    present: true,
    selector: 0x60,
    offset: 0xc15c_7a50,
    is32: true,
  });
  const tssDescriptor = decodeDescriptor(0x4000_206b, 0xff00_8b80);
  assert.is(tssDescriptor.kind, 'tss');
  if (tssDescriptor.kind !== 'tss') return;
  assert.is(tssDescriptor.base, 0xff80_4000);
  assert.is(tssDescriptor.limit, 0x206b);
  assert.ok(tssDescriptor.busy);
});

test('an inexpressible limit is refused with the rule broken', () => {
  const flat = decodeDescriptor(0x0000_ffff, 0x00cf_9200);
  if (flat.kind !== 'data') throw new Error(`expected a data segment, decoded ${flat.kind}`);
  assert.throws(() => encodeDescriptor({ ...flat, limit: 0x1234_5000 }), /0x12345000 .*ends in 0xfff/);
  assert.throws(() => encodeDescriptor({ ...flat, granular: false }), /0xffffffff .*below 0x100000/);
});

test.run();
