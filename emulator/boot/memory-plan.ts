// Where things go in guest-physical memory before the guest starts. Addresses are guest-physical, sizes bytes.

import { PAGE_SIZE } from '../address.ts';
import { BootImageError, hex, mebibytes } from './error.ts';

/** A range of guest-physical memory that something occupies. */
export interface MemoryRange {
  readonly start: number;
  /** First address behind it. */
  readonly end: number;
  /** What it is, for messages. */
  readonly what: string;
}

/** End of conventional memory: a PC has its EBDA, video memory and ROMs from here to 1 MiB. */
export const LOW_MEMORY_END = 0x9fc00;
/** Where memory goes on above video memory and ROMs. */
export const HIGH_MEMORY_START = 0x100000;

/** v86 refuses multiboot segments that end exactly at the top of memory, so the last page is left free. */
const TOP_RESERVE = PAGE_SIZE;
/** Guest-physical addresses from here on belong to devices (PCI, APIC) in v86. */
const MAX_MEMORY = 0xe0000000;

const pageUp = (address: number): number => Math.ceil(address / PAGE_SIZE) * PAGE_SIZE;
const pageDown = (address: number): number => Math.floor(address / PAGE_SIZE) * PAGE_SIZE;

/** Hands out guest-physical memory and refuses overlaps. */
export class MemoryPlan {
  readonly memorySize: number;
  readonly #file: string;
  readonly #taken: MemoryRange[] = [];

  /**
   * @param file the kernel, for messages
   * @param memorySize guest RAM in bytes
   */
  constructor(file: string, memorySize: number) {
    if (!Number.isInteger(memorySize) || memorySize < 2 * HIGH_MEMORY_START || memorySize > MAX_MEMORY) {
      throw new BootImageError({
        file,
        expected: `a memory size from 2 MiB to ${mebibytes(MAX_MEMORY)}, in whole bytes`,
        found: `${memorySize} bytes`,
        remedy: 'change the memory size',
      });
    }
    this.#file = file;
    this.memorySize = memorySize;
    // Page 0 holds the interrupt vectors and BIOS data that kernels read; v86's loader keeps a word of its own at 0x7c00.
    this.#taken.push({ start: 0, end: PAGE_SIZE, what: 'the real-mode vectors and BIOS data' });
    this.#taken.push({ start: 0x7000, end: 0x8000, what: "the emulator's loader" });
    this.#taken.push({ start: LOW_MEMORY_END, end: HIGH_MEMORY_START, what: 'video memory and ROMs' });
  }

  /** Takes a fixed range. */
  reserve(start: number, size: number, what: string): number {
    const range = { start, end: start + size, what };
    const other = this.#overlapping(range);
    if (other !== undefined) {
      const occupied = `${other.what} at ${hex(other.start)}-${hex(other.end - 1)}`;
      throw this.#error(`${what} at ${hex(start)}-${hex(range.end - 1)} in free memory`, occupied, 'use another image');
    }
    if (range.end > this.#top()) throw this.#tooSmall(range.end, what);
    this.#taken.push(range);
    return start;
  }

  /** Takes the lowest free pages at or above `from`. */
  lowest(size: number, from: number, what: string): number {
    let start = pageUp(from);
    for (;;) {
      const range = { start, end: start + pageUp(size), what };
      if (range.end > this.#top()) throw this.#tooSmall(range.end, what);
      const other = this.#overlapping(range);
      if (other === undefined) {
        this.#taken.push(range);
        return start;
      }
      start = pageUp(other.end);
    }
  }

  /** Takes the highest free pages that end at or below `limit`. */
  highest(size: number, limit: number, what: string): number {
    let start = pageDown(Math.min(limit, this.#top()) - size);
    for (;;) {
      const range = { start, end: start + pageUp(size), what };
      if (start < PAGE_SIZE) throw this.#tooSmall(this.#needed(size), what);
      const other = this.#overlapping(range);
      if (other === undefined) {
        this.#taken.push(range);
        return start;
      }
      start = pageDown(other.start - size);
    }
  }

  #top(): number {
    return this.memorySize - TOP_RESERVE;
  }

  /** Memory that would do: everything that has a place, the new thing behind it. */
  #needed(size: number): number {
    return Math.max(...this.#taken.map((range) => range.end)) + size;
  }

  #overlapping(range: MemoryRange): MemoryRange | undefined {
    return this.#taken.find((other) => range.start < other.end && other.start < range.end);
  }

  #tooSmall(end: number, what: string): BootImageError {
    const needed = mebibytes(pageUp(end) + TOP_RESERVE);
    const remedy = `give the guest ${needed} or more, or use a smaller image`;
    return this.#error(`at least ${needed} of memory to hold ${what}`, mebibytes(this.memorySize), remedy);
  }

  #error(expected: string, found: string, remedy: string): BootImageError {
    return new BootImageError({ file: this.#file, expected, found, remedy });
  }
}
