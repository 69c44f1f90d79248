// The opcode tables against the engine: WebAssembly.validate knows signatures, immediates and natural alignments on its own.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drop, f32Const, f64Const, i32Const, i64Const } from './assembler.ts';
import { buildModule } from './build-module.ts';
import { InstructionCursor } from './instructions.ts';
import { encodeU32 } from './leb128.ts';
import {
  accessWidth,
  allOpcodes,
  isLoad,
  isStore,
  type OpcodeFacts,
  opcodeFacts,
  opcodeName,
  storeValueType,
} from './opcodes.ts';
import type { ValueType } from './value-types.ts';

const V128_ZERO = [0xfd, 0x0c, ...new Array(16).fill(0)];
const CONSTANTS: Readonly<Record<ValueType, readonly number[]>> = {
  i32: i32Const(0),
  i64: i64Const(0n),
  f32: f32Const(0),
  f64: f64Const(0),
  v128: V128_ZERO,
  funcref: [0xd0, 0x70],
  externref: [0xd0, 0x6f],
};

/** Engines of this age may lack relaxed SIMD; the check of those opcodes is then that they decode. */
const RELAXED_SIMD = 0xfd100;
const engineHasRelaxedSimd = validates(opcodeFacts(RELAXED_SIMD)!, []);

function encodeOpcode(opcode: number): number[] {
  if (opcode < 0x100) return [opcode];
  if (opcode >= 0xfd000) return [0xfd, ...encodeU32(opcode - 0xfd000)];
  return [opcode >> 8, ...encodeU32(opcode & 0xff)];
}

/** Immediates that are valid in the module of {@link moduleWith}; alignment is the natural one plus `extraAlign`. */
function immediates({ immediates, width }: OpcodeFacts, extraAlign = 0): readonly number[] {
  const memory = [Math.log2(width) + extraAlign, 0];
  switch (immediates) {
    case 'index':
    case 'lane':
    case 'i32':
    case 'i64':
      return [0];
    case 'two indices':
      return [0, 0];
    case 'memory':
      return width === 0 ? [2, 0] : memory;
    case 'memory and lane':
      return [...memory, 0];
    case '4 bytes':
      return [0, 0, 0, 0];
    case '8 bytes':
      return new Array(8).fill(0);
    case '16 bytes':
      return new Array(16).fill(0);
    case 'reference type':
      return [0x70];
    default:
      return [];
  }
}

/** A module with everything an instruction may name at index 0: table, shared memory, data and element segments. */
function moduleWith(code: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes = buildModule({
    functions: [{ type: { params: [], results: [] }, body: { code }, exportAs: 'f' }],
    tables: [{ element: 'funcref', limits: { min: 1 } }],
    memories: [{ limits: { min: 1, max: 1, shared: true } }],
    elements: [{ offset: 0, functions: [0] }],
    data: [{ address: 0, bytes: new Uint8Array(1) }],
  });
  // memory.init and data.drop want the data count section, which goes before the code.
  let at = 8;
  while (bytes[at] !== 10) at += 2 + bytes[at + 1]!;
  return Uint8Array.from([...bytes.subarray(0, at), 12, 1, 1, ...bytes.subarray(at)]);
}

function validates(facts: OpcodeFacts, operands: readonly ValueType[], extraAlign = 0): boolean {
  const given = (facts.operands ?? operands).flatMap((type) => [...CONSTANTS[type]]);
  const dropped = (facts.results ?? []).flatMap(() => [...drop]);
  return WebAssembly.validate(
    moduleWith([...given, ...encodeOpcode(facts.opcode), ...immediates(facts, extraAlign), ...dropped]),
  );
}

const checkable = (facts: OpcodeFacts): boolean =>
  facts.operands !== undefined && (facts.opcode < RELAXED_SIMD || engineHasRelaxedSimd || facts.opcode >= 0xfe000);

test('the engine accepts each opcode with the operands, results and immediates of the table', () => {
  const refused = allOpcodes().filter(
    (facts) => facts.opcode < RELAXED_SIMD && facts.operands && !validates(facts, []),
  );
  assert.equal(
    refused.map(({ name }) => name),
    [],
  );
});

test('one operand less or one result more is refused: the tables are not merely permissive', () => {
  for (const facts of allOpcodes().filter(checkable)) {
    const { operands = [], results = [] } = facts;
    if (operands.length > 0) assert.not(validates({ ...facts, operands: operands.slice(1) }, []), facts.name);
    assert.not(validates({ ...facts, results: [...results, 'i32'] }, []), facts.name);
  }
});

test('the width of each access is the one whose alignment the engine holds for natural', () => {
  for (const facts of allOpcodes().filter(({ width, opcode }) => width > 0 && opcode < RELAXED_SIMD)) {
    assert.ok(validates(facts, []), facts.name);
    assert.not(validates(facts, [], 1), `${facts.name} with twice its width`);
  }
});

test('there is no opcode that the engine knows and the table does not', () => {
  const known: string[] = [];
  const ranges: readonly [number, number][] = [
    [0xfc00, 0xfc12],
    [0xfd000, 0xfd100],
  ];
  for (const [from, to] of ranges) {
    for (let opcode = from; opcode < to; opcode++) {
      if (opcodeFacts(opcode)) continue;
      for (const operands of [['v128'], ['v128', 'v128'], ['v128', 'v128', 'v128']] as const) {
        const facts: OpcodeFacts = { ...opcodeFacts(0xfd04d)!, opcode, operands, results: ['v128'] };
        if (validates(facts, [])) known.push(opcodeName(opcode));
      }
    }
  }
  assert.equal(known, []);
});

test('names are unique and opcodes are where the specification has them', () => {
  const names = new Map(allOpcodes().map(({ name, opcode }) => [name, opcode]));
  assert.is(names.size, allOpcodes().length);
  for (const [name, opcode] of Object.entries({
    'i32.store': 0x36,
    'i64.extend32_s': 0xc4,
    'i64.trunc_sat_f64_u': 0xfc07,
    'table.fill': 0xfc11,
    'v128.store64_lane': 0xfd05b,
    'f64x2.convert_low_i32x4_u': 0xfd0ff,
    'i32x4.relaxed_dot_i8x16_i7x16_add_s': 0xfd113,
    'i64.atomic.rmw32.cmpxchg_u': 0xfe4e,
  })) {
    assert.is(names.get(name), opcode, name);
  }
});

test('stores, loads and their value types', () => {
  const named = (pick: (opcode: number) => boolean) => allOpcodes().filter(({ opcode }) => pick(opcode)).length;
  assert.is(named(isStore), 9 + 1 + 4 + 7 + 7 * 7 + 3);
  assert.is(named(isLoad), 14 + 13 + 4 + 7 + 7 * 7 + 2 + 1);
  assert.is(storeValueType(0x37), 'i64');
  assert.is(storeValueType(0xfd05a), 'v128');
  assert.is(storeValueType(0x28), undefined);
  assert.is(accessWidth(0xfd05a), 4);
  assert.is(accessWidth(0xfd001), 8);
  assert.is(accessWidth(0xfc0b), 0);
});

test('every opcode with its immediates decodes to exactly its length', () => {
  for (const facts of allOpcodes()) {
    const special: Partial<Record<string, number[]>> = {
      'block type': [0x40],
      'label table': [1, 0, 0],
      'type list': [1, 0x7f],
    };
    const encoded = [...encodeOpcode(facts.opcode), ...(special[facts.immediates] ?? immediates(facts))];
    const bytes = Uint8Array.from([...encoded, 0x0b]);
    const cursor = new InstructionCursor(bytes, facts.name);
    cursor.enter(0, bytes.length);
    assert.ok(cursor.next());
    assert.is(cursor.opcode, facts.opcode, facts.name);
    assert.is(cursor.end, encoded.length, facts.name);
  }
});

test.run();
