// Whether INT n would pass its IDT gate (SDM vol. 3, 6.11 and 6.12.1): only then is it a system call.
import {
  call,
  code,
  end,
  i32Add,
  i32And,
  i32Const,
  i32Eq,
  i32Eqz,
  i32GeU,
  i32GtU,
  i32Or,
  i32Shl,
  i32ShrU,
  if_,
  localGet,
  localSet,
  return_,
} from '../../wasm/assembler.ts';
import { STATE } from '../state.ts';
import { type Instrumenter, loadByte, loadWord } from './instrumenter.ts';

/** Adds `(vector) -> admitted`: the IDT has a present interrupt or trap gate there whose DPL is no less than CPL. */
export function addGateAdmits(w: Instrumenter, peek: number): number {
  const type = w.rewriter.addType(['i32'], ['i32']);
  const high = 1;
  const refuse = code(if_(), i32Const(0), return_, end);
  const bits = (shift: number, mask: number) => code(localGet(high), i32Const(shift), i32ShrU, i32Const(mask), i32And);
  return w.rewriter.addFunction(
    type,
    {
      locals: ['i32'],
      code: code(
        ...[loadByte(STATE.protectedMode), i32Eqz, refuse],
        ...[localGet(0), i32Const(3), i32Shl, i32Const(7), i32Or, loadWord(STATE.idtrLimit), i32GtU, refuse],
        ...[loadWord(STATE.idtrBase), localGet(0), i32Const(3), i32Shl, i32Add, i32Const(4), i32Add],
        ...[call(peek), localSet(high)],
        ...[bits(15, 1), i32Eqz, refuse],
        // Types 0110, 0111 (16-bit) and 1110, 1111 (32-bit) with S clear: interrupt and trap gates.
        ...[bits(8, 0x16), i32Const(0x06), i32Eq, i32Eqz, refuse],
        ...[bits(13, 3), loadByte(STATE.cpl), i32GeU],
      ),
    },
    'wolfden.gate-admits',
  );
}
