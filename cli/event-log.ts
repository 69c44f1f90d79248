// Writes events as they happen: JSON lines for programs, or one line of text each for people.
import type { EventKind, EventMap, Machine } from '../emulator/index.ts';

/** Numbers from here on are shown as hexadecimal: they are mostly addresses and register values. */
const HEXADECIMAL_FROM = 0x1000;

const shown = (value: unknown): string =>
  typeof value === 'number' && value >= HEXADECIMAL_FROM
    ? `0x${value.toString(16)}`
    : Array.isArray(value)
      ? value.map(shown).join(',')
      : String(value);

/** An event on one line: virtual milliseconds, privilege level, address of the instruction, kind and fields. */
export function eventText(event: EventMap[EventKind]): string {
  const fields = Object.entries(event.fields()).map(([name, value]) => `${name}=${shown(value)}`);
  const eip = event.eip.toString(16).padStart(8, '0');
  return `${event.time.toFixed(6).padStart(14)} cpl${event.cpl} ${eip} ${event.kind} ${fields.join(' ')}`.trimEnd();
}

/** The lines that have been gathered. */
export interface EventLog {
  /** Writes them. */
  readonly flush: () => void;
}

/** Gathers the events of some kinds as lines: they are written many at once. */
export function logEvents(
  machine: Machine,
  kinds: readonly EventKind[],
  format: 'json' | 'text',
  write: (lines: string) => void,
): EventLog {
  let lines: string[] = [];
  const line = format === 'json' ? (event: EventMap[EventKind]) => JSON.stringify(event) : eventText;
  for (const kind of kinds) {
    machine.on(kind, (event) => {
      lines.push(line(event));
    });
  }
  return {
    flush: () => {
      if (lines.length > 0) write(`${lines.join('\n')}\n`);
      lines = [];
    },
  };
}

/** Counts events of some kinds, live. */
export function countEvents(machine: Machine, kinds: readonly EventKind[]): ReadonlyMap<EventKind, number> {
  const counts = new Map<EventKind, number>(kinds.map((kind) => [kind, 0]));
  for (const kind of kinds) {
    machine.on(kind, () => {
      counts.set(kind, counts.get(kind)! + 1);
    });
  }
  return counts;
}
