// Gets one package through apt, going on with what an interrupted download has left. Node only.
// Source: apt's own acquire methods, which resume a partial file when its time is that of the file on the mirror (RFC 9110, If-Range).

import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheError, makeFolder, sha256 } from '../cache.ts';
import { GuestError } from '../error.ts';
import { type AptState, NO_ROOM } from './apt-state.ts';
import type { BinaryPackage } from './control.ts';

/** Called now and then while a package is fetched, with bytes so far and in all. */
export type DownloadProgress = (received: number, total: number) => void;

const POLL = 100;

/**
 * Downloads a package and checks its hash against the signed lists. What an interrupted download leaves is kept for the next one of the
 * same package; nothing else stays on disk.
 * The caller holds the lock of `state`.
 * @returns the bytes of the .deb
 * @throws GuestError
 */
export async function downloadPackage(
  state: AptState,
  wanted: BinaryPackage,
  progress: DownloadProgress = () => {},
): Promise<Uint8Array> {
  const folder = await makeFolder(join(state.folder, 'downloads'));
  // Named for its content: a partial file can only be one of the same package and version.
  const name = `${wanted.sha256}.part`;
  const path = join(folder, name);
  await removeOthers(folder, name);
  if ((await sizeOf(path)) > wanted.size) await rm(path);
  const timer = setInterval(() => {
    sizeOf(path).then((size) => progress(Math.min(size, wanted.size), wanted.size));
  }, POLL);
  try {
    const uri = await uriOf(state, wanted);
    const result = await state.run('/usr/lib/apt/apt-helper', [
      'download-file',
      '-q',
      uri,
      path,
      `SHA256:${wanted.sha256}`,
    ]);
    if (result.status !== 0) throw downloadError(wanted, result.stderr || result.stdout);
    const deb = await readDownload(path);
    checkHash(`${wanted.package} ${wanted.version}`, deb, wanted.sha256);
    await rm(path);
    progress(wanted.size, wanted.size);
    return deb;
  } catch (error) {
    const resumable = error instanceof GuestError && ['aborted', 'offline'].includes(error.trouble);
    if (!resumable) await removeOthers(folder);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** @throws GuestError when the bytes do not have the hash */
export function checkHash(what: string, bytes: Uint8Array, expected: string): void {
  const found = sha256(bytes);
  if (found === expected) return;
  const problem = `${what}: expected SHA-256 ${expected}, found ${found}`;
  throw new GuestError('hash-mismatch', problem, 'fetch it again, or from another mirror with --mirror URL');
}

/** Clears the folder but for one name. The caller holds the state's lock: nobody else is downloading here. */
async function removeOthers(folder: string, name?: string): Promise<void> {
  for (const other of await readdir(folder)) {
    if (other !== name) await rm(join(folder, other), { recursive: true, force: true });
  }
}

const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  );

async function readDownload(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw cacheError('read', path, error);
  }
}

/** Where apt would get the package from. */
async function uriOf(state: AptState, wanted: BinaryPackage): Promise<string> {
  const { stdout, stderr } = await state.run('apt-get', [
    'download',
    '--print-uris',
    `${wanted.package}=${wanted.version}`,
  ]);
  const uri = /^'([^'\n]+)'/m.exec(stdout)?.[1];
  if (uri === undefined) throw downloadError(wanted, stderr || 'apt does not know where it is');
  return uri;
}

function downloadError(wanted: BinaryPackage, output: string): GuestError {
  const message = output.trim().split('\n').slice(-3).join(' ');
  const what = `${wanted.package} ${wanted.version}`;
  if (NO_ROOM.test(output)) {
    return new GuestError('disk-full', `no room for ${what}`, 'free some space or set WOLFDEN_CACHE elsewhere');
  }
  if (/Hash Sum mismatch|unexpected size/i.test(output)) {
    const remedy = 'fetch it again, or from another mirror with --mirror URL';
    return new GuestError('hash-mismatch', `${what}: ${message}`, remedy);
  }
  if (/404\s+Not Found|Unable to find|was not found/i.test(output)) {
    const problem = `${what} is in the archive's lists, but no longer on the mirror (${message})`;
    return new GuestError('package-vanished', problem, 'try another mirror with --mirror URL, or use --deb FILE');
  }
  const remedy = 'run it again to go on; check the network, or use --mirror URL or --deb FILE';
  return new GuestError('offline', `cannot fetch ${what}: ${message}`, remedy);
}
