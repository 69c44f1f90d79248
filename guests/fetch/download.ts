// Gets one package through apt. Node only.

import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheError, makeFolder, sha256 } from '../cache.ts';
import { GuestError } from '../error.ts';
import type { AptState } from './apt-state.ts';
import type { BinaryPackage } from './control.ts';

/** Called now and then while a package is fetched, with bytes so far and in all. */
export type DownloadProgress = (received: number, total: number) => void;

const POLL = 100;

/**
 * Downloads a package and checks its size and hash against the signed lists.
 * The caller holds the lock of `state`.
 * @returns the bytes of the .deb; nothing stays on disk, whatever happens
 */
export async function downloadPackage(
  state: AptState,
  wanted: BinaryPackage,
  progress: DownloadProgress = () => {},
): Promise<Uint8Array> {
  const parent = join(state.folder, 'downloads');
  // The caller holds this state's lock: what is here was left by a process that was killed.
  await rm(parent, { recursive: true, force: true });
  await makeFolder(parent);
  const folder = await mkdtemp(join(parent, 'deb-')).catch((error) => {
    throw cacheError('make a folder in', parent, error);
  });
  const timer = setInterval(() => {
    largestFile(folder).then(
      (size) => progress(Math.min(size, wanted.size), wanted.size),
      () => {},
    );
  }, POLL);
  try {
    const result = await state.run('apt-get', ['download', '-q', `${wanted.package}=${wanted.version}`], folder);
    if (result.status !== 0) throw downloadError(wanted, result.stderr || result.stdout);
    const [name] = (await readdir(folder)).filter((file) => file.endsWith('.deb'));
    if (name === undefined) throw downloadError(wanted, 'apt left no file');
    const deb = await readFile(join(folder, name));
    checkHash(`${wanted.package} ${wanted.version}`, deb, wanted.sha256);
    progress(wanted.size, wanted.size);
    return deb;
  } finally {
    clearInterval(timer);
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws GuestError when the bytes do not have the hash */
export function checkHash(what: string, bytes: Uint8Array, expected: string): void {
  const found = sha256(bytes);
  if (found === expected) return;
  const problem = `${what}: expected SHA-256 ${expected}, found ${found}`;
  throw new GuestError('hash-mismatch', problem, 'fetch it again, or from another mirror with --mirror URL');
}

async function largestFile(folder: string): Promise<number> {
  const sizes = (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size);
  return Math.max(0, ...(await Promise.all(sizes)));
}

function downloadError(wanted: BinaryPackage, output: string): GuestError {
  const message = output.trim().split('\n').slice(-3).join(' ');
  const what = `${wanted.package} ${wanted.version}`;
  if (/No space left/i.test(message)) {
    return new GuestError('disk-full', `no room for ${what}`, 'free some space or set WOLFDEN_CACHE elsewhere');
  }
  if (/Hash Sum mismatch|unexpected size/i.test(message)) {
    return new GuestError(
      'hash-mismatch',
      `${what}: ${message}`,
      'fetch it again, or from another mirror with --mirror URL',
    );
  }
  if (/404\s+Not Found|Unable to find|was not found/i.test(message)) {
    return new GuestError(
      'package-vanished',
      `${what} is gone from the mirror: ${message}`,
      'try again, or use --deb FILE',
    );
  }
  return new GuestError(
    'offline',
    `cannot fetch ${what}: ${message}`,
    'check the network, or use --mirror URL or --deb FILE',
  );
}
