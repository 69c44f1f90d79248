// Builds an initrd from its description: the same description and packages give the same bytes. Node only.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'fflate';
import { type CpioEntry, writeCpio } from '../archive/cpio.ts';
import type { PackagedFileContent } from '../archive/deb.ts';
import { ContentStore, readIfThere, sha256, writeAtomically } from '../cache.ts';
import { GuestError } from '../error.ts';
import { type FetchOptions, type Packaged, packagedFiles } from '../fetch/packaged.ts';
import type { InitrdDescription } from './description.ts';
import { type Fetch, findLibraries, type Libraries } from './libraries.ts';

/** Change when the way of building changes, so that cached initrds are built anew. */
const BUILDER_VERSION = 2;
const GZIP_LEVEL = 6;
/** Of RFC 1952: the "operating system" byte for unknown. */
const GZIP_OS_OFFSET = 9;
const GZIP_OS_UNKNOWN = 255;

/** The files of an initrd, with their content. */
export interface InitrdContent {
  /** Content of the described files, by their paths in the initrd. */
  readonly described: ReadonlyMap<string, Uint8Array>;
  /** Files that keep the paths of their packages. */
  readonly asPackaged?: readonly PackagedFileContent[];
}

/** The files of an initrd as archive entries, folders before what is in them, sorted. */
export function initrdEntries(description: InitrdDescription, content: InitrdContent): CpioEntry[] {
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
  for (const { path, mode, bytes, target } of content.asPackaged ?? []) {
    if (target === undefined) add({ path, mode, kind: 'file', bytes });
    else add({ path, mode: 0o777, kind: 'symlink', target });
  }
  for (const [path, target] of Object.entries(description.links)) add({ path, mode: 0o777, kind: 'symlink', target });
  for (const device of description.devices) add(device);
  for (const file of description.files) {
    const bytes = 'text' in file ? new TextEncoder().encode(file.text) : content.described.get(file.to);
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

/** The initrd, ready for a kernel; from the cache when it was built before. Fetches the packages that it needs. */
export async function buildInitrd(description: InitrdDescription, options: FetchOptions): Promise<Uint8Array> {
  const { described, asPackaged } = await collectContent(description, options);
  const hashes = [...described, ...asPackaged.map(({ path, bytes }) => [path, bytes] as const)].map(
    ([path, bytes]) => [path, sha256(bytes)] as const,
  );
  const key = sha256(JSON.stringify([BUILDER_VERSION, description, hashes]));
  const store = new ContentStore(join(options.cache, 'files'));
  const path = join(options.cache, 'initrds', `${description.name}-${key.slice(0, 16)}`);
  const name = await readIfThere(path);
  const cached = name && (await store.get(new TextDecoder().decode(name).trim()));
  if (cached !== undefined) return cached;
  const archive = writeCpio(initrdEntries(description, { described, asPackaged }));
  const initrd = description.compression === 'none' ? archive : compress(archive);
  await writeAtomically(path, `${await store.put(initrd)}\n`);
  return initrd;
}

async function collectContent(description: InitrdDescription, options: FetchOptions): Promise<Required<InitrdContent>> {
  const fetch: Fetch = (wanted) => packagedFiles(wanted, { ...options, deb: undefined });
  const described = new Map<string, Uint8Array>();
  for (const file of description.files) {
    if ('from' in file) described.set(file.to, (await fetch(file.from)).files[0]!.bytes);
    else if ('embedded' in file)
      described.set(file.to, await readFile(new URL(`../${file.embedded}`, import.meta.url)));
  }
  const { programs, libraries } = await fetchPrograms(description, fetch);
  return { described, asPackaged: [...programs.flatMap(({ files }) => files), ...libraries.files] };
}

/** The packages of an initrd's programs, and their libraries. */
export async function fetchPrograms(
  description: InitrdDescription,
  fetch: Fetch,
): Promise<{ readonly programs: readonly Packaged[]; readonly libraries: Libraries }> {
  const programs: Packaged[] = [];
  for (const wanted of description.programs ?? []) {
    const packaged = await fetch(wanted);
    if (packaged.files.length === 0) {
      const problem = `${wanted.package} ${packaged.record.version} has no file like ${wanted.path}`;
      throw new GuestError('archive', problem, 'the archive has changed: give the initrd with --initrd FILE');
    }
    programs.push(packaged);
  }
  const suite = description.programs?.[0]?.suite;
  if (suite === undefined) return { programs, libraries: { files: [], packages: [] } };
  return { programs, libraries: await findLibraries(suite, programs, description.libraries ?? [], fetch) };
}
