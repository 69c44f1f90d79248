// For tests: v86.wasm before and after the rewriting, and ways to look at its code that share nothing with the instrumenter.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { v86Folder } from '../node/assets.ts';
import { instrument } from '../v86/instrument/index.ts';
import { InstructionCursor, readModule, type WasmModule } from '../wasm/index.ts';

/** v86.wasm as it comes from npm. */
export const original: WasmModule = readModule(
  new Uint8Array(readFileSync(join(v86Folder(), 'build', 'v86.wasm'))),
  'v86.wasm',
);

/** v86.wasm as it runs. */
export const rewritten: WasmModule = readModule(instrument(original.bytes, original.source), 'v86.wasm, rewritten');

/** One instruction of a function. */
export interface Instruction {
  readonly offset: number;
  readonly opcode: number;
  /** The first immediate: an index, a constant or a block type; for memory accesses the static offset. */
  readonly operand: number;
}

export const OPCODE = {
  if: 0x04,
  end: 0x0b,
  call: 0x10,
  globalGet: 0x23,
  i32Const: 0x41,
  i32Add: 0x6a,
  isMemoryAccess: (opcode: number): boolean => opcode >= 0x28 && opcode <= 0x3e,
} as const;

/** The instructions of a function. */
export function instructionsOf(module: WasmModule, functionIndex: number): Instruction[] {
  const cursor = new InstructionCursor(module.bytes, module.source);
  cursor.enterFunction(module, functionIndex);
  const list: Instruction[] = [];
  while (cursor.next()) {
    const { offset, opcode } = cursor;
    list.push({ offset, opcode, operand: OPCODE.isMemoryAccess(opcode) ? cursor.memOffset : cursor.imm0 });
  }
  return list;
}

/** The name of a function without its mangled path. */
export function shortName(module: WasmModule, functionIndex: number): string {
  const name = module.functionNames.get(functionIndex) ?? `function ${functionIndex}`;
  const path = /^_RN.*?v86\d?(.*)$/.exec(name)?.[1] ?? name;
  return path.replace(/^\d*cpu(?=\d)/, '');
}

const hooks = new Map(
  rewritten.exports.filter(({ kind }) => kind === 'global').map(({ index, name }) => [index, name]),
);

/** The name of the hook or watch whose global an instruction reads, if it does. */
export function hookRead({ opcode, operand }: Instruction): string | undefined {
  if (opcode !== OPCODE.globalGet) return undefined;
  return /^wolfden\.(?:slot|watch)\.(.*)$/.exec(hooks.get(operand) ?? '')?.[1];
}

/**
 * The hook that stands directly before an instruction, as `global.get HOOK, if ... end`, if one does. It runs each time the instruction does,
 * since nothing can jump between the two.
 */
export function hookBefore(list: readonly Instruction[], offset: number): string | undefined {
  const at = list.findIndex((instruction) => instruction.offset === offset);
  if (list[at - 1]?.opcode !== OPCODE.end) return undefined;
  let depth = 1;
  for (let i = at - 2; i > 0; i--) {
    const { opcode } = list[i]!;
    if (opcode === OPCODE.end) depth++;
    else if (opcode >= 0x02 && opcode <= OPCODE.if) depth--;
    if (depth === 0) return opcode === OPCODE.if ? hookRead(list[i - 1]!) : undefined;
  }
  return undefined;
}
