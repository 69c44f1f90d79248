// Makes a guest ready to run: its files from the cache, from Debian or from the disk, put into one boot image. Node only.

import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { bootImageOf, type Drive, diskImage } from '../emulator/boot/index.ts';
import type { BootOptions } from '../emulator/machine.ts';
import { cacheFolder } from './cache.ts';
import { SEABIOS, SEABIOS_VGA } from './catalogue/firmware.ts';
import { GuestError } from './error.ts';
import type { FetchOptions } from './fetch/packaged.ts';
import type { PackageRecord } from './fetch/record.ts';
import { buildInitrd } from './initrd/build.ts';
import { INITRDS } from './initrd/index.ts';
import { type FoundGuest, type Loaded, load } from './load.ts';
import { type BiosGuest, type Guest, isBiosGuest, type KernelGuest } from './schema.ts';

export type { FoundGuest };

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
  /** For `Machine.create`. */
  readonly boot: BootOptions;
  /** What is booted: for v86's `multiboot` option, or the disk of a guest with a BIOS. Owns its whole buffer. */
  readonly image: Uint8Array<ArrayBuffer>;
  /** Guest RAM in bytes. */
  readonly memorySize: number;
  /** Empty for a guest with a BIOS. */
  readonly commandLine: string;
  /** Text on the serial console when the guest is ready; undefined for a guest that never is. */
  readonly prompt: string | undefined;
  /** Version and hash of the package that the kernel or disk is from, where it is from one. */
  readonly origin: PackageRecord | undefined;
}

/** Gets everything that a guest needs, fetching what is not there, and makes its boot image. */
export async function prepareGuest(found: FoundGuest, options: PrepareOptions = {}): Promise<PreparedGuest> {
  const { guest, folder } = found;
  const place = folder === undefined ? {} : { folder };
  return isBiosGuest(guest)
    ? prepareBiosGuest({ guest, ...place }, options)
    : prepareKernelGuest({ guest, ...place }, options);
}

async function prepareKernelGuest(found: FoundGuest<KernelGuest>, options: PrepareOptions): Promise<PreparedGuest> {
  const { guest } = found;
  const fetchOptions = { ...options, cache: options.cache ?? cacheFolder(), deb: undefined };
  const kernelSource = options.kernel === undefined ? guest.kernel : { file: resolve(options.kernel) };
  const kernel = await load(kernelSource, found, { ...fetchOptions, deb: options.deb });
  const initrd = await loadInitrd(found, options, fetchOptions);
  const modules = [];
  for (const { source, string } of guest.modules) {
    modules.push({ bytes: (await load(source, found, fetchOptions)).bytes, string });
  }
  const commandLine = options.commandLine ?? guest.commandLine;
  const memorySize = options.memorySize ?? guest.memory * MIB;
  const image = bootImageOf({
    kind: guest.boot,
    file: kernel.file,
    kernel: unpacked(kernel),
    ...(initrd === undefined ? {} : { initrd }),
    modules,
    commandLine,
    memorySize,
  });
  const { name, prompt } = guest;
  return { name, guest, boot: { multiboot: image }, image, memorySize, commandLine, prompt, origin: kernel.origin };
}

const MIB = 2 ** 20;
/** v86's names of drives, and the machine's. */
const DRIVES = { fda: 'floppy', cdrom: 'cdrom', hda: 'disk' } as const satisfies Record<Drive, keyof BootOptions>;

async function prepareBiosGuest(found: FoundGuest<BiosGuest>, options: PrepareOptions): Promise<PreparedGuest> {
  const { guest } = found;
  const { name, prompt } = guest;
  for (const option of ['kernel', 'initrd', 'commandLine'] as const) {
    if (options[option] === undefined) continue;
    const problem = `guest ${name} boots from a disk, and takes no ${option}`;
    throw new GuestError('catalogue', problem, 'leave that option out');
  }
  const fetchOptions = { ...options, cache: options.cache ?? cacheFolder(), deb: undefined };
  const bios = await load(guest.bios ?? { packaged: SEABIOS }, found, fetchOptions);
  const vgaBios = await load(guest.vgaBios ?? { packaged: SEABIOS_VGA }, found, fetchOptions);
  const disk = await load(guest.disk, found, { ...fetchOptions, deb: options.deb });
  const { drive, bytes: image } = diskImage(disk.file, disk.bytes, guest.drive);
  const boot = { bios: bios.bytes, vgaBios: vgaBios.bytes, [DRIVES[drive]]: image };
  const memorySize = options.memorySize ?? guest.memory * MIB;
  return { name, guest, boot, image, memorySize, commandLine: '', prompt, origin: disk.origin };
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

async function loadInitrd(
  found: FoundGuest<KernelGuest>,
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
