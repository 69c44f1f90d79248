// The folder for what was fetched or built and can be fetched or built again. Node only.

import { createHash } from 'node:crypto';
import { access, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically as writeFileAtomically } from '../emulator/node/atomic-file.ts';
import { cacheFolder } from '../emulator/node/cache-folder.ts';
import { GuestError } from './error.ts';

export { cacheFolder };

/** SHA-256 as lower-case hexadecimal digits. */
export const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** What a failed operation of the file system means to the user. */
export function cacheError(action: string, path: string, error: unknown): GuestError {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG') {
    const remedy = 'free some space or set WOLFDEN_CACHE elsewhere';
    return new GuestError('disk-full', `no room to ${action} ${path}`, remedy, { cause: error });
  }
  const reason = error instanceof Error ? error.message : String(error);
  const remedy = 'check its permissions or set WOLFDEN_CACHE to a folder of your own';
  return new GuestError('cache', `cannot ${action} ${path}: ${reason}`, remedy, { cause: error });
}

/** Makes a folder and those above it. */
export async function makeFolder(path: string): Promise<string> {
  try {
    await mkdir(path, { recursive: true });
    return path;
  } catch (error) {
    throw cacheError('make the folder', path, error);
  }
}

/** Writes a file so that others see all of it or none; leaves nothing behind when it fails. */
export async function writeAtomically(path: string, bytes: Uint8Array | string): Promise<void> {
  await writeFileAtomically(path, bytes).catch((error) => {
    throw cacheError('write', path, error);
  });
}

/** The file's bytes, or undefined when there is none. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw cacheError('read', path, error);
  }
}

/** Files named by the hash of their content: damage is found when they are read, and two writers cannot disagree. */
export class ContentStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps the bytes; gives their hash. */
  async put(bytes: Uint8Array): Promise<string> {
    const hash = sha256(bytes);
    if ((await this.get(hash)) === undefined) await writeAtomically(join(this.#folder, hash), bytes);
    return hash;
  }

  /** Whether there is a file for this hash; its content is not looked at. */
  async has(hash: string): Promise<boolean> {
    return access(join(this.#folder, hash)).then(
      () => true,
      () => false,
    );
  }

  /** The bytes with this hash, or undefined when they are not there or damaged. */
  async get(hash: string): Promise<Uint8Array | undefined> {
    if (!/^[0-9a-f]{64}$/.test(hash)) return undefined;
    const bytes = await readIfThere(join(this.#folder, hash));
    return bytes !== undefined && sha256(bytes) === hash ? bytes : undefined;
  }
}
