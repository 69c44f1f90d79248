// Address spaces as a table for people.
import type { AddressSpace } from '../monitors/address-spaces/index.ts';
import { plainTable } from './table.ts';

const HEAD = [
  'space',
  'CR3',
  'first seen',
  'last seen',
  'ended',
  'on CPU ms',
  'instructions',
  'system calls',
  'interrupts',
  'exceptions',
  'kernel entries',
];

const ms = (time: number | undefined): string => (time === undefined ? '' : time.toFixed(2));
const count = (value: number): string => value.toLocaleString('en');

function row(space: AddressSpace): string[] {
  const { id, cr3, born, seen, died, user, cpuTime, instructions, entries } = space;
  return [
    user ? `${id}` : `${id} kernel`,
    `0x${cr3.toString(16).padStart(8, '0')}`,
    ...[ms(born.time), ms(seen.time), ms(died?.time), ms(cpuTime)],
    ...[instructions, entries.syscalls, entries.interrupts, entries.exceptions, entries.all].map(count),
  ];
}

function totals(spaces: readonly AddressSpace[]): string[] {
  const sum = (value: (space: AddressSpace) => number) => spaces.reduce((total, space) => total + value(space), 0);
  return [
    `${spaces.length}`,
    'all',
    ...['', '', `${spaces.filter(({ died }) => died).length}`, ms(sum((space) => space.cpuTime))],
    ...[
      sum((space) => space.instructions),
      sum((space) => space.entries.syscalls),
      sum((space) => space.entries.interrupts),
      sum((space) => space.entries.exceptions),
      sum((space) => space.entries.all),
    ].map(count),
  ];
}

/**
 * The table: the youngest spaces and the sum of all.
 * @param rows most spaces to show; 0 for all.
 */
export function spacesTable(spaces: readonly AddressSpace[], rows: number): string {
  const shown = rows === 0 ? spaces : spaces.slice(-rows);
  const hidden = spaces.length - shown.length;
  const older = hidden > 0 ? [[`+${hidden}`, 'older', ...Array<string>(HEAD.length - 2).fill('')]] : [];
  return plainTable({ head: HEAD, align: 'right' }, [...older, ...shown.map(row), totals(spaces)]);
}
