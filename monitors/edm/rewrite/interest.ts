// Which instructions the rewriter must look at, and which have no place in VMM code.
import { wasm } from '../../../emulator/index.ts';

const LOOKED_AT = /^(global\.get|memory\.(grow|init|copy|fill))$/;
const REFUSED = /^(global\.set|table\.(get|set|init|copy|grow|fill)|elem\.drop|.*atomic.*)$/;

/** What VMM code has no business doing; a write to the shadow stack pointer is looked at before. */
export const isRefused = (opcode: number): boolean => REFUSED.test(wasm.opcodeName(opcode));

/** Whether it is a store, those of lanes included. */
export const isStore = (opcode: number): boolean => wasm.opcodeFacts(opcode)?.access === 'store' && !isRefused(opcode);

const interesting = new Set(
  [...wasm.allOpcodes()]
    .filter(({ opcode, name }) => isStore(opcode) || LOOKED_AT.test(name) || isRefused(opcode))
    .map(({ opcode }) => opcode),
);

/** Whether the rewriter must look at an instruction. */
export const isInteresting = (opcode: number): boolean => interesting.has(opcode);
