// Where EDM has its tables, as offsets from its base, and the arena that the base is chosen from. The core is compiled with these numbers.

const PAGE = 4096;

/** What the blind writes of a wolf have to search: linear memory taken before v86 allocates. In bytes. */
export const ARENA_SIZE = 256 << 20;

const LEDGER_SIZE = (1 << 20) + 1;
const STATE = (1 << 20) + PAGE;
const RANGES = STATE + 1024;
const MAX_RANGES = 128;
const LOG = STATE + PAGE;
const RECORD_SIZE = 64;
const LOG_RECORDS = 16384;
const FRAMES = LOG + RECORD_SIZE * LOG_RECORDS;
const FRAME_SIZE = 16;

/** Offsets and sizes in bytes. */
export const LAYOUT = {
  /** The page ledger: one byte for each 4 KiB page of 4 GiB, and one more for accesses that straddle the last page. */
  LEDGER: 0,
  LEDGER_SIZE,
  /** One page: work space of the hash, its constants, protected ranges, counts of events. */
  STATE,
  SCHEDULE: STATE,
  ROUND_CONSTANTS: STATE + 256,
  /** Message of the hash: the digest so far and the record, padded to two blocks. */
  MESSAGE: STATE + 512,
  /** The digest that the first record is chained to. */
  FIRST_DIGEST: STATE + 640,
  /** The four PDPTEs that CR3 loaded (64 bits each). */
  PDPTES: STATE + 704,
  /** Protected ranges of guest RAM: three words each: first byte, one past the last, kind. */
  RANGES,
  MAX_RANGES,
  /** Events by kind (64 bits each), for the core monitor that counts. */
  COUNTS: RANGES + 12 * MAX_RANGES,
  MAX_KINDS: 32,
  /** The audit log: a ring of records. */
  LOG,
  RECORD_SIZE,
  LOG_RECORDS,
  /** The frame table: one record for each guest-physical frame. */
  FRAMES,
  FRAME_SIZE,
} as const;

/** Bytes that EDM takes for guest RAM of a size, in whole pages. */
export const sizeFor = (ram: number): number => Math.ceil((FRAMES + (ram / PAGE) * FRAME_SIZE) / PAGE) * PAGE;
