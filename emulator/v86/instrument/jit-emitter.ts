// Makes v86's own code generator emit what compiled code needs, so that its modules need no rewriting.
import { call, code, i32Add, i32Const, i32Load, i32Store, i32Store8, i32Sub, localGet } from '../../wasm/assembler.ts';
import { COUNTER_LOCAL } from '../jit-module.ts';
import { OURS } from '../state.ts';
import { decode, findOnce, OP } from './code-pattern.ts';
import type { Instrumenter } from './instrumenter.ts';

/** The opcode that `eq_i32` emits. */
const I32_EQ = 0x46;

/**
 * Compiled code counts its instructions in a local and adds it to the counter when it returns. Each call that v86 emits is preceded by a
 * store of that local to `liveInstructions`: an event can only come from a call, and the fast paths have none.
 */
export function instrumentJitEmitter(w: Instrumenter): void {
  const emit = addEmit(w);
  const publish = code(i32Const(0), localGet(COUNTER_LOCAL), i32Store(OURS.liveInstructions));
  const builder = localGet(0);
  // `call_fn(builder, name, length of the name, type)`
  w.rewriter.detour(w.function('emitCall'), (original) => ({
    code: code(
      ...[...publish].map((byte) => code(builder, i32Const(byte), call(emit))),
      ...[builder, localGet(1), localGet(2), localGet(3), call(original)],
    ),
  }));
}

/** Adds `(builder, byte)`: appends a byte to the code under construction, by having v86 append an opcode and replacing that. */
function addEmit(w: Instrumenter): number {
  const emitter = w.function('emitEqual');
  const list = decode(w.module, emitter);
  const find = findOnce.bind(undefined, w.module, 'WasmBuilder::eq_i32', list);
  const [, length] = find('the length of the code', [[OP.add], [OP.store]]);
  const [pointer] = find('the opcode appended', [
    [OP.load],
    [OP.localGet],
    [OP.add],
    [OP.i32Const, I32_EQ],
    [OP.store8],
  ]);
  const builder = localGet(0);
  const last = code(
    ...[builder, i32Load(pointer!.operand), builder, i32Load(length!.operand), i32Add, i32Const(1), i32Sub],
  );
  return w.rewriter.addFunction(
    w.rewriter.addType(['i32', 'i32'], []),
    { code: code(builder, call(emitter), last, localGet(1), i32Store8(0)) },
    'wolfden.emit',
  );
}
