// What the hook of a system call tells, by whichever instruction the kernel is entered.
import { i32Const } from '../../wasm/assembler.ts';
import type { Code } from '../../wasm/index.ts';
import { STATE } from '../state.ts';
import { type Instrumenter, loadWord } from './instrumenter.ts';

/** The numbers of the gates. */
export const GATE = { int: 0, sysenter: 1, callGate: 2 } as const;

/** EAX goes along: a listener in WebAssembly has no other way to know which call it is. */
export const tellSyscall = (w: Instrumenter, gate: number, vector: Code = i32Const(0)): Code =>
  w.hook('syscall', i32Const(gate), vector, loadWord(STATE.generalRegisters));
