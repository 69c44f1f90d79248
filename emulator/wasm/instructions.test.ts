import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as asm from './assembler.ts';
import { buildModule } from './build-module.ts';
import { WasmFormatError } from './errors.ts';
import { EMPTY_BLOCK_TYPE, InstructionCursor } from './instructions.ts';
import { opcodeName } from './opcodes.ts';
import { readModule } from './reader.ts';

const decode = (...parts: readonly (readonly number[])[]): InstructionCursor => {
  const bytes = asm.code(...parts);
  const cursor = new InstructionCursor(bytes, 'test');
  cursor.enter(0, bytes.length);
  return cursor;
};

test('gives the immediates of each form', () => {
  const cursor = decode(
    ...[asm.i32Const(-5), asm.i64Const(-(2n ** 40n)), asm.callIndirect(300, 2), asm.i32Store(0xffff_fff0)],
    ...[[0xfd, 0x5b, 3, 0x80, 1, 1], [0x0e, 2, 0, 1, 0], asm.block(), asm.loop('i64'), asm.if_(70), asm.end],
  );
  const step = () => {
    assert.ok(cursor.next());
    return cursor;
  };
  assert.is(step().imm0, -5);
  assert.is(step().i64Constant(), -(2n ** 40n));
  assert.equal([step().imm0, cursor.imm1], [300, 2]);
  assert.equal([step().memOffset, cursor.align], [0xffff_fff0, 0]);
  assert.equal([step().opcode, cursor.align, cursor.memOffset, cursor.lane], [0xfd05b, 3, 128, 1]);
  assert.equal([step().imm0, cursor.end - cursor.immOffset], [2, 3]);
  assert.equal([step().imm0, cursor.depth], [EMPTY_BLOCK_TYPE, 2]);
  assert.equal([step().imm0 + 128, cursor.depth], [0x7e, 3]);
  assert.equal([step().imm0, cursor.depth], [70, 4]);
  assert.equal([step().depth, opcodeName(cursor.opcode)], [3, 'end']);
});

test('steps over a function with its locals', () => {
  const module = readModule(
    buildModule({
      functions: [
        {
          type: { params: ['i32'], results: ['i32'] },
          body: { locals: ['i64', 'i64', 'v128'], code: asm.code(asm.localGet(0), asm.i32Const(1), asm.i32Add) },
        },
      ],
    }),
    'locals',
  );
  const cursor = new InstructionCursor(module.bytes, module.source);
  assert.is(cursor.enterFunction(module, 0), 3);
  const names: string[] = [];
  while (cursor.next()) names.push(opcodeName(cursor.opcode));
  assert.equal(names, ['local.get', 'i32.const', 'i32.add', 'end']);
  assert.is(cursor.end, module.code[0]!.end);
  assert.throws(() => cursor.enterFunction(module, 1), /function index 1/);
});

const REFUSED: readonly [string, readonly (readonly number[])[], number, RegExp][] = [
  ['an opcode that does not exist', [asm.nop, [0x27]], 1, /an instruction, found opcode 0x27/],
  ['a prefix that is not known', [[0xff, 0]], 0, /opcode 0xff/],
  ['a prefixed opcode that does not exist', [[0xfd, 0x9a, 0x01]], 0, /opcode 0xfd09a/],
  ['a prefixed opcode beyond all tables', [[0xfc, 0xff, 0xff, 0x03]], 0, /opcode 0xfc 65535/],
  ['a constant cut short', [asm.nop, [0x44, 1, 2]], 2, /8 bytes of a constant, found 2 bytes left/],
  ['a label table beyond the body', [[0x0e, 0xff, 0xff, 0xff, 0x7f, 0]], 0, /268435455 labels and a default/],
  ['a memory access of another memory', [[0x28, 0x40, 0, 0]], 0, /memory 0/],
  ['a body without its end', [asm.block(), asm.end], 3, /the end of 1 open blocks/],
  ['instructions after the last end', [asm.end, asm.nop], 1, /after its last `end`/],
];

for (const [what, parts, offset, pattern] of REFUSED) {
  test(`refuses ${what}`, () => {
    const cursor = decode(...parts);
    assert.throws(
      () => {
        while (cursor.next());
      },
      (error: unknown) => error instanceof WasmFormatError && error.offset === offset && pattern.test(error.message),
    );
  });
}

test.run();
