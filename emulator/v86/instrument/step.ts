// Running one instruction in the interpreter: for single-step, and for an instruction that compiled code gives back.
import {
  call,
  code,
  end,
  i32Add,
  i32And,
  i32Const,
  i32Eq,
  i32Eqz,
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
import { STATE, STATICS, TLB } from '../state.ts';
import { type Instrumenter, loadByte, loadWord, storeWord } from './instrumenter.ts';
import { runInstruction } from './interruptions.ts';
import { tlbEntry } from './tlb-code.ts';

/** @returns the function that interprets one instruction. */
export function instrumentStep(w: Instrumenter, fetchFilter: number): number {
  const step = addStep(w, fetchFilter);
  w.rewriter.addExport(ADDED_EXPORTS.step, 'function', step);
  return step;
}

/**
 * Adds `step(count)`: translates EIP as a fetch would, with a page fault where that fails, asks the fetch service where the page may not be executed,
 * and interprets what is there.
 * `count` is added to the instruction counter.
 */
function addStep(w: Instrumenter, fetchFilter: number): number {
  const [count, eip, entry, translation] = [0, 1, 2, 3];
  const user = code(loadByte(STATE.cpl), i32Const(3), i32Eq);
  const mask = code(i32Const(TLB.valid | TLB.noUser), i32Const(TLB.valid), user, select);
  return w.rewriter.addFunction(
    w.rewriter.addType(['i32'], []),
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
        ...[localGet(entry), i32Const(-4096), i32And, localGet(eip), i32Xor, loadWord(STATICS.memoryBase), i32Sub],
        ...[localGet(eip), i32Xor, localSet(translation)],
        w.listening('fetch', localGet(translation), call(fetchFilter), localSet(translation)),
        // An instruction that can't be fetched is none: v86's loop doesn't count it either.
        storeWord(STATE.instructionCounter, code(loadWord(STATE.instructionCounter), localGet(count), i32Add)),
        ...[i32Const(0), localGet(eip), i32Const(1), i32Add, i32Store(STATE.instructionPointer)],
        ...[localGet(translation), localGet(eip), i32Xor, loadWord(STATICS.memoryBase), i32Add, i32Load8U(0)],
        runInstruction(w),
      ),
    },
    ADDED_EXPORTS.step,
  );
}
