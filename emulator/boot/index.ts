// Guests without a BIOS: makes an image that v86's `multiboot` option boots, whatever the kernel is. Runs in browsers too.

import { isLinuxKernel } from './bzimage.ts';
import { isElf } from './elf.ts';
import { BootImageError } from './error.ts';
import { linuxBootImage } from './linux.ts';
import { type BootModule, elfBootImage, multibootImage } from './multiboot.ts';
import { findMultibootHeader } from './multiboot-header.ts';

export { type DiskImage, type Drive, diskImage } from './disk.ts';
export { BootImageError } from './error.ts';
export { type LinuxBoot, linuxBootImage } from './linux.ts';
export { type BootModule, elfBootImage, type MultibootBoot, multibootImage } from './multiboot.ts';

/** How a kernel is booted. */
export type BootKind = 'linux' | 'multiboot' | 'elf';

/** A guest's files. */
export interface GuestFiles {
  /** How to boot it; 'auto' (the default) looks at the kernel. */
  readonly kind?: BootKind | 'auto';
  /** Name of the kernel's file, for messages. */
  readonly file: string;
  readonly kernel: Uint8Array;
  /** For Linux. */
  readonly initrd?: Uint8Array;
  /** For multiboot and ELF kernels. */
  readonly modules?: readonly BootModule[];
  readonly commandLine: string;
  /** Guest RAM in bytes; the machine has to be made with the same. */
  readonly memorySize: number;
}

/**
 * What a kernel is, by its headers.
 * @throws BootImageError when it is nothing that can be booted
 */
export function bootKindOf(file: string, kernel: Uint8Array): BootKind {
  if (isLinuxKernel(kernel)) return 'linux';
  if (findMultibootHeader(file, kernel) !== undefined) return 'multiboot';
  if (isElf(kernel)) return 'elf';
  throw new BootImageError({
    file,
    offset: 0,
    expected: 'a Linux bzImage, a multiboot kernel or a 32-bit ELF executable',
    found: kernel.length === 0 ? 'an empty file' : 'something else',
    remedy: 'give one of these, or boot a disk image with a BIOS',
  });
}

/**
 * The image of a guest. It owns its whole `ArrayBuffer`: `multiboot: { buffer: image.buffer }`.
 * @throws BootImageError for whatever is wrong with the files
 */
export function bootImageOf(files: GuestFiles): Uint8Array<ArrayBuffer> {
  const { kind = 'auto', file } = files;
  const actual = kind === 'auto' ? bootKindOf(file, files.kernel) : kind;
  if (actual === 'linux') {
    if (files.modules?.length) throw misplaced(file, 'modules', 'a Linux kernel', 'an initrd');
    return linuxBootImage(files);
  }
  if (files.initrd !== undefined) throw misplaced(file, 'an initrd', `a kernel booted as "${actual}"`, 'modules');
  return actual === 'multiboot' ? multibootImage(files) : elfBootImage(files);
}

function misplaced(file: string, given: string, kernel: string, instead: string): BootImageError {
  return new BootImageError({
    file,
    expected: `nothing but ${instead} for ${kernel}`,
    found: given,
    remedy: `use ${instead}`,
  });
}
