// The room that knows the Intel SDM: facts and pure functions on registers, exceptions, descriptors, paging and
// instructions of a 32-bit x86 processor. It knows nothing of the emulator that runs one, and runs in a browser.

export type { AnalysedInstruction, MemoryOperand, Operand } from './analyse.ts';
export {
  type Bitness,
  type DecodedInstruction,
  type DecodeMiss,
  type Flow,
  type InstructionDecoder,
  loadDecoder,
} from './decode.ts';
export * from './descriptors.ts';
export * from './exceptions.ts';
export { type Mapping, type MappingsRange, mappings } from './mappings.ts';
export {
  PAGE_ENTRY,
  PAGE_ENTRY_HIGH_NO_EXECUTE,
  type PageEntryFlags,
  type PageLevelName,
  type PagingControls,
  pageEntryFlags,
} from './page-entry.ts';
export {
  type PageHit,
  type PageLevel,
  type PageMiss,
  type PageMissReason,
  type PageRights,
  type PageWalk,
  type PagingMode,
  pagingMode,
  type ReadPhysical32,
  translate,
  walk,
} from './paging.ts';
export * from './registers.ts';
export { elementsBefore, type StringInstruction, stringInstruction } from './string-instruction.ts';
export * from './tss.ts';
