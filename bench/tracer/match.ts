// Matches what the tracer told with what a guest says of itself, one by one.

/** How two lists of records compare: each is a multiset of lines. */
export interface Match {
  readonly truth: number;
  readonly matched: number;
  /** Truths that the tracer did not tell. */
  readonly missed: readonly string[];
  /** What the tracer told and was not so. */
  readonly extra: readonly string[];
}

/** Compares the tracer's lines with the truth's. */
export function match(told: readonly string[], truth: readonly string[]): Match {
  const open = new Map<string, number>();
  for (const line of truth) open.set(line, (open.get(line) ?? 0) + 1);
  const extra: string[] = [];
  for (const line of told) {
    const count = open.get(line) ?? 0;
    if (count === 0) extra.push(line);
    else open.set(line, count - 1);
  }
  const missed = [...open].flatMap(([line, count]) => Array<string>(count).fill(line));
  return { truth: truth.length, matched: truth.length - missed.length, missed, extra };
}

/** Whether one list occurs in another without a gap. */
export function occursIn(part: readonly string[], whole: readonly string[]): boolean {
  for (let from = 0; from + part.length <= whole.length; from++)
    if (part.every((one, index) => whole[from + index] === one)) return true;
  return false;
}
