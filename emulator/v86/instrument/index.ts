// Rewrites v86.wasm so that monitors can hook it: the one way in.
import { readModule } from '../../wasm/index.ts';
import { ADDED_EXPORTS } from '../hook-points.ts';
import { instrumentCompiledCode } from './compiled-code.ts';
import { instrumentControlRegisters } from './control-registers.ts';
import { instrumentFetch } from './fetch.ts';
import { instrumentHalt } from './halt.ts';
import { Instrumenter } from './instrumenter.ts';
import { instrumentInterruptions } from './interruptions.ts';
import { instrumentJitEmitter } from './jit-emitter.ts';
import { instrumentMainLoop } from './main-loop.ts';
import { instrumentPorts } from './ports.ts';
import { instrumentPrivilege } from './privilege.ts';
import { instrumentStep } from './step.ts';
import { instrumentSystemTables } from './system-tables.ts';
import { addPeek } from './tlb-code.ts';
import { instrumentTranslation } from './translation.ts';

/**
 * Rewrites v86.wasm. Bodies are appended or edited in place and no index shifts, so that what isn't hooked is the same code.
 * @throws AnchorError when v86 is not as `anchors.ts` says; WasmFormatError when the bytes are no WebAssembly.
 */
export function instrument(bytes: Uint8Array, source: string): Uint8Array {
  const w = new Instrumenter(readModule(bytes, source));
  instrumentControlRegisters(w);
  const peek = addPeek(w);
  instrumentInterruptions(w, peek);
  instrumentPrivilege(w, peek);
  instrumentSystemTables(w);
  instrumentHalt(w);
  instrumentPorts(w);
  instrumentTranslation(w);
  const fetchFilter = instrumentFetch(w);
  instrumentMainLoop(w);
  instrumentJitEmitter(w);
  const step = instrumentStep(w, fetchFilter);
  instrumentCompiledCode(w, step);
  w.rewriter.addExport(ADDED_EXPORTS.stackPointer, 'global', 0);
  return w.rewriter.encode();
}
