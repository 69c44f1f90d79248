// Finds the places of a module that store to memory, load from it or call a function, with what is constant about them.
import type { WasmModule } from './module.ts';
import { loadsBySlot, opcodeFacts, storesBySlot } from './opcodes.ts';
import { NO_PRODUCER } from './operand-stack.ts';
import { FunctionWalk } from './stack.ts';

/** An instruction of a function body. */
export type InstructionSite = Readonly<{
  functionIndex: number;
  /** Absolute byte offset of the instruction, and one past its end. */
  offset: number;
  end: number;
  opcode: number;
  /** False where validation can tell that control never comes. */
  reachable: boolean;
}>;

/** An instruction that stores to linear memory or loads from it. */
export type MemorySite = InstructionSite &
  Readonly<{
    /** memory.fill, memory.copy or memory.init: `width` and `memOffset` are 0 and `length` counts. */
    bulk: boolean;
    /** Bytes one execution touches. */
    width: number;
    /** The static offset of the instruction, in bytes, unsigned. */
    memOffset: number;
    /** The base address operand, unsigned, if it is the same constant on every path. */
    base: number | undefined;
    /** The linear address touched first, `base + memOffset`, where the base is known. */
    address: number | undefined;
    /** Byte offset of the instruction that left the base operand; undefined in unreachable code that has none. */
    baseProducer: number | undefined;
    /** Bytes a bulk instruction touches, where that is a constant. */
    length: number | undefined;
  }>;

/** A `call` or `return_call` of a function by index. */
export type CallSite = InstructionSite &
  Readonly<{
    callee: number;
    /** The arguments in order: the i32 constant where it is known, undefined elsewhere. */
    args: readonly (number | undefined)[];
    /** Byte offset of the instruction that left each argument. */
    argProducers: readonly (number | undefined)[];
  }>;

/** Which functions to scan, by function index; all of them when there is no filter. */
export type FunctionFilter = (functionIndex: number) => boolean;

const OP_CALL = 0x10;
const OP_RETURN_CALL = 0x12;
const OP_MEMORY_COPY = 0xfc0a;

/**
 * Visits every store in order: all widths, v128 and its lanes, atomics (read-modify-write too), memory.fill, copy and init.
 * @throws WasmFormatError when a body does not decode or its operand stack does not come out.
 */
export function scanStores(module: WasmModule, visit: (site: MemorySite) => void, filter?: FunctionFilter): void {
  walkFunctions(module, filter, (walk) => {
    if (storesBySlot[walk.cursor.slot] === 1) visit(memorySite(walk, 0));
  });
}

/** Visits every load in order; memory.copy counts with its source as base. */
export function scanLoads(module: WasmModule, visit: (site: MemorySite) => void, filter?: FunctionFilter): void {
  walkFunctions(module, filter, (walk) => {
    const { opcode, slot } = walk.cursor;
    if (loadsBySlot[slot] === 1) visit(memorySite(walk, opcode === OP_MEMORY_COPY ? 1 : 0));
  });
}

/** Visits every direct call in order; with `callee`, only the calls of that function. */
export function scanCalls(
  module: WasmModule,
  visit: (site: CallSite) => void,
  options: Readonly<{ callee?: number; filter?: FunctionFilter }> = {},
): void {
  walkFunctions(module, options.filter, (walk) => {
    const { slot, imm0 } = walk.cursor;
    if (slot !== OP_CALL && slot !== OP_RETURN_CALL) return;
    if (options.callee === undefined || options.callee === imm0) visit(callSite(walk));
  });
}

function walkFunctions(
  module: WasmModule,
  filter: FunctionFilter | undefined,
  visit: (walk: FunctionWalk) => void,
): void {
  const walk = new FunctionWalk(module);
  const first = module.importedFunctionCount;
  for (let index = first; index < module.functionTypes.length; index++) {
    if (filter && !filter(index)) continue;
    walk.enter(index);
    while (walk.next()) visit(walk);
  }
}

const producer = (walk: FunctionWalk, depth: number): number | undefined => {
  const offset = walk.operandProducer(depth);
  return offset === NO_PRODUCER ? undefined : offset;
};

/** @param addressOperand position of the address among the operands, the deepest being 0. */
function memorySite(walk: FunctionWalk, addressOperand: number): MemorySite {
  const { cursor } = walk;
  const facts = opcodeFacts(cursor.opcode)!;
  const bulk = facts.width === 0;
  const depth = facts.operands!.length - 1 - addressOperand;
  const signedBase = walk.operandConstant(depth);
  const base = signedBase === undefined ? undefined : signedBase >>> 0;
  const memOffset = bulk ? 0 : cursor.memOffset;
  const length = bulk ? walk.operandConstant(0) : undefined;
  return {
    functionIndex: walk.functionIndex,
    offset: cursor.offset,
    end: cursor.end,
    opcode: cursor.opcode,
    reachable: walk.reachable,
    bulk,
    width: facts.width,
    memOffset,
    base,
    address: base === undefined ? undefined : base + memOffset,
    baseProducer: producer(walk, depth),
    length: length === undefined ? undefined : length >>> 0,
  };
}

function callSite(walk: FunctionWalk): CallSite {
  const { module, cursor } = walk;
  const callee = cursor.imm0;
  const count =
    module.types[module.functionTypes[callee] ?? -1]?.params.length ??
    cursor.fail(`a function index below ${module.functionTypes.length}`, `${callee}`);
  const depths = Array.from({ length: count }, (_, position) => count - 1 - position);
  return {
    functionIndex: walk.functionIndex,
    offset: cursor.offset,
    end: cursor.end,
    opcode: cursor.opcode,
    reachable: walk.reachable,
    callee,
    args: depths.map((depth) => walk.operandConstant(depth)),
    argProducers: depths.map((depth) => producer(walk, depth)),
  };
}
