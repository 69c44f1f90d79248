// Rights that a monitor has taken from a guest-physical frame, as the rights table holds them: one byte a frame, 0 for all rights.

/** Bits of a byte of the rights table. */
export const RIGHTS = {
  noRead: 1,
  noWrite: 2,
  noExecute: 4,
  /** Not to be executed at CPL 0: what SMEP does for user pages (SDM vol. 3, 4.6). */
  noSupervisorExecute: 8,
  /**
   * Beside `noSupervisorExecute`: SMEP's watcher has it taken, as the frame is the user's through another page. Code of CPL 3 may be
   * compiled there. The hooks don't look at it.
   */
  userOwned: 16,
} as const;
