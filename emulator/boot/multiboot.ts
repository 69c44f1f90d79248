// Boots multiboot kernels and plain ELF kernels. v86's own loader passes a kernel neither its memory size nor named modules,
// so it only loads an image that brings its own structure. Source: Multiboot Specification 0.6.96, sections 3.2 and 3.3.

import { encodeCommandLine } from './command-line.ts';
import { isElf, physicalEntry, readElf } from './elf.ts';
import { ENTRY_STUB_SIZE, entryStub } from './entry-stub.ts';
import { BootImageError, hex } from './error.ts';
import { makeImage, type Segment } from './image-maker.ts';
import { HIGH_MEMORY_START, MemoryPlan } from './memory-plan.ts';
import { findMultibootHeader, type MultibootAddresses } from './multiboot-header.ts';
import { infoSize, multibootInfo, type PlacedModule } from './multiboot-info.ts';

/** A file that the kernel finds in memory. */
export interface BootModule {
  readonly bytes: Uint8Array;
  /** Its name, or a command line, as the kernel wants it. */
  readonly string: string;
}

/** What is booted. */
export interface MultibootBoot {
  readonly kernel: Uint8Array;
  readonly modules?: readonly BootModule[];
  readonly commandLine?: string;
  /** Guest RAM in bytes; the machine has to be made with the same. */
  readonly memorySize: number;
  /** Name of the kernel's file for messages; "kernel" by default. */
  readonly file?: string;
}

/** EAX at the entry of a multiboot kernel. */
const BOOTLOADER_MAGIC = 0x2badb002;
/** The stub and the structure go high in low memory, where kernels seldom are. */
const LOW_PLACES = 0x80000;
/** No specification bounds a command line or a module's string; a page is more than anybody uses. */
const MAX_STRING = 4095;

/** A kernel in memory, however its file describes it. */
interface LoadedKernel {
  readonly segments: readonly (Segment & { readonly memorySize: number })[];
  /** Guest-physical. */
  readonly entry: number;
}

/**
 * An image for v86's `multiboot` option that boots a multiboot kernel, ELF or not, with EAX and EBX as specified.
 * @throws BootImageError when the kernel has no multiboot header, is damaged, or does not fit
 */
export function multibootImage(boot: MultibootBoot): Uint8Array<ArrayBuffer> {
  const file = boot.file ?? 'kernel';
  const header = findMultibootHeader(file, boot.kernel);
  if (header === undefined) {
    throw new BootImageError({
      file,
      expected: 'a Multiboot v1 header in the first 8 KiB',
      found: 'none',
      remedy: 'boot it as a plain ELF kernel, or add the header',
    });
  }
  // The specification lets the address fields go before the ELF headers.
  const kernel =
    header.addresses === undefined ? fromElf(file, boot.kernel) : fromAddresses(file, boot.kernel, header.addresses);
  return imageOf(file, kernel, boot);
}

/**
 * An image for v86's `multiboot` option that boots an ELF executable with no header of any kind. It too gets the multiboot
 * structure, in EBX; it may ignore it.
 * @throws BootImageError when the file is no i386 executable, is damaged, or does not fit
 */
export function elfBootImage(boot: MultibootBoot): Uint8Array<ArrayBuffer> {
  const file = boot.file ?? 'kernel';
  return imageOf(file, fromElf(file, boot.kernel), boot);
}

function fromElf(file: string, bytes: Uint8Array): LoadedKernel {
  if (!isElf(bytes)) {
    const remedy = 'give an ELF file, or a multiboot kernel with address fields';
    throw new BootImageError({ file, offset: 0, expected: 'an ELF file', found: 'something else', remedy });
  }
  const elf = readElf(file, bytes);
  const segments = elf.segments.map((segment) => ({
    address: segment.physicalAddress,
    bytes: segment.bytes,
    memorySize: segment.memorySize,
  }));
  return { segments, entry: physicalEntry(file, elf) };
}

function fromAddresses(file: string, bytes: Uint8Array, addresses: MultibootAddresses): LoadedKernel {
  const { fileOffset, load, loadEnd, bssEnd, entry } = addresses;
  const size = loadEnd === 0 ? bytes.length - fileOffset : loadEnd - load;
  if (fileOffset + size > bytes.length) {
    throw new BootImageError({
      file,
      offset: bytes.length,
      expected: `${size} bytes from offset ${hex(fileOffset)} on, as the multiboot header says`,
      found: `the end of the file after ${Math.max(0, bytes.length - fileOffset)}`,
      remedy: 'the file is cut short: fetch or copy it again',
    });
  }
  const memorySize = Math.max(size, bssEnd - load);
  return { segments: [{ address: load, bytes: bytes.subarray(fileOffset, fileOffset + size), memorySize }], entry };
}

function imageOf(file: string, kernel: LoadedKernel, boot: MultibootBoot): Uint8Array<ArrayBuffer> {
  const plan = new MemoryPlan(file, boot.memorySize);
  const commandLine = encodeCommandLine(file, boot.commandLine ?? '', MAX_STRING);
  const modules = (boot.modules ?? []).map(({ bytes, string }) => ({
    bytes,
    string: encodeCommandLine(file, string, MAX_STRING),
  }));
  const segments: Segment[] = [];
  for (const { address, bytes, memorySize } of kernel.segments) {
    plan.reserve(address, memorySize, 'the kernel');
    if (bytes.length > 0) segments.push({ address, bytes });
  }
  const stub = plan.lowest(ENTRY_STUB_SIZE, LOW_PLACES, 'the entry stub');
  const info = plan.lowest(infoSize(commandLine, modules), LOW_PLACES, 'the multiboot structure');
  // Behind the kernel and whatever it keeps there: its last segment ends with its BSS.
  const kernelEnd = Math.max(
    HIGH_MEMORY_START,
    ...kernel.segments.map(({ address, memorySize }) => address + memorySize),
  );
  const placed: PlacedModule[] = modules.map(({ bytes, string }) => {
    const address = plan.lowest(Math.max(1, bytes.length), kernelEnd, `the module "${nameOf(string)}"`);
    if (bytes.length > 0) segments.push({ address, bytes });
    return { address, size: bytes.length, string };
  });
  segments.push({ address: info, bytes: multibootInfo(info, boot.memorySize, commandLine, placed) });
  const entry = entryStub(stub, kernel.entry, { eax: BOOTLOADER_MAGIC, ebx: info });
  return makeImage(file, [...segments, { address: stub, bytes: entry }], stub);
}

const nameOf = (string: Uint8Array): string => new TextDecoder().decode(string.subarray(0, -1)).split(' ')[0] ?? '';
