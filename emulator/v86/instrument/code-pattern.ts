// Finds a place in a function of v86 by the instructions that stand there.
import { InstructionCursor, type WasmModule } from '../../wasm/index.ts';
import { AnchorError } from './verify-anchors.ts';

/** Opcodes that patterns name. */
export const OP = {
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
  store8: 0x3a,
  i32Const: 0x41,
  add: 0x6a,
} as const;

/** Opcodes of loads and stores: what `operand` means for them. */
const LAST_MEMORY_ACCESS = 0x3e;

/** A decoded instruction. */
export interface Instruction {
  /** Absolute byte offset in the module, and one past the end. */
  readonly offset: number;
  readonly end: number;
  readonly opcode: number;
  /** The first immediate; for memory accesses the static offset. */
  readonly operand: number;
}

/** One instruction of a pattern: an opcode and, if it matters, its operand. */
export type Step = readonly [opcode: number, operand?: number];

/** All instructions of a function. */
export function decode(module: WasmModule, functionIndex: number): readonly Instruction[] {
  const cursor = new InstructionCursor(module.bytes, module.source);
  cursor.enterFunction(module, functionIndex);
  const list: Instruction[] = [];
  while (cursor.next()) {
    const { offset, end, opcode } = cursor;
    const operand = opcode >= OP.load && opcode <= LAST_MEMORY_ACCESS ? cursor.memOffset : cursor.imm0;
    list.push({ offset, end, opcode, operand });
  }
  return list;
}

/**
 * The one place where a pattern stands.
 * @param where names the function in errors, `what` the place.
 * @throws AnchorError unless the pattern stands exactly once.
 */
export function findOnce(
  module: WasmModule,
  where: string,
  list: readonly Instruction[],
  what: string,
  pattern: readonly Step[],
): Instruction[] {
  const found = list.flatMap((_, start) => {
    const match = pattern.every(([opcode, operand], i) => {
      const at = list[start + i];
      return at?.opcode === opcode && (operand === undefined || at.operand === operand);
    });
    return match ? [start] : [];
  });
  if (found.length === 1) return list.slice(found[0]!, found[0]! + pattern.length);
  throw new AnchorError(module.source, [
    { anchor: `${what} in ${where}`, expected: 'once', found: `${found.length} times` },
  ]);
}
