// Files out of Debian packages: from the cache, from a .deb that the user gives, or through apt. Node only.

import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type PackagedFileContent, unpackDeb } from '../archive/deb.ts';
import { sha256 } from '../cache.ts';
import { GuestError, throwIfAborted } from '../error.ts';
import { withLock } from '../lock.ts';
import type { PackagedFile } from '../schema.ts';
import { type AptState, aptState, hasLists, updateLists } from './apt-state.ts';
import { type BinaryPackage, followDependency, readPackages } from './control.ts';
import { checkHash, downloadPackage } from './download.ts';
import { PackageCache, type PackageRecord } from './record.ts';

/** What is going on, for whoever watches. */
export type FetchEvent =
  | { readonly kind: 'waiting'; readonly text: string }
  | { readonly kind: 'lists'; readonly suite: string }
  | { readonly kind: 'download'; readonly package: string; readonly received: number; readonly total: number }
  | { readonly kind: 'unpack'; readonly package: string }
  | { readonly kind: 'notice'; readonly text: string };

/** What fetching may be told. */
export interface FetchOptions {
  /** The cache folder. */
  readonly cache: string;
  /** Mirror to use in place of the machine's own. */
  readonly mirror?: string | undefined;
  /** A .deb to use in place of one from a mirror. */
  readonly deb?: string | undefined;
  /** Use only what is in the cache. */
  readonly offline?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: ((event: FetchEvent) => void) | undefined;
}

/** Files and where they are from. */
export interface Packaged {
  readonly record: PackageRecord;
  readonly files: readonly PackagedFileContent[];
}

/**
 * The files of a package that match `wanted.path`: the first, or all with `wanted.many`.
 * Two processes may ask at once: one fetches, the other waits and finds it in the cache.
 */
export async function packagedFiles(wanted: PackagedFile, options: FetchOptions): Promise<Packaged> {
  const cache = new PackageCache(options.cache);
  if (options.deb !== undefined) return fromUser(wanted, options.deb, cache, options);
  const cached = await fromCache(wanted, cache);
  if (cached !== undefined) return cached;
  if (options.offline) {
    const problem = `${wanted.package} (${wanted.suite}) is not in the cache`;
    throw new GuestError('offline', problem, 'fetch it first, or give it with --deb FILE');
  }
  const folder = join(options.cache, 'apt', wanted.suite);
  const onWait = (): void =>
    options.progress?.({ kind: 'waiting', text: `another process is fetching from ${wanted.suite}: waiting for it` });
  return withLock(
    `${folder}.lock`,
    async () => (await fromCache(wanted, cache)) ?? fromArchive(wanted, folder, cache, options),
    { signal: options.signal, onWait },
  );
}

async function fromCache(wanted: PackagedFile, cache: PackageCache): Promise<Packaged | undefined> {
  const record = await cache.record(wanted);
  const files = record && (await cache.files(record));
  return record && files && { record, files };
}

async function fromUser(
  wanted: PackagedFile,
  path: string,
  cache: PackageCache,
  options: FetchOptions,
): Promise<Packaged> {
  const deb = await readFile(path).catch((error: Error) => {
    throw new GuestError('archive', `cannot read ${path}: ${error.message}`, 'give the path of a .deb', {
      cause: error,
    });
  });
  const hash = sha256(deb);
  const pinned = hash === wanted.pin?.sha256;
  const files = await unpackWanted(basename(path), deb, wanted, options);
  const version = pinned ? wanted.pin!.version : 'unknown';
  const name = pinned ? wanted.pin!.package : wanted.package;
  const verifiedBy = pinned ? 'pin' : 'user';
  const origin: Omit<PackageRecord, 'files'> = {
    package: name,
    version,
    sha256: hash,
    size: deb.length,
    depends: [],
    verifiedBy,
  };
  if (!pinned)
    options.progress?.({ kind: 'notice', text: `${basename(path)} is not a version that the catalogue knows` });
  return { record: await cache.keep(wanted, origin, files), files };
}

async function fromArchive(
  wanted: PackagedFile,
  folder: string,
  cache: PackageCache,
  options: FetchOptions,
): Promise<Packaged> {
  const { suite } = wanted;
  const state = await aptState({ folder, suite, mirror: options.mirror, signal: options.signal });
  const refresh = async (): Promise<void> => {
    options.progress?.({ kind: 'lists', suite });
    await updateLists(state);
  };
  const fresh = !(await hasLists(state));
  if (fresh) await refresh();
  const attempt = async (): Promise<Packaged> => {
    const found = await resolve(state, wanted, options);
    const deb = await downloadPackage(state, found, (received, total) =>
      options.progress?.({ kind: 'download', package: found.package, received, total }),
    );
    const pinned = isPinned(found, wanted);
    if (pinned) checkHash(`${found.package} ${found.version}`, deb, wanted.pin!.sha256);
    const files = await unpackWanted(`${found.package}_${found.version}.deb`, deb, wanted, options);
    const { architecture: _, ...origin } = found;
    const record = await cache.keep(
      wanted,
      { ...origin, depends: [...found.depends], verifiedBy: pinned ? 'pin' : 'apt' },
      files,
    );
    return { record, files };
  };
  try {
    return await attempt();
  } catch (error) {
    // Lists from an earlier day may name what a point release has since replaced.
    if (fresh || !(error instanceof GuestError) || error.trouble !== 'package-vanished') throw error;
    await refresh();
    return attempt();
  }
}

const isPinned = (found: BinaryPackage, { pin }: PackagedFile): boolean =>
  found.package === pin?.package && found.version === pin.version;

/** The pinned version where the archive still has it, else the newest. */
async function resolve(state: AptState, wanted: PackagedFile, options: FetchOptions): Promise<BinaryPackage> {
  const { pin } = wanted;
  if (pin !== undefined) {
    const pinned = (await show(state, pin.package)).find((one) => one.version === pin.version);
    if (pinned !== undefined) return pinned;
  }
  const [named] = await show(state, wanted.package);
  if (named === undefined) throw vanished(wanted.package, wanted.suite);
  const name = wanted.dependency === undefined ? named.package : followDependency(named, wanted);
  const [found] = name === named.package ? [named] : await show(state, name);
  if (found === undefined) throw vanished(name, wanted.suite);
  if (pin !== undefined) {
    const instead = `${found.package} ${found.version}`;
    const text = `${pin.package} ${pin.version}, which was tried with Wolfden, is gone from the archive; taking ${instead}, which the archive has signed but nobody has tried`;
    options.progress?.({ kind: 'notice', text });
  }
  return found;
}

/** Versions of a package, newest first. */
async function show(state: AptState, name: string): Promise<BinaryPackage[]> {
  const { stdout } = await state.run('apt-cache', ['show', '--all-versions', name]);
  return readPackages(stdout).filter((one) => one.package === name && ['i386', 'all'].includes(one.architecture));
}

function vanished(name: string, suite: string): GuestError {
  const remedy =
    'if the release has moved to the archive of old releases, name that with --mirror URL; or give the package with --deb FILE';
  return new GuestError('package-vanished', `Debian's ${suite} has no package ${name} for i386 (any more)`, remedy);
}

async function unpackWanted(
  file: string,
  deb: Uint8Array,
  wanted: PackagedFile,
  options: FetchOptions,
): Promise<PackagedFileContent[]> {
  throwIfAborted(options.signal);
  options.progress?.({ kind: 'unpack', package: wanted.package });
  const pattern = new RegExp(wanted.path, 'u');
  const files = await unpackDeb(file, deb, (path) => pattern.test(path), {
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(wanted.many ? {} : { count: 1 }),
  });
  if (files.length > 0 || wanted.many) return files;
  throw new GuestError('archive', `${file} has no file like ${wanted.path}`, `give the package ${wanted.package}`);
}
