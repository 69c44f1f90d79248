// Hooks on the ways out of compiled code: the address of the instruction is kept right there, and an instruction can be given back.
import { call, code, else_, end, i32And, i32Const, i32Or, if_, localGet } from '../../wasm/assembler.ts';
import { type Code, typeOf } from '../../wasm/index.ts';
import type { FunctionName } from '../anchors.ts';
import { OURS, STATE } from '../state.ts';
import { type Instrumenter, loadWord, storeWord } from './instrumenter.ts';

/** What compiled code calls when the TLB does not admit an access. The last parameter holds EIP's offset in the page, below bit 16. */
const SLOW_ACCESSES: readonly FunctionName[] = [
  'safeReadSlowJit',
  'safeWriteSlowJit',
  'readableOrPagefaultJit',
  'writableOrPagefaultJit',
];

const setPreviousEip = (value: Code): Code => storeWord(STATE.previousInstructionPointer, value);

/**
 * Compiled code sets `previousInstructionPointer` only before instructions that v86 runs as a function. For its other ways out, which a fault
 * or a page walk may follow, it is set here, so that an event has the EIP that it has in the interpreter.
 * @param step the function that interprets one instruction.
 */
export function instrumentCompiledCode(w: Instrumenter, step: number): void {
  for (const name of SLOW_ACCESSES) {
    const index = w.function(name);
    const parameters = typeOf(w.module, index).params.map((_, i) => localGet(i));
    const eip = code(
      ...[loadWord(STATE.instructionPointer), i32Const(-4096), i32And],
      ...[parameters.at(-1)!, i32Const(0xfff), i32And, i32Or],
    );
    w.rewriter.detour(index, (original) => ({ code: code(setPreviousEip(eip), ...parameters, call(original)) }));
  }
  // A jump to another page: its target is what is fetched.
  w.rewriter.detour(w.function('getPhysEipSlowJit'), (original) => ({
    code: code(setPreviousEip(localGet(0)), localGet(0), call(original)),
  }));
  // `exit_jit` runs when compiled code leaves because an instruction could not be done: with the exception, or for us.
  w.rewriter.detour(w.function('exitJit'), (original) => ({
    code: code(
      ...[loadWord(OURS.reinterpret), if_(), storeWord(OURS.reinterpret, i32Const(0)), i32Const(0), call(step)],
      ...[else_, setPreviousEip(loadWord(STATE.instructionPointer)), call(original), end],
    ),
  }));
}
