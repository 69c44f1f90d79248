// Builds an initrd from its description: the same description and packages give the same bytes. Node only.

import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { type CpioEntry, writeCpio } from '../archive/cpio.ts';
import { ContentStore, readIfThere, sha256, writeAtomically } from '../cache.ts';
import { type FetchOptions, packagedFiles } from '../fetch/packaged.ts';
import type { InitrdDescription } from './description.ts';

/** Change when the way of building changes, so that cached initrds are built anew. */
const BUILDER_VERSION = 1;
const GZIP_LEVEL = 6;
/** Of RFC 1952: the "operating system" byte for unknown. */
const GZIP_OS_OFFSET = 9;
const GZIP_OS_UNKNOWN = 255;

/** The files of an initrd as archive entries, folders before what is in them, sorted. */
export function initrdEntries(description: InitrdDescription, packaged: ReadonlyMap<string, Uint8Array>): CpioEntry[] {
  const entries = new Map<string, CpioEntry>();
  const add = (entry: CpioEntry): void => {
    const parts = entry.path.split('/');
    for (let depth = 1; depth < parts.length; depth++) {
      const path = parts.slice(0, depth).join('/');
      if (!entries.has(path)) entries.set(path, { path, mode: 0o755, kind: 'directory' });
    }
    entries.set(entry.path, entry);
  };
  for (const path of description.folders) add({ path, mode: 0o755, kind: 'directory' });
  for (const [path, target] of Object.entries(description.links)) add({ path, mode: 0o777, kind: 'symlink', target });
  for (const device of description.devices) add(device);
  for (const file of description.files) {
    const bytes = 'text' in file ? new TextEncoder().encode(file.text) : packaged.get(file.to);
    if (bytes === undefined) throw new TypeError(`no bytes for ${file.to}`);
    add({ path: file.to, mode: file.mode, kind: 'file', bytes });
  }
  // By code unit: the order must not depend on anybody's locale.
  return [...entries.values()].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** Compresses without anything in the result that depends on time or machine. */
export function compress(archive: Uint8Array): Uint8Array {
  const compressed = gzipSync(archive, { level: GZIP_LEVEL, mtime: 0 });
  compressed[GZIP_OS_OFFSET] = GZIP_OS_UNKNOWN;
  return compressed;
}

/** The initrd, gzip-compressed; from the cache when it was built before. Fetches the packages that it needs. */
export async function buildInitrd(description: InitrdDescription, options: FetchOptions): Promise<Uint8Array> {
  const packaged = new Map<string, Uint8Array>();
  const hashes: string[] = [];
  for (const file of description.files) {
    if ('text' in file) continue;
    const { record, files } = await packagedFiles(file.from, { ...options, deb: undefined });
    packaged.set(file.to, files[0]!.bytes);
    hashes.push(record.files[0]!.sha256);
  }
  const key = sha256(JSON.stringify([BUILDER_VERSION, description, hashes]));
  const store = new ContentStore(join(options.cache, 'files'));
  const path = join(options.cache, 'initrds', `${description.name}-${key.slice(0, 16)}`);
  const name = await readIfThere(path);
  const cached = name && (await store.get(new TextDecoder().decode(name).trim()));
  if (cached !== undefined) return cached;
  const initrd = compress(writeCpio(initrdEntries(description, packaged)));
  await writeAtomically(path, `${await store.put(initrd)}\n`);
  return initrd;
}
