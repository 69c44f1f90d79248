// The form of the modules that v86's JIT makes, as far as we rely on it.
import { InstructionCursor, readModule } from '../wasm/index.ts';
import { STATE } from './state.ts';

/** The local variable in which compiled code counts its instructions: after the entry's index and the eight registers. */
export const COUNTER_LOCAL = 9;

const OP = { localGet: 0x20, load: 0x28, store: 0x36, i32Const: 0x41, add: 0x6a };

/** How compiled code adds its local to the counter on each way out; both constants are the counter's address. */
const ADD_TO_COUNTER = [OP.i32Const, OP.i32Const, OP.load, OP.localGet, OP.add, OP.store];

/** v86's JIT made a module that is not of the form we know. */
export class JitModuleError extends Error {
  override readonly name = 'JitModuleError';
}

/**
 * Checks that compiled code counts its instructions where the hooks take them from.
 * @throws JitModuleError when it does not; WasmFormatError when it is no module.
 */
export function checkCounter(bytes: Uint8Array): void {
  const found = countersOf(bytes);
  if (found.size === 1 && found.has(COUNTER_LOCAL)) return;
  throw new JitModuleError(
    `v86's JIT: expected instructions to be counted in local ${COUNTER_LOCAL}, found ${[...found].join(', ') || 'none'}; install the pinned version of v86`,
  );
}

/** The locals that a compiled module adds to the instruction counter. */
function countersOf(bytes: Uint8Array): ReadonlySet<number> {
  const module = readModule(bytes, 'a module of the JIT');
  const cursor = new InstructionCursor(bytes, module.source);
  cursor.enterFunction(module, module.importedFunctionCount);
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
  return found;
}
