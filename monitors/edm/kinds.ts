// Numbers that EDM's core and TypeScript share. The core gets them as constants when it is compiled.

/** What a page of the linear memory is: bits 0 to 3 of its byte in the ledger. */
export const OWNER = {
  ABSENT: 0,
  VMM_STATIC: 1,
  VMM_HEAP: 2,
  SOFT_TLB: 3,
  GUEST_RAM: 4,
  DEVICE: 5,
  EDM: 6,
  GUARD: 7,
} as const;

/** What VMM code may do to a page: bits 4 and 5. All but WRITABLE have bit 7 set too: guards ask. */
export const RIGHT = { WRITABLE: 0, OBSERVED: 1, READ_ONLY: 2 } as const;

/** What a guest-physical frame is used for, as EDM has seen it used. */
export const FRAME = {
  UNKNOWN: 0,
  KERNEL: 1,
  KERNEL_CODE: 2,
  USER: 3,
  DEVICE: 4,
  TABLE: 5,
  DIRECTORY: 6,
  POINTERS: 7,
} as const;

/** Policies, one bit each. */
export const POLICY = { CODE: 1, ISOLATION: 2, TRANSITIONS: 4, DMA: 8, FRAMES: 16, AUDIT: 32 } as const;

/** Kinds of records in the audit log. From FIRST_ALARM on they are alarms. */
export const KIND = {
  STARTED: 1,
  MODULE_INSTALLED: 2,
  POLICIES_CHANGED: 3,
  LOCK_SET: 4,
  FRAMES_PROTECTED: 5,
  STATE_CHANGED: 6,
  MEMORY_GREW: 7,
  FIRST_ALARM: 32,
  EDM_STORE: 32,
  GUARD_STORE: 33,
  STATE_STORE: 34,
  TLB_STORE: 35,
  FOREIGN_STATE_STORE: 36,
  FOREIGN_TLB_STORE: 37,
  FOREIGN_GROWTH: 38,
  REFUSED_OPERATION: 39,
  TLB_OUTSIDE: 40,
  TLB_UNMAPPED: 41,
  TLB_WRONG_FRAME: 42,
  TLB_EXCESS_RIGHTS: 43,
  PROTECTED_STORE: 44,
  TABLE_STORE: 45,
  DMA_OUTSIDE: 46,
  LOCKED: 47,
  STATE_WITHOUT_INSTRUCTION: 48,
  CPL_WITHOUT_GATE: 49,
  MODULE_REFUSED: 50,
  SLOT_REFUSED: 51,
  TABLE_CHANGED: 52,
} as const;

/** Why EDM stopped the machine. */
export const FAILURE = {
  LOG_FULL: 1,
  BAD_DRAIN: 2,
  RAM_MOVED: 3,
  RAM_UNALIGNED: 4,
  REENTERED: 5,
  TRAPPED: 6,
  LEDGER_CORRUPT: 7,
} as const;
