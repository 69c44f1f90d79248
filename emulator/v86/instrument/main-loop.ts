// Edits of v86's main loop: the instruction counter is kept exact while a run lasts, and a listener can make the loop return.
import { brIf, code, i32Add, i32Const, i32Load, localGet } from '../../wasm/assembler.ts';
import { JIT_TABLE_OFFSET, OURS, STATE, STATICS } from '../state.ts';
import { decode, findOnce, type Instruction, OP } from './code-pattern.ts';
import { type Instrumenter, loadWord, storeWord } from './instrumenter.ts';

const forgetLive = storeWord(OURS.liveInstructions, i32Const(0));

/**
 * v86 adds the instructions of an interpreted run to its counter when the run ends, and those of a compiled run when that returns: up to
 * 100,000 late. `liveInstructions` holds what is still to be added, so that the sum is exact at any instruction.
 */
export function instrumentMainLoop(w: Instrumenter): void {
  const index = w.function('mainLoop');
  const list = decode(w.module, index);
  const find = findOnce.bind(undefined, w.module, 'main_loop', list);
  const counter = STATE.instructionCounter;

  const [, run, , , store] = find('the count of an interpreted run', [
    [OP.load, counter],
    [OP.localGet],
    [OP.add],
    [OP.localTee],
    [OP.store, counter],
  ]) as [Instruction, Instruction, Instruction, Instruction, Instruction];
  const [interpret] = find('the interpreter', [[OP.call, w.function('interpret')]]) as [Instruction];
  const before = (instruction: Instruction) => ({ functionIndex: index, offset: instruction.offset });
  const after = (instruction: Instruction) => ({ functionIndex: index, end: instruction.end });
  w.insertBefore(before(interpret), storeWord(OURS.liveInstructions, localGet(run.operand)));
  w.insertAfter(after(store), forgetLive);

  // When the next instruction can't be fetched, v86 forgets the whole run: count it.
  const [uncounted] = find('the run that ends in a fetch fault', [
    [OP.i32Const, 0],
    [OP.load, counter],
    [OP.localSet],
    [OP.br],
  ]) as [Instruction];
  const sum = code(loadWord(counter), loadWord(OURS.liveInstructions), i32Add);
  w.insertBefore(before(uncounted), storeWord(counter, sum), forgetLive);

  const [, , compiled] = find('the call of compiled code', [
    [OP.i32Const, JIT_TABLE_OFFSET],
    [OP.add],
    [OP.callIndirect],
  ]) as [Instruction, Instruction, Instruction];
  w.insertAfter(after(compiled), forgetLive);

  const [, , , leave] = find('the test for HLT between runs', [
    [OP.loop],
    [OP.i32Const, 0],
    [OP.load8u, STATE.halted],
    [OP.brIf],
  ]) as [Instruction, Instruction, Instruction, Instruction];
  w.insertAfter(after(leave), i32Const(0), i32Load(OURS.stopRequest), brIf(leave.operand));

  // Whoever asks to stop sets this flag too: v86 then ends the run with the instruction at hand.
  find('the test for the end of a run', [
    [OP.call, w.function('interpret')],
    [OP.i32Const, 0],
    [OP.load8u, STATICS.runEnds],
    [OP.brIf],
  ]);
}
