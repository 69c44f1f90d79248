// Builds the structure that a multiboot loader hands to a kernel. Source: Multiboot Specification 0.6.96, section 3.3.

import { memoryMap } from './memory-map.ts';
import { HIGH_MEMORY_START, LOW_MEMORY_END } from './memory-plan.ts';

/** A module in memory: guest-physical address, size in bytes, the string given with it. */
export interface PlacedModule {
  readonly address: number;
  readonly size: number;
  readonly string: Uint8Array;
}

const INFO_SIZE = 116;
const MODULE_SIZE = 16;
/** A memory map entry and the size field before it. */
const MAP_ENTRY_SIZE = 24;
const LOADER_NAME = new TextEncoder().encode('wolfden\0');

const FLAG = {
  memory: 1 << 0,
  commandLine: 1 << 2,
  modules: 1 << 3,
  memoryMap: 1 << 6,
  loaderName: 1 << 9,
  framebuffer: 1 << 12,
} as const;

/** Text mode, 80 x 25, as v86's VGA starts. */
const TEXT_SCREEN = { address: 0xb8000, pitch: 160, columns: 80, rows: 25, bitsPerCharacter: 16, type: 2 } as const;

/** Bytes that the structure takes with all that it points to, except the modules themselves. */
export function infoSize(commandLine: Uint8Array, modules: readonly { readonly string: Uint8Array }[]): number {
  const strings = modules.reduce((size, { string }) => size + string.length, commandLine.length + LOADER_NAME.length);
  return INFO_SIZE + modules.length * MODULE_SIZE + memoryMap(2 * HIGH_MEMORY_START).length * MAP_ENTRY_SIZE + strings;
}

/**
 * The structure at its start, behind it what it points to.
 * @param address guest-physical address that the bytes will have
 * @param commandLine with its terminating NUL
 */
export function multibootInfo(
  address: number,
  memorySize: number,
  commandLine: Uint8Array,
  modules: readonly PlacedModule[],
): Uint8Array {
  const bytes = new Uint8Array(infoSize(commandLine, modules));
  const view = new DataView(bytes.buffer);
  let end = INFO_SIZE;
  const put32 = (offset: number, value: number): void => view.setUint32(offset, value, true);
  const append = (size: number): number => {
    end += size;
    return end - size;
  };
  const appendBytes = (text: Uint8Array): number => {
    const at = append(text.length);
    bytes.set(text, at);
    return address + at;
  };
  put32(
    0,
    Object.values(FLAG).reduce((flags, flag) => flags | flag, 0),
  );
  put32(4, LOW_MEMORY_END >>> 10); // mem_lower, KiB
  put32(8, (memorySize - HIGH_MEMORY_START) >>> 10); // mem_upper, KiB
  const moduleTable = append(modules.length * MODULE_SIZE);
  put32(20, modules.length);
  put32(24, address + moduleTable);
  const entries = memoryMap(memorySize);
  const map = append(entries.length * MAP_ENTRY_SIZE);
  put32(44, entries.length * MAP_ENTRY_SIZE);
  put32(48, address + map);
  entries.forEach((entry, index) => {
    const at = map + index * MAP_ENTRY_SIZE;
    put32(at, MAP_ENTRY_SIZE - 4);
    view.setBigUint64(at + 4, BigInt(entry.base), true);
    view.setBigUint64(at + 12, BigInt(entry.length), true);
    put32(at + 20, entry.type);
  });
  put32(16, appendBytes(commandLine));
  put32(64, appendBytes(LOADER_NAME));
  modules.forEach((module, index) => {
    const at = moduleTable + index * MODULE_SIZE;
    put32(at, module.address);
    put32(at + 4, module.address + module.size);
    put32(at + 8, appendBytes(module.string));
  });
  view.setBigUint64(88, BigInt(TEXT_SCREEN.address), true);
  put32(96, TEXT_SCREEN.pitch);
  put32(100, TEXT_SCREEN.columns);
  put32(104, TEXT_SCREEN.rows);
  view.setUint8(108, TEXT_SCREEN.bitsPerCharacter);
  view.setUint8(109, TEXT_SCREEN.type);
  return bytes;
}
