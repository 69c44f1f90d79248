// Where EDM has its tables: offsets (in facts.ts) from a base that is chosen anew at each boot and is an imported constant of this module. EDM has no
// static data, no heap and no stack in memory; scalars are WebAssembly globals, which no store can reach.
export {
  COUNTS, FIRST_DIGEST, FRAMES, FRAME_SIZE, LEDGER, LOG, LOG_RECORDS, MAX_KINDS, MAX_RANGES, MESSAGE, PDPTES, RANGES, RECORD_SIZE, ROUND_CONSTANTS,
  SCHEDULE,
} from "./facts";

// @ts-ignore: decorator
@external("edm", "base")
export declare const base: i32;
