// What came of an attack, judged from outside.
import type { AuditRecord, Site } from '../../monitors/edm/index.ts';

/** From best to worst. */
export const OUTCOMES = ['stopped and alarmed', 'stopped', 'harmless', 'lost'] as const;
export type OutcomeName = (typeof OUTCOMES)[number];

/** The end of one wolf in one setting. */
export interface Outcome {
  readonly outcome: OutcomeName;
  /** What is not as the reference copy has it. */
  readonly lost: readonly string[];
  /** Alarms that EDM raised meanwhile. */
  readonly alarms: number;
  /** The kind of the first alarm, in lower case. */
  readonly alarm?: string;
  /** The place in the VMM's code that the first alarm with a culprit names. */
  readonly culprit?: Site;
  /** How the attack ended, when it did not end by itself. */
  readonly ended?: string;
}

/**
 * @param lost parts that have changed
 * @param ended the message of what stopped the attack; undefined when nothing did
 */
export function judge(lost: readonly string[], alarms: readonly AuditRecord[], ended: string | undefined): Outcome {
  const culprit = alarms.find(({ site }) => site !== undefined)?.site;
  const name: OutcomeName =
    lost.length > 0 ? 'lost' : alarms.length > 0 ? 'stopped and alarmed' : ended !== undefined ? 'stopped' : 'harmless';
  return {
    outcome: name,
    lost: [...new Set(lost)],
    alarms: alarms.length,
    ...(alarms[0] ? { alarm: alarms[0].kind.toLowerCase().replaceAll('_', ' ') } : {}),
    ...(culprit ? { culprit } : {}),
    ...(ended === undefined ? {} : { ended }),
  };
}
