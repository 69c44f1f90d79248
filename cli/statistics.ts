// What a run was like: for the summary line of --json and the table of --stats.
import type { EventKind, RunEnd } from '../emulator/index.ts';
import { seconds } from './duration.ts';
import { plainTable } from './table.ts';

/** Summary of a run. All of it is the same in each run of the same command, except `host`. */
export interface RunSummary {
  readonly kind: 'summary';
  readonly guest: string;
  /** Why the run ended: a limit was reached, the guest halted for good, or it crashed. */
  readonly end: RunEnd | 'crashed';
  /** Instructions since power-on. */
  readonly instructions: number;
  /** Virtual milliseconds since power-on. */
  readonly time: number;
  /** Lines of --send that were typed. */
  readonly typed: number;
  /** How often each kind of event came. */
  readonly counts: Readonly<Partial<Record<EventKind, number>>>;
  /** Everything on the serial console. */
  readonly console: string;
  /** What crashed the guest, and the CPU at that instant. */
  readonly crash?: { readonly reason: string; readonly registers: Readonly<Record<string, unknown>> };
  /** What each --monitor returned, by its name or file. */
  readonly monitors?: Readonly<Record<string, unknown>>;
  /** Monitors that saw no event: what they say means nothing. */
  readonly sawNothing?: readonly string[];
  /** Only when asked for: these differ from run to run. */
  readonly host?: HostTime;
}

/** Time that the run took outside. */
export interface HostTime {
  readonly milliseconds: number;
  /** Host time for each unit of virtual time that passed. */
  readonly slowDown: number;
}

/** The summary as --stats shows it. */
export function statisticsText({ guest, end, instructions, time, counts, host }: RunSummary): string {
  const rows = Object.entries(counts).map(([kind, count]) => [count.toLocaleString('en'), kind]);
  const table = plainTable({ head: ['count', 'events'] }, rows);
  const lines = [
    `${guest}: ${end} after ${instructions.toLocaleString('en')} instructions, ${seconds(time)} of virtual time`,
  ];
  if (host) lines.push(`host time ${seconds(host.milliseconds)}: ${host.slowDown.toFixed(2)} times the virtual time`);
  return `${table}\n${lines.join('\n')}\n`;
}
