// The audit log on this side: records are taken out of EDM's pages, and their chain is checked by code that shares nothing with EDM's.
import type { CoreExports } from './core.ts';
import { KIND } from './kinds.ts';
import { LAYOUT } from './layout.ts';
import type { Site } from './sites.ts';

/** The name of a kind of record, as in `STATE_STORE`. */
export type KindName = Exclude<keyof typeof KIND, 'FIRST_ALARM'>;

const NAMES = new Map(
  Object.entries(KIND)
    .filter(([name]) => name !== 'FIRST_ALARM')
    .map(([name, number]) => [number as number, name as KindName]),
);

/** One record. */
export interface AuditRecord {
  /** Records are numbered from 0 without a gap. */
  readonly number: number;
  readonly kind: KindName;
  readonly isAlarm: boolean;
  /** Of an alarm the address that was the target; else as the kind says. Unsigned. */
  readonly address: number;
  readonly detail: number;
  readonly extra: number;
  /** Instructions since power-on. */
  readonly instructions: number;
  /** Number of the operation that did it; -1 for none: JavaScript or a device. */
  readonly siteNumber: number;
  /** The culprit, looked up when asked for; undefined when no VMM code is at fault. */
  readonly site: Site | undefined;
}

export const DATA_SIZE = 32;

/** Decodes the data of a record. */
export function decodeRecord(bytes: Uint8Array, siteOf: (site: number) => Site | undefined): AuditRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, LAYOUT.RECORD_SIZE);
  const word = (offset: number): number => view.getUint32(offset, true);
  const siteNumber = view.getInt32(20, true);
  const kind = NAMES.get(word(4));
  if (!kind) throw new Error(`EDM's log: record ${word(0)} is of unknown kind ${word(4)}`);
  return {
    number: word(0),
    kind,
    isAlarm: word(4) >= KIND.FIRST_ALARM,
    address: word(8),
    detail: word(12),
    extra: word(16),
    instructions: Number(view.getBigUint64(24, true)),
    siteNumber,
    get site() {
      return siteNumber === -1 ? undefined : siteOf(siteNumber);
    },
  };
}

/** Drains EDM's log and keeps what it drained. */
export class AuditLog {
  readonly #records: AuditRecord[] = [];
  readonly #bytes: Uint8Array[] = [];
  readonly #core: CoreExports;
  readonly #memory: () => Uint8Array;
  readonly #at: number;
  readonly #siteOf: (site: number) => Site | undefined;
  readonly #onRecord: (record: AuditRecord) => void;

  constructor(
    core: CoreExports,
    memory: () => Uint8Array,
    base: number,
    siteOf: (site: number) => Site | undefined,
    onRecord: (record: AuditRecord) => void,
  ) {
    this.#core = core;
    this.#memory = memory;
    this.#at = base + LAYOUT.LOG;
    this.#siteOf = siteOf;
    this.#onRecord = onRecord;
  }

  /** All records so far, in order. */
  get records(): readonly AuditRecord[] {
    this.drain();
    return this.#records;
  }

  /** The alarms among the records. */
  get alarms(): readonly AuditRecord[] {
    return this.records.filter(({ isAlarm }) => isAlarm);
  }

  /** Takes what EDM has written since the last time. */
  drain(): void {
    const to = this.#core.logWritten() >>> 0;
    let from = this.#core.logDrained() >>> 0;
    if (from === to) return;
    for (; from !== to; from++) {
      const at = this.#at + (from % LAYOUT.LOG_RECORDS) * LAYOUT.RECORD_SIZE;
      const bytes = this.#memory().slice(at, at + LAYOUT.RECORD_SIZE);
      this.#bytes.push(bytes);
      const record = decodeRecord(bytes, this.#siteOf);
      this.#records.push(record);
      this.#onRecord(record);
    }
    this.#core.drain(to);
  }

  /** The records as they lay in EDM's pages, 64 bytes each. */
  bytes(): Uint8Array {
    const all = new Uint8Array(this.#bytes.length * LAYOUT.RECORD_SIZE);
    for (const [index, bytes] of this.#bytes.entries()) all.set(bytes, index * LAYOUT.RECORD_SIZE);
    return all;
  }

  /** The digest of the last record that EDM has written, kept where no store reaches. */
  head(): Uint8Array {
    const words = Uint32Array.from({ length: 8 }, (_, index) => this.#core.head(index));
    return new Uint8Array(words.buffer);
  }

  /** Checks that the log is whole and that nothing in it was changed. @returns what is wrong; undefined when nothing is */
  async verify(): Promise<string | undefined> {
    this.drain();
    return verifyChain(this.bytes(), this.head());
  }
}

const same = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

/** The initial hash value of SHA-256 (FIPS 180-4, 5.3.3): what the first record is chained to, as bytes. */
const INITIAL = Uint8Array.of(
  ...[0x6a, 0x09, 0xe6, 0x67, 0xbb, 0x67, 0xae, 0x85, 0x3c, 0x6e, 0xf3, 0x72, 0xa5, 0x4f, 0xf5, 0x3a],
  ...[0x51, 0x0e, 0x52, 0x7f, 0x9b, 0x05, 0x68, 0x8c, 0x1f, 0x83, 0xd9, 0xab, 0x5b, 0xe0, 0xcd, 0x19],
);

/**
 * Checks a chain of records: each is numbered one more than the one before it, and its digest is SHA-256 of that one's digest and its own data.
 * @param head digest of the last record, from EDM
 * @returns what is wrong, by number of the record; undefined when nothing is
 */
export async function verifyChain(log: Uint8Array, head: Uint8Array): Promise<string | undefined> {
  const size = LAYOUT.RECORD_SIZE;
  if (log.length % size !== 0) return `expected records of ${size} bytes, found ${log.length} bytes in all`;
  let digest = INITIAL;
  const message = new Uint8Array(size);
  for (let at = 0; at < log.length; at += size) {
    const data = log.subarray(at, at + DATA_SIZE);
    const number = new DataView(log.buffer, log.byteOffset + at).getUint32(0, true);
    if (number !== at / size) return `record ${at / size}: found number ${number}`;
    message.set(digest);
    message.set(data, DATA_SIZE);
    digest = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', message));
    if (!same(digest, log.subarray(at + DATA_SIZE, at + size))) return `record ${number}: its digest is another`;
  }
  return same(digest, head) ? undefined : `after record ${log.length / size - 1}: EDM's own digest is another`;
}
