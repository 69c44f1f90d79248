// The WebAssembly room: reads modules, finds what their code does, and rewrites them by appending. It knows nothing of x86 or v86.
export * as assembler from './assembler.ts';
export { code } from './assembler.ts';
export { buildModule, type ModuleDescription } from './build-module.ts';
export { ByteWriter, type Code } from './byte-writer.ts';
export type { FunctionBody, GlobalDefinition } from './encode.ts';
export { WasmEditError, WasmFormatError, WasmLookupError } from './errors.ts';
export { EMPTY_BLOCK_TYPE, InstructionCursor } from './instructions.ts';
export type { LocalGroup } from './locals.ts';
export {
  type CodeEntry,
  countImports,
  type ExportEntry,
  type ExternalKind,
  functionByName,
  functionsByName,
  type ImportEntry,
  type NameMatch,
  typeOf,
  type WasmModule,
} from './module.ts';
export {
  accessWidth,
  allOpcodes,
  isLoad,
  isStore,
  type OpcodeFacts,
  opcodeFacts,
  opcodeName,
  storeValueType,
} from './opcodes.ts';
export { NO_PRODUCER } from './operand-stack.ts';
export { readModule } from './reader.ts';
export { type AddableImport, Rewriter } from './rewriter.ts';
export { encodeRewritten, type RewritePlan } from './rewritten-module.ts';
export {
  type CallSite,
  type FunctionFilter,
  type InstructionSite,
  type MemorySite,
  scanCalls,
  scanLoads,
  scanStores,
} from './scan.ts';
export { FunctionWalk } from './stack.ts';
export { type FunctionType, formatType, VALUE_TYPE_CODE, type ValueType } from './value-types.ts';
