// Which instructions the rewriter must look at, and which have no place in VMM code.
import { wasm } from '../../../emulator/index.ts';

const LOOKED_AT = /^(global\.(get|set)|memory\.(grow|init|copy|fill)|table\.(set|init|copy|grow|fill))$/;
const REFUSED = /^(global\.set|table\.(set|init|copy|grow|fill))$/;

/** Reading and writing in one, waiting and waking: no guard could stand before them. */
const isAtomicOther = (opcode: number): boolean =>
  opcode >= 0xfe00 && opcode <= 0xfe4e && opcode !== 0xfe03 && (opcode < 0xfe10 || opcode > 0xfe1d);

/** What VMM code has no business doing; a write to the shadow stack pointer is looked at before. */
export const isRefused = (opcode: number): boolean => isAtomicOther(opcode) || REFUSED.test(wasm.opcodeName(opcode));

/** Whether it is a store, lane and atomic ones included. */
export const isStore = (opcode: number): boolean => wasm.opcodeFacts(opcode)?.access === 'store';

const interesting = new Set(
  [...wasm.allOpcodes()]
    .filter(({ opcode, name }) => isStore(opcode) || LOOKED_AT.test(name) || isAtomicOther(opcode))
    .map(({ opcode }) => opcode),
);

/** Whether the rewriter must look at an instruction. */
export const isInteresting = (opcode: number): boolean => interesting.has(opcode);
