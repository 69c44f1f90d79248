// What a policy is to the rest of EDM.
import type { EventKind } from '../../../emulator/index.ts';

/** A rule that can be switched on. */
export interface Policy {
  /** Its bit in the core. */
  readonly bit: number;
  /** What it sees to, in one line. */
  readonly about: string;
  /** Events that its part in the core must hear; what else it needs comes through the gate. */
  readonly events: readonly EventKind[];
}
