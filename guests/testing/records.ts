// Reads the records in which villains say on the serial line what they do: "@villain KIND pid=PID t=TIME KEY=VALUE ...".

/** One record; all values as they are written. */
export interface VillainRecord {
  readonly kind: string;
  readonly fields: Readonly<Record<string, string>>;
}

/** The records of one kind, or of all, in a console's text. */
export function villainRecords(text: string, kind?: string): VillainRecord[] {
  const records: VillainRecord[] = [];
  for (const [, name, rest] of text.matchAll(/@villain ([\w-]+) ([^\r\n]*)\r?\n/g)) {
    const fields = Object.fromEntries([...rest!.matchAll(/([\w-]+)=(\S*)/g)].map(([, key, value]) => [key!, value!]));
    if (kind === undefined || kind === name) records.push({ kind: name!, fields });
  }
  return records;
}

/** The bytes that a keylogger reported, in order. */
export function reportedKeys(text: string, kind: string): number[] {
  const keys = villainRecords(text, kind).flatMap(({ fields }) => fields.keys?.split(',') ?? []);
  return keys.map((key) => Number.parseInt(key, 16));
}
