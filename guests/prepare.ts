// Makes a guest ready to run: its files from the cache, from Debian or from the disk, put into one boot image. Node only.

import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { bootImageOf } from '../emulator/boot/index.ts';
import { cacheFolder } from './cache.ts';
import { GuestError } from './error.ts';
import { type FetchOptions, packagedFiles } from './fetch/packaged.ts';
import type { PackageRecord } from './fetch/record.ts';
import { buildInitrd } from './initrd/build.ts';
import { INITRDS } from './initrd/index.ts';
import type { Guest, Source } from './schema.ts';

/** A guest and where its relative paths start. */
export interface FoundGuest {
  readonly guest: Guest;
  /** Folder of the user's guest file; for the catalogue's own guests there is none. */
  readonly folder?: string;
}

/** What `prepareGuest` may be told. Everything has a default. */
export interface PrepareOptions extends Omit<FetchOptions, 'cache' | 'deb'> {
  /** Cache folder; `cacheFolder()` by default. */
  readonly cache?: string | undefined;
  /** A .deb with the kernel, for a machine without apt or network. */
  readonly deb?: string | undefined;
  /** Path of a kernel to use in place of the guest's own. */
  readonly kernel?: string | undefined;
  /** Path of an initrd to use in place of the guest's own. */
  readonly initrd?: string | undefined;
  readonly commandLine?: string | undefined;
  /** Guest RAM in bytes. */
  readonly memorySize?: number | undefined;
}

/** All that a machine needs. */
export interface PreparedGuest {
  readonly name: string;
  readonly guest: Guest;
  /** For v86's `multiboot` option: `multiboot: { buffer: image.buffer }`. Owns its whole buffer. */
  readonly image: Uint8Array<ArrayBuffer>;
  /** Guest RAM in bytes. */
  readonly memorySize: number;
  readonly commandLine: string;
  /** Text on the serial console when the guest is ready; undefined for a guest that never is. */
  readonly prompt: string | undefined;
  /** Version and hash of the package that the kernel is from, where it is from one. */
  readonly origin: PackageRecord | undefined;
}

/** Gets everything that a guest needs, fetching what is not there, and makes its boot image. */
export async function prepareGuest(found: FoundGuest, options: PrepareOptions = {}): Promise<PreparedGuest> {
  const { guest } = found;
  const cache = options.cache ?? cacheFolder();
  const fetchOptions = { ...options, cache, deb: undefined };
  const kernelSource = options.kernel === undefined ? guest.kernel : { file: resolve(options.kernel) };
  const kernel = await load(kernelSource, found, { ...fetchOptions, deb: options.deb });
  const initrd = await loadInitrd(found, options, fetchOptions);
  const modules = [];
  for (const { source, string } of guest.modules) {
    modules.push({ bytes: (await load(source, found, fetchOptions)).bytes, string });
  }
  const commandLine = options.commandLine ?? guest.commandLine;
  const memorySize = options.memorySize ?? guest.memory * 2 ** 20;
  const image = bootImageOf({
    kind: guest.boot,
    file: kernel.file,
    kernel: unpacked(kernel),
    ...(initrd === undefined ? {} : { initrd }),
    modules,
    commandLine,
    memorySize,
  });
  return { name: guest.name, guest, image, memorySize, commandLine, prompt: guest.prompt, origin: kernel.origin };
}

interface Loaded {
  readonly file: string;
  readonly bytes: Uint8Array;
  readonly origin: PackageRecord | undefined;
}

/** What a kernel may unpack to. */
const MAX_KERNEL = 256 << 20;

/** Some kernels (GNU Mach's) come compressed as a whole; boot loaders unpack them, and so do we. */
function unpacked({ file, bytes }: Loaded): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: MAX_KERNEL });
  } catch (error) {
    const problem = `${file} is compressed with gzip and damaged: ${(error as Error).message}`;
    throw new GuestError('archive', problem, 'fetch or copy it again', { cause: error });
  }
}

async function load(source: Source, found: FoundGuest, options: FetchOptions): Promise<Loaded> {
  if ('packaged' in source) {
    const { record, files } = await packagedFiles(source.packaged, options);
    const file = files[0]!;
    return { file: basename(file.path), bytes: file.bytes, origin: record };
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

async function loadInitrd(
  found: FoundGuest,
  options: PrepareOptions,
  fetchOptions: FetchOptions,
): Promise<Uint8Array | undefined> {
  const initrd = options.initrd === undefined ? found.guest.initrd : { file: resolve(options.initrd) };
  if (initrd === undefined) return undefined;
  if (!('built' in initrd)) return (await load(initrd, found, fetchOptions)).bytes;
  const description = INITRDS.get(initrd.built);
  if (description !== undefined) return buildInitrd(description, fetchOptions);
  const problem = `guest ${found.guest.name}: there is no initrd "${initrd.built}" to build`;
  throw new GuestError('catalogue', problem, `use one of: ${[...INITRDS.keys()].join(', ')}`);
}
