// Gets one file of a guest: from a package, from Wolfden's own folder, or from the user's disk. Node only.

import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { GuestError } from './error.ts';
import { type FetchOptions, packagedFiles } from './fetch/packaged.ts';
import type { PackageRecord } from './fetch/record.ts';
import type { Guest, Source } from './schema.ts';

/** A guest and where its relative paths start. */
export interface FoundGuest<Kind extends Guest = Guest> {
  readonly guest: Kind;
  /** Folder of the user's guest file; for the catalogue's own guests there is none. */
  readonly folder?: string;
}

/** A file's content. */
export interface Loaded {
  /** Its name, for messages. */
  readonly file: string;
  readonly bytes: Uint8Array;
  /** The package that it is from, if it is from one. */
  readonly origin: PackageRecord | undefined;
}

/** @throws GuestError when there is no such file, or it cannot be fetched */
export async function load(source: Source, found: FoundGuest, options: FetchOptions): Promise<Loaded> {
  if ('packaged' in source) {
    const { record, files } = await packagedFiles(source.packaged, options);
    const file = files[0];
    if (file !== undefined) return { file: basename(file.path), bytes: file.bytes, origin: record };
    const problem = `${record.package} ${record.version} has no file like ${source.packaged.path}`;
    throw new GuestError('archive', problem, `give another version of ${source.packaged.package}`);
  }
  const path = pathOf(source, found);
  try {
    return { file: basename(path), bytes: await readFile(path), origin: undefined };
  } catch (error) {
    const problem = `guest ${found.guest.name}: cannot read ${path}: ${(error as Error).message}`;
    throw new GuestError('catalogue', problem, 'check the path in the guest file', { cause: error });
  }
}

/** Where a source that is a file lies on this disk. */
export function pathOf(source: { readonly file: string } | { readonly embedded: string }, found: FoundGuest): string {
  if ('embedded' in source) return fileURLToPath(new URL(source.embedded, import.meta.url));
  return resolve(found.folder ?? '.', source.file);
}
