// What the cache remembers of a fetched package: version, hash, who vouches for it, and the files taken out. Node only.

import { join } from 'node:path';
import * as v from 'valibot';
import type { PackagedFileContent } from '../archive/deb.ts';
import { ContentStore, readIfThere, sha256, writeAtomically } from '../cache.ts';
import type { PackagedFile } from '../schema.ts';

const hash = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/));

const RecordSchema = v.object({
  package: v.string(),
  version: v.string(),
  /** Of the .deb. */
  sha256: hash,
  /** Bytes of the .deb. */
  size: v.optional(v.pipe(v.number(), v.integer()), 0),
  /** What the package depends on directly, by name; empty for a .deb that the user gave. */
  depends: v.optional(v.array(v.string()), []),
  /** 'pin': the catalogue knows this hash. 'apt': signed by the archive. 'user': the user gave the file. */
  verifiedBy: v.picklist(['pin', 'apt', 'user']),
  files: v.array(
    v.object({
      path: v.string(),
      mode: v.pipe(v.number(), v.integer()),
      size: v.pipe(v.number(), v.integer()),
      sha256: hash,
      target: v.optional(v.string()),
    }),
  ),
});

export type PackageRecord = v.InferOutput<typeof RecordSchema>;

/** Records and files of packages in a cache folder. */
export class PackageCache {
  readonly #root: string;
  readonly #store: ContentStore;

  constructor(root: string) {
    this.#root = root;
    this.#store = new ContentStore(join(root, 'files'));
  }

  /** The record, or undefined when there is none or it makes no sense. Does not look at the files. */
  async record(wanted: PackagedFile): Promise<PackageRecord | undefined> {
    const bytes = await readIfThere(this.#recordPath(wanted));
    if (bytes === undefined) return undefined;
    try {
      const record = v.safeParse(RecordSchema, JSON.parse(new TextDecoder().decode(bytes)));
      return record.success ? record.output : undefined;
    } catch {
      return undefined;
    }
  }

  /** The files of a record, or undefined when one is missing or damaged. */
  async files(record: PackageRecord): Promise<PackagedFileContent[] | undefined> {
    const files: PackagedFileContent[] = [];
    for (const { path, mode, target, sha256: name } of record.files) {
      const bytes = await this.#store.get(name);
      if (bytes === undefined) return undefined;
      files.push({ path, mode, bytes, ...(target === undefined ? {} : { target }) });
    }
    return files;
  }

  /** Whether all files of a record are there, damaged or not. */
  async hasFiles(record: PackageRecord): Promise<boolean> {
    const there = await Promise.all(record.files.map((file) => this.#store.has(file.sha256)));
    return there.every(Boolean);
  }

  /** Keeps files and, when all are there, the record. */
  async keep(
    wanted: PackagedFile,
    origin: Omit<PackageRecord, 'files'>,
    files: readonly PackagedFileContent[],
  ): Promise<PackageRecord> {
    const record: PackageRecord = { ...origin, files: [] };
    for (const { path, mode, bytes, target } of files) {
      const name = await this.#store.put(bytes);
      record.files.push({ path, mode, size: bytes.length, sha256: name, ...(target === undefined ? {} : { target }) });
    }
    await writeAtomically(this.#recordPath(wanted), `${JSON.stringify(record, null, 2)}\n`);
    return record;
  }

  #recordPath(wanted: PackagedFile): string {
    const what = sha256(`${wanted.dependency ?? ''}\0${wanted.path}`).slice(0, 8);
    return join(this.#root, 'packages', wanted.suite, `${wanted.package}-${what}.json`);
  }
}
