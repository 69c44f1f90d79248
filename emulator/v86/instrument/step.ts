// Running one instruction in the interpreter: for single-step, and for an instruction that compiled code gives back.
import {
  call,
  code,
  else_,
  end,
  i32Add,
  i32And,
  i32Const,
  i32Eq,
  i32Eqz,
  i32GeU,
  i32Load8U,
  i32Store,
  i32Sub,
  i32Xor,
  if_,
  localGet,
  localSet,
  localTee,
  return_,
  select,
} from '../../wasm/assembler.ts';
import { ADDED_EXPORTS } from '../hook-points.ts';
import { ALIAS, OURS, STATE, STATICS, TLB } from '../state.ts';
import { type Instrumenter, loadByte, loadWord, storeWord } from './instrumenter.ts';
import { runInstruction } from './interruptions.ts';
import { tlbEntry } from './tlb-code.ts';

export function instrumentStep(w: Instrumenter): void {
  const step = addStep(w);
  w.rewriter.addExport(ADDED_EXPORTS.step, 'function', step);
  // `exit_jit` runs when compiled code leaves because an instruction could not be done: with the exception, or for us.
  w.rewriter.detour(w.function('exitJit'), (original) => ({
    code: code(
      ...[loadWord(OURS.reinterpret), if_(), storeWord(OURS.reinterpret, i32Const(0)), call(step)],
      ...[else_, call(original), end],
    ),
  }));
}

/** Adds `step()`: translates EIP as a fetch would, with a page fault where that fails, and interprets what is there. */
function addStep(w: Instrumenter): number {
  const [eip, entry, address] = [0, 1, 2];
  const user = code(loadByte(STATE.cpl), i32Const(3), i32Eq);
  const mask = code(i32Const(TLB.valid | TLB.noUser), i32Const(TLB.valid), user, select);
  return w.rewriter.addFunction(
    w.rewriter.addType([], []),
    {
      locals: ['i32', 'i32', 'i32'],
      code: code(
        storeWord(STATE.previousInstructionPointer, code(loadWord(STATE.instructionPointer), localTee(eip))),
        ...[localGet(eip), tlbEntry, localTee(entry), mask, i32And, i32Const(TLB.valid), i32Eq, i32Eqz, if_()],
        ...[
          localGet(eip),
          i32Const(0),
          user,
          i32Const(0),
          i32Const(1),
          call(w.function('doPageWalk')),
          localTee(entry),
        ],
        ...[i32Eqz, if_(), return_, end, end],
        ...[localGet(entry), i32Const(-4096), i32And, localGet(eip), i32Xor, localSet(address)],
        // The walk of a frame without R yields its alias; a fetch is not a read.
        ...[localGet(address), loadWord(STATICS.memoryBase), i32Sub, i32Const(ALIAS), i32GeU, if_()],
        ...[localGet(address), i32Const(ALIAS), i32Xor, localSet(address), end],
        ...[i32Const(0), localGet(eip), i32Const(1), i32Add, i32Store(STATE.instructionPointer)],
        ...[localGet(address), i32Load8U(0), runInstruction(w)],
      ),
    },
    ADDED_EXPORTS.step,
  );
}
