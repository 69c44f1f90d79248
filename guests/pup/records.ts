// The records that pup prints on the serial line: `@truth ...` about what happened, `@villain ...` about what an attack did.

/** A record such as `@truth total syscalls=3`: its words, then its fields. */
export interface PupRecord {
  readonly words: readonly string[];
  readonly fields: ReadonlyMap<string, string>;
}

/** The records of a kind in a serial output: lines that begin with `@kind`. */
export function pupRecords(output: string, kind: 'truth' | 'villain'): PupRecord[] {
  const lines = output.split('\r\n').filter((line) => line.startsWith(`@${kind} `));
  return lines.map((line) => {
    const parts = line.split(' ').slice(1);
    const isField = (part: string) => part.includes('=');
    return {
      words: parts.filter((part) => !isField(part)),
      fields: new Map(parts.filter(isField).map((part) => part.split('=', 2) as [string, string])),
    };
  });
}

/** A field that is a number. @throws Error when the record has no such number */
export function numberIn({ words, fields }: PupRecord, field: string): number {
  const text = fields.get(field);
  const value = Number(text ?? Number.NaN);
  if (Number.isNaN(value)) {
    throw new Error(`pup's record "${words.join(' ')}": expected a number in field ${field}, found ${text}`);
  }
  return value;
}

/** What one `truth` command printed: its records by their first word, such as `process` or `total`. */
export type TruthSnapshot = ReadonlyMap<string, readonly PupRecord[]>;

/** All that `truth` commands printed in a serial output, each from `begin` to `end`. */
export function truthSnapshots(output: string): TruthSnapshot[] {
  const snapshots: Map<string, PupRecord[]>[] = [];
  let open: Map<string, PupRecord[]> | undefined;
  for (const record of pupRecords(output, 'truth')) {
    const kind = record.words[0]!;
    if (kind === 'begin') {
      open = new Map();
      snapshots.push(open);
    }
    // Outside of a snapshot lies the log of `truth on`.
    open?.set(kind, [...(open.get(kind) ?? []), record]);
    if (kind === 'end') open = undefined;
  }
  return snapshots;
}
