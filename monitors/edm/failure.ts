// Why EDM stopped a machine.
import { FAILURE } from './kinds.ts';

const MESSAGES: Readonly<Record<number, (a: number, b: number) => string>> = {
  [FAILURE.LOG_FULL]: (records) => `the audit log is full: ${records} records in one slice`,
  [FAILURE.BAD_DRAIN]: (to, written) => `the audit log was drained to record ${to} of ${written}`,
  [FAILURE.RAM_MOVED]: (to) => `guest RAM was moved to linear address 0x${to.toString(16)}`,
  [FAILURE.RAM_UNALIGNED]: (at, size) =>
    `guest RAM of ${size} bytes at 0x${at.toString(16)} is not made of whole pages`,
  [FAILURE.REENTERED]: () => 'it was entered while it was at work',
  [FAILURE.TRAPPED]: () => 'it trapped',
  [FAILURE.LEDGER_CORRUPT]: (page) => `its ledger names guest RAM at page ${page}, where there is none`,
};

/** EDM can't vouch for the machine any longer: the guest does not run on. */
export class EdmFailure extends Error {
  override readonly name = 'EdmFailure';

  constructor(reason: number, a: number, b: number) {
    super(`EDM stopped the machine: ${MESSAGES[reason]?.(a >>> 0, b >>> 0) ?? `failure ${reason}`}`);
  }
}

/** A module that must run does not pass the verifier. */
export class ModuleRefused extends Error {
  override readonly name = 'ModuleRefused';
  /** Byte offset in the module as it was verified. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}
