// Tables without frames, which fit more into a terminal and are easy on `grep`.
import Table from 'cli-table3';
import { colours } from './colours.ts';

const BORDERS = ['top', 'bottom', 'left', 'mid', 'right'] as const;

/** Everything that would draw a line. */
const NO_LINES = Object.fromEntries([
  ...BORDERS.flatMap((side) => [side, `${side}-mid`, `${side}-left`, `${side}-right`]).map((name) => [name, '']),
  ['middle', '  '],
]);

/** What a table is made of. */
export interface TableOptions {
  readonly head: readonly string[];
  readonly align?: 'left' | 'right';
  /** Characters in each column; longer text is wrapped. By default columns are as wide as they need to be. */
  readonly widths?: readonly number[];
}

/** A table as text. */
export function plainTable(
  { head, align = 'left', widths }: TableOptions,
  rows: readonly (readonly string[])[],
): string {
  const table = new Table({
    head: head.map((title) => colours.bold(title)),
    colAligns: head.map(() => align),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    chars: NO_LINES,
    wordWrap: true,
    ...(widths ? { colWidths: [...widths] } : {}),
  });
  for (const row of rows) table.push([...row]);
  // Cells are filled up with blanks.
  return table.toString().replace(/ +$/gm, '');
}
