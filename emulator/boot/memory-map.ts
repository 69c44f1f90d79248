// The map of guest-physical memory that a PC's firmware would report (ACPI specification, "System Address Map Interfaces", E820).

import { HIGH_MEMORY_START, LOW_MEMORY_END } from './memory-plan.ts';

/** Address range types of E820; multiboot uses the same numbers. */
export const MEMORY_USABLE = 1;
export const MEMORY_RESERVED = 2;

/** One entry: guest-physical base and length in bytes. */
export interface MemoryMapEntry {
  readonly base: number;
  readonly length: number;
  readonly type: typeof MEMORY_USABLE | typeof MEMORY_RESERVED;
}

/** What a PC with `memorySize` bytes of RAM reports: conventional memory, EBDA, system ROM, memory above 1 MiB. */
export const memoryMap = (memorySize: number): readonly MemoryMapEntry[] => [
  { base: 0, length: LOW_MEMORY_END, type: MEMORY_USABLE },
  { base: LOW_MEMORY_END, length: 0xa0000 - LOW_MEMORY_END, type: MEMORY_RESERVED },
  { base: 0xf0000, length: 0x10000, type: MEMORY_RESERVED },
  { base: HIGH_MEMORY_START, length: memorySize - HIGH_MEMORY_START, type: MEMORY_USABLE },
];
