// A violation in words, and as a record that fits into JSON.
import type { Violation } from './detector.ts';

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

const KIND: Readonly<Record<Violation['kind'], string>> = {
  call: 'a call',
  jump: 'a jump',
  return: 'a return',
  iret: 'an IRET',
  interrupt: 'a gate of the IDT',
  'call-gate': 'a call gate',
  sysenter: 'SYSENTER',
  unknown: 'a transfer that left no trace',
};

function source({ kind, vector, selector, from, instruction, path }: Violation): string {
  const which = vector !== undefined ? ` 0x${vector.toString(16)}` : selector !== undefined ? ` ${hex(selector)}` : '';
  const where = from === undefined ? '' : ` at ${hex(from)}${instruction === undefined ? '' : ` (${instruction})`}`;
  const within = from === undefined && path[0] !== undefined ? `, in what was called at ${hex(path[0])}` : '';
  return `${KIND[kind]}${which}${where}${within}`;
}

function process({ process: identity, space }: Violation): string {
  const name = identity?.name ?? 'process';
  return `${name}${identity?.pid === undefined ? '' : ` ${identity.pid}`} (CR3 ${hex(space)})`;
}

/** One line: what was done about it, how control came and from where, where to, and in whose name. */
export function violationText(violation: Violation): string {
  const { time, blocked, to, target, mapping } = violation;
  const page = `${mapping.writable ? 'writable' : 'read-only'} page of the user's`;
  const reached =
    target === 'user-page'
      ? `a ${page}`
      : `a frame that is a ${page}, ${hex(mapping.page)} under CR3 ${hex(mapping.space)}`;
  const done = blocked ? 'blocked' : 'seen';
  return `${time.toFixed(3)} ${done}: ${source(violation)} to ${hex(to)}, ${reached}, in ${process(violation)}`;
}

/** The same as a record; addresses are numbers. */
export const violationRecord = (violation: Violation): Readonly<Record<string, unknown>> => {
  const { process: identity, kind, mapping, path, ...rest } = violation;
  return {
    ...{ kind: 'ret2usr', by: kind, ...rest, writable: mapping.writable, userPage: mapping.page },
    ...{ userSpace: mapping.space, path: [...path], pid: identity?.pid, name: identity?.name },
  };
};
