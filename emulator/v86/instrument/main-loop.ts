// Edits of v86's main loop: the instruction counter is kept exact while a run lasts, and a listener can make the loop return.
import { brIf, code, i32Add, i32Const, i32Load, localGet } from '../../wasm/assembler.ts';
import { InstructionCursor, type WasmModule } from '../../wasm/index.ts';
import { JIT_TABLE_OFFSET, OURS, STATE } from '../state.ts';
import { type Instrumenter, loadWord, storeWord } from './instrumenter.ts';
import { AnchorError } from './verify-anchors.ts';

const OP = {
  loop: 0x03,
  br: 0x0c,
  brIf: 0x0d,
  call: 0x10,
  callIndirect: 0x11,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  load: 0x28,
  load8u: 0x2d,
  store: 0x36,
  i32Const: 0x41,
  add: 0x6a,
} as const;

interface Instruction {
  readonly offset: number;
  readonly end: number;
  readonly opcode: number;
  /** The first immediate; for memory accesses the static offset. */
  readonly operand: number;
}

/** One instruction of a pattern: an opcode and, if it matters, its operand. */
type Step = readonly [opcode: number, operand?: number];

function decode(module: WasmModule, functionIndex: number): readonly Instruction[] {
  const cursor = new InstructionCursor(module.bytes, module.source);
  cursor.enterFunction(module, functionIndex);
  const list: Instruction[] = [];
  while (cursor.next()) {
    const { offset, end, opcode } = cursor;
    const operand = opcode >= OP.load && opcode <= 0x3e ? cursor.memOffset : cursor.imm0;
    list.push({ offset, end, opcode, operand });
  }
  return list;
}

/** @throws AnchorError unless the pattern stands exactly once. */
function find(w: Instrumenter, list: readonly Instruction[], anchor: string, pattern: readonly Step[]): Instruction[] {
  const found = list.flatMap((_, start) => {
    const match = pattern.every(([opcode, operand], i) => {
      const at = list[start + i];
      return at?.opcode === opcode && (operand === undefined || at.operand === operand);
    });
    return match ? [start] : [];
  });
  if (found.length === 1) return list.slice(found[0]!, found[0]! + pattern.length);
  const moved = { anchor: `${anchor} in main_loop`, expected: 'once', found: `${found.length} times` };
  throw new AnchorError(w.module.source, [moved]);
}

const forgetLive = storeWord(OURS.liveInstructions, i32Const(0));

/**
 * v86 adds the instructions of an interpreted run to its counter when the run ends, and those of a compiled run when that returns: up to
 * 100,000 late. `liveInstructions` holds what is still to be added, so that the sum is exact at any instruction.
 */
export function instrumentMainLoop(w: Instrumenter): void {
  const index = w.function('mainLoop');
  const list = decode(w.module, index);
  const counter = STATE.instructionCounter;

  const [, run, , , store] = find(w, list, 'the count of an interpreted run', [
    [OP.load, counter],
    [OP.localGet],
    [OP.add],
    [OP.localTee],
    [OP.store, counter],
  ]) as [Instruction, Instruction, Instruction, Instruction, Instruction];
  const [interpret] = find(w, list, 'the interpreter', [[OP.call, w.function('interpret')]]) as [Instruction];
  const before = (instruction: Instruction) => ({ functionIndex: index, offset: instruction.offset });
  const after = (instruction: Instruction) => ({ functionIndex: index, end: instruction.end });
  w.insertBefore(before(interpret), storeWord(OURS.liveInstructions, localGet(run.operand)));
  w.insertAfter(after(store), forgetLive);

  // When the next instruction can't be fetched, v86 forgets the whole run: count it.
  const [uncounted] = find(w, list, 'the run that ends in a fetch fault', [
    [OP.i32Const, 0],
    [OP.load, counter],
    [OP.localSet],
    [OP.br],
  ]) as [Instruction];
  const sum = code(loadWord(counter), loadWord(OURS.liveInstructions), i32Add);
  w.insertBefore(before(uncounted), storeWord(counter, sum), forgetLive);

  const [, , compiled] = find(w, list, 'the call of compiled code', [
    [OP.i32Const, JIT_TABLE_OFFSET],
    [OP.add],
    [OP.callIndirect],
  ]) as [Instruction, Instruction, Instruction];
  w.insertAfter(after(compiled), forgetLive);

  const [, , , leave] = find(w, list, 'the test for HLT between runs', [
    [OP.loop],
    [OP.i32Const, 0],
    [OP.load8u, STATE.halted],
    [OP.brIf],
  ]) as [Instruction, Instruction, Instruction, Instruction];
  w.insertAfter(after(leave), i32Const(0), i32Load(OURS.stopRequest), brIf(leave.operand));
}
