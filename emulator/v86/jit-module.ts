// Rewrites the modules that v86's JIT makes, so that the instruction counter is known inside compiled code.
import { code, i32Const, i32Store, localGet } from '../wasm/assembler.ts';
import { InstructionCursor, Rewriter, readModule } from '../wasm/index.ts';
import { OURS, STATE } from './state.ts';

const OP = { call: 0x10, localGet: 0x20, load: 0x28, store: 0x36, i32Const: 0x41, add: 0x6a };

/** v86's JIT made a module that is not of the form we know. */
export class JitModuleError extends Error {
  override readonly name = 'JitModuleError';
}

/**
 * Compiled code counts instructions in a local variable and adds it to the counter when it returns. Before each call out of compiled
 * code, where an event may come from, that local is published in `liveInstructions`: one store on a path that calls anyway.
 * @throws JitModuleError, WasmFormatError when the module is not as v86 makes them.
 */
export function publishInstructions(bytes: Uint8Array): Uint8Array {
  const module = readModule(bytes, 'a module of the JIT');
  const index = module.importedFunctionCount;
  const counter = findCounter(module.bytes, module.code[0]!);
  const publish = code(i32Const(0), localGet(counter), i32Store(OURS.liveInstructions));
  const rewriter = new Rewriter(module);
  const cursor = new InstructionCursor(bytes, module.source);
  cursor.enterFunction(module, index);
  while (cursor.next()) if (cursor.opcode === OP.call) rewriter.replace(index, cursor.offset, cursor.offset, publish);
  return rewriter.encode();
}

/** How compiled code adds its local to the counter on each way out; both constants are the counter's address. */
const ADD_TO_COUNTER = [OP.i32Const, OP.i32Const, OP.load, OP.localGet, OP.add, OP.store];

/** The local that compiled code counts its instructions in. */
function findCounter(bytes: Uint8Array, body: Readonly<{ start: number; end: number }>): number {
  const cursor = new InstructionCursor(bytes, 'a module of the JIT');
  cursor.enterBody(body.start, body.end);
  const found = new Set<number>();
  let matched = 0;
  let local = -1;
  while (cursor.next()) {
    const address = cursor.opcode === OP.i32Const && cursor.imm0 === STATE.instructionCounter;
    if (cursor.opcode === ADD_TO_COUNTER[matched] && (address || cursor.opcode !== OP.i32Const)) matched++;
    else matched = address ? 1 : 0;
    if (cursor.opcode === OP.localGet) local = cursor.imm0;
    if (matched === ADD_TO_COUNTER.length) {
      found.add(local);
      matched = 0;
    }
  }
  if (found.size !== 1)
    throw new JitModuleError(
      `v86's JIT: expected one local that counts instructions, found ${found.size}; install the pinned version of v86`,
    );
  return local;
}
