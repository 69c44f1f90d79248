// The kinds of event, in the order of their numbers. The number is what a WebAssembly listener sees.

/** Every kind of event; the index of a name is the number of the kind. */
export const EVENT_KINDS = [
  'syscall',
  'syscall-return',
  'cr3-write',
  'cr0-write',
  'cr4-write',
  'page-fault',
  'exception',
  'interrupt',
  'software-interrupt',
  'cpl-change',
  'descriptor-table',
  'task-register',
  'tss-esp0',
  'msr-write',
  'halt',
  'port-io',
  'tlb-fill',
  'tlb-flush',
  'dma',
  'jit-install',
  'serial-output',
  'screen-text',
] as const;

/** The name of a kind of event. */
export type EventKind = (typeof EVENT_KINDS)[number];

/** The number of a kind: the first argument of a WebAssembly listener. */
export const kindNumber = (kind: EventKind): number => EVENT_KINDS.indexOf(kind);

/** Whether a string names a kind of event. */
export const isEventKind = (name: string): name is EventKind => (EVENT_KINDS as readonly string[]).includes(name);

/**
 * What a listener decides about the operation it was told of: nothing (it happens), `suppress` (it does not; kinds that can't be
 * suppressed say so and ignore it), or `stop` (it happens and the machine stops after the instruction).
 */
export type Decision = 'suppress' | 'stop' | undefined;

/** The decisions as a WebAssembly listener returns them. */
export const DECISION = { allow: 0, suppress: 1, stop: 2 } as const;

/**
 * The number of a decision.
 * @throws TypeError for anything else that a listener returned: taken for a decision, it would break the guest for no visible reason.
 */
export function decisionNumber(decision: Decision | void): number {
  if (decision === undefined) return DECISION.allow;
  if (decision === 'suppress') return DECISION.suppress;
  if (decision === 'stop') return DECISION.stop;
  throw new TypeError(
    `a listener: expected it to return 'suppress', 'stop' or nothing, found ${decision}; a WebAssembly function must be the export itself and not a function around it`,
  );
}
