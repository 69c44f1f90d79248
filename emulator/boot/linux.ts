// Boots a Linux bzImage without a BIOS, through the protocol's 32-bit entry.
// Source: Linux kernel documentation, "The Linux/x86 Boot Protocol", section "32-bit Boot Protocol".

import { readBzImage } from './bzimage.ts';
import { encodeCommandLine } from './command-line.ts';
import { ENTRY_STUB_SIZE, entryStub } from './entry-stub.ts';
import { makeImage, type Segment } from './image-maker.ts';
import { MemoryPlan } from './memory-plan.ts';
import { ZERO_PAGE_SIZE, zeroPage } from './zero-page.ts';

/** What is booted. */
export interface LinuxBoot {
  /** A bzImage (vmlinuz). */
  readonly kernel: Uint8Array;
  /** Initial RAM file system, a cpio archive, compressed or not. */
  readonly initrd?: Uint8Array;
  readonly commandLine: string;
  /** Guest RAM in bytes; the machine has to be made with the same. */
  readonly memorySize: number;
  /** Name of the kernel's file for messages; "kernel" by default. */
  readonly file?: string;
}

/** Small things go below the EBDA, out of the way of kernels and of their decompressors. */
const LOW_PLACES = 0x8f000;

/**
 * An image for v86's `multiboot` option that boots a Linux kernel.
 * @throws BootImageError when the kernel is no bzImage, the command line too long, or memory too small for kernel and initrd
 */
export function linuxBootImage(boot: LinuxBoot): Uint8Array<ArrayBuffer> {
  const file = boot.file ?? 'kernel';
  const kernel = readBzImage(file, boot.kernel);
  const commandLine = encodeCommandLine(file, boot.commandLine, kernel.commandLineSize);
  const plan = new MemoryPlan(file, boot.memorySize);
  const initrd = boot.initrd ?? new Uint8Array(0);
  // The kernel needs init_size bytes for itself before it can know where anything else is, so its place is taken first.
  plan.reserve(kernel.loadAddress, kernel.initSize, 'the kernel');
  const stub = plan.lowest(ENTRY_STUB_SIZE, LOW_PLACES, 'the entry stub');
  const bootParams = plan.lowest(ZERO_PAGE_SIZE, LOW_PLACES, 'the zero page');
  const commandLineAt = plan.lowest(commandLine.length, LOW_PLACES, 'the command line');
  // As high as it may be: what lies low is in the way of the decompressed kernel and, with KASLR, of its random place.
  const initrdLimit = kernel.initrdAddressMax + 1;
  const initrdAt = initrd.length === 0 ? 0 : plan.highest(initrd.length, initrdLimit, 'kernel and initrd');
  const parameters = zeroPage(kernel, {
    memorySize: boot.memorySize,
    commandLine: commandLineAt,
    initrd: initrdAt,
    initrdSize: initrd.length,
  });
  const segments: Segment[] = [
    { address: stub, bytes: entryStub(stub, kernel.loadAddress, { esi: bootParams }) },
    { address: bootParams, bytes: parameters },
    { address: commandLineAt, bytes: commandLine },
    { address: kernel.loadAddress, bytes: kernel.protectedMode },
  ];
  if (initrd.length > 0) segments.push({ address: initrdAt, bytes: initrd });
  return makeImage(file, segments, stub);
}
