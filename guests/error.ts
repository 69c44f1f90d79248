// The one error of this room: a guest that is unknown, wrongly described, or cannot be had, and what to do about it.

/** What kind of trouble it is, for exit codes and for callers that can help themselves. */
export type GuestTrouble =
  | 'unknown-guest'
  | 'catalogue'
  | 'apt-missing'
  | 'no-mirror'
  | 'offline'
  | 'package-vanished'
  | 'hash-mismatch'
  | 'archive'
  | 'cache'
  | 'disk-full'
  | 'aborted';

/** Thrown for everything that goes wrong with guests, except images that cannot be booted (`BootImageError`). */
export class GuestError extends Error {
  override readonly name = 'GuestError';
  readonly trouble: GuestTrouble;
  /** What the user can do. */
  readonly remedy: string;

  constructor(trouble: GuestTrouble, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${problem}; ${remedy}`, options);
    this.trouble = trouble;
    this.remedy = remedy;
  }
}

/** Throws when the user has cancelled. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new GuestError('aborted', 'cancelled', 'run it again to go on', { cause: signal.reason });
}
