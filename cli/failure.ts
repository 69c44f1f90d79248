// From an error to one clear message and an exit code.
import { BootImageError } from '../emulator/boot/error.ts';
import { GuestCrash } from '../emulator/v86/guest-fault.ts';
import { GuestError, type GuestTrouble } from '../guests/error.ts';
import { PupOptionError } from '../guests/pup/options.ts';
import { EXIT, type ExitCode } from './exit-code.ts';

/** The user has asked for something that can't be: the message says what, what was expected, and what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Something outside has failed that the message explains: no need for a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Troubles that the user's input made. */
const INPUT_TROUBLES: readonly GuestTrouble[] = ['unknown-guest', 'catalogue', 'archive'];

/** Names of errors that are written for users; they come from rooms that need not be loaded to tell. */
const EXPLAINED = ['CommandError', 'V86Error', 'AnchorError', 'ToolError', 'SnapshotError', 'InferenceError'];

/** Whether an error comes from the system: it names a call and a code. */
const isSystemError = (error: Error): error is NodeJS.ErrnoException => 'syscall' in error && 'code' in error;

export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof GuestCrash) return EXIT.crashed;
  if (error instanceof Error && error.name === 'ProfileError') return EXIT.usage;
  if (error instanceof UsageError || error instanceof BootImageError || error instanceof PupOptionError)
    return EXIT.usage;
  if (!(error instanceof GuestError)) return EXIT.failure;
  if (error.trouble === 'aborted') return EXIT.interrupted;
  return INPUT_TROUBLES.includes(error.trouble) ? EXIT.usage : EXIT.failure;
}

/**
 * The message for the user.
 * @param debug whether to show stacks, as WOLFDEN_DEBUG asks for.
 */
export function messageOf(error: unknown, debug = Boolean(process.env.WOLFDEN_DEBUG)): string {
  if (!(error instanceof Error)) return String(error);
  if (debug) return error.stack ?? error.message;
  if (exitCodeOf(error) !== EXIT.failure || error instanceof GuestError) return error.message;
  if (EXPLAINED.includes(error.name) || isSystemError(error)) return error.message;
  return `unexpected ${error.name}: ${error.message}; set WOLFDEN_DEBUG=1 to see where`;
}
