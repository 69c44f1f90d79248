// A timeline as text: a row for each thread, a column for each stretch of time, filled by the share of it that the thread had the CPU.
import type { ThreadRecord } from './thread-record.ts';
import { label } from './tree.ts';
import type { Turns } from './turns.ts';

const SHADES = ' .:=#';
const LABEL_WIDTH = 20;

/** The stretch of time, in virtual milliseconds, and columns for it. */
export interface TimelineRange {
  readonly from: number;
  readonly to: number;
  /** @default 80 */
  readonly columns?: number;
  /** Most rows: those of the threads that had the CPU longest. @default 40 */
  readonly rows?: number;
}

/**
 * Draws who had the CPU when. Threads without a turn in the range have no row.
 * @param threads all records, in the order of their ids.
 */
export function timeline(
  threads: readonly ThreadRecord[],
  turns: Pick<Turns, 'list'>,
  { from, to, columns = 80, rows: most = 40 }: TimelineRange,
): string {
  const width = (to - from) / columns;
  const rows = new Map<number, Float64Array>();
  for (const turn of turns.list(to)) {
    const [begin, end] = [Math.max(turn.from, from), Math.min(turn.to, to)];
    if (end <= begin) continue;
    const row = rows.get(turn.id) ?? new Float64Array(columns);
    rows.set(turn.id, row);
    for (let column = Math.floor((begin - from) / width); column < columns; column++) {
      const left = from + column * width;
      if (left >= end) break;
      row[column]! += (Math.min(end, left + width) - Math.max(begin, left)) / width;
    }
  }
  const total = (row: Float64Array) => row.reduce((sum, share) => sum + share, 0);
  const least = [...rows.values()].map(total).sort((a, b) => b - a)[most - 1] ?? 0;
  const shown = [...rows].filter(([, row]) => total(row) >= least).slice(0, most);
  const text = shown.map(([id, row]) => {
    const shades = [...row].map((share) => SHADES[share === 0 ? 0 : Math.min(4, 1 + Math.floor(share * 4))]);
    return `${label(threads[id - 1]!)
      .slice(0, LABEL_WIDTH)
      .padEnd(LABEL_WIDTH)} |${shades.join('')}|`;
  });
  return [
    `${from.toFixed(1)} ms to ${to.toFixed(1)} ms`,
    ...text,
    ...(shown.length < rows.size ? [`and ${rows.size - shown.length} with less`] : []),
  ].join('\n');
}
