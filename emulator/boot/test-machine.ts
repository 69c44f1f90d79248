// For tests of this room only, and only in node: runs an image on plain v86 and collects what it says on the serial line.

import { createRequire } from 'node:module';
import { V86 } from 'v86';

const WASM = createRequire(import.meta.url).resolve('v86/build/v86.wasm');

/** The first `count` bytes that the image writes to the first serial port. */
export async function serialBytes(
  image: Uint8Array<ArrayBuffer>,
  memorySize: number,
  count: number,
): Promise<Uint8Array> {
  const machine = new V86({
    wasm_path: WASM,
    multiboot: { buffer: image.buffer },
    memory_size: memorySize,
    autostart: true,
    disable_speaker: true,
  });
  const bytes: number[] = [];
  await new Promise<void>((resolve) => {
    machine.add_listener('serial0-output-byte', (byte: number) => {
      bytes.push(byte);
      if (bytes.length === count) resolve();
    });
  });
  await machine.destroy();
  return Uint8Array.from(bytes);
}

/**
 * Position-independent code that writes EAX, EBX and ESI, then `count` bytes from the address in EBX (or ESI), to the serial port and halts.
 */
export function dumper(from: 'ebx' | 'esi', count: number): number[] {
  const le32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
  const source = from === 'ebx' ? [0x89, 0xde] : []; // mov esi, ebx
  const putEax = [0xb9, ...le32(4), 0xee, 0xc1, 0xe8, 0x08, 0xe2, 0xfa]; // mov ecx, 4; next: out dx, al; shr eax, 8; loop next
  return [
    ...[0x66, 0xba, 0xf8, 0x03], // mov dx, 0x3f8
    ...putEax,
    ...[0x89, 0xd8, ...putEax], // mov eax, ebx
    ...[0x89, 0xf0, ...putEax], // mov eax, esi
    ...source,
    ...[0xb9, ...le32(count)], // mov ecx, count
    ...[0xac, 0xee, 0xe2, 0xfc], // next: lodsb; out dx, al; loop next
    ...[0xf4, 0xeb, 0xfd], // halt: hlt; jmp halt
  ];
}

/** A bzImage of protocol 2.15 around `code`, which is its protected-mode kernel; every field that a loader reads is set. */
export function tinyBzImage(
  code: readonly number[],
  fields: { initSize?: number; loadAddress?: number } = {},
): Uint8Array {
  const setupSectors = 2;
  const kernelSize = Math.ceil(code.length / 16) * 16;
  const file = new Uint8Array((setupSectors + 1) * 512 + kernelSize);
  const view = new DataView(file.buffer);
  view.setUint8(0x1f1, setupSectors);
  view.setUint32(0x1f4, kernelSize / 16, true);
  view.setUint16(0x1fe, 0xaa55, true);
  view.setUint16(0x200, 0x6aeb, true); // a short jump to 0x26c, where the header ends
  view.setUint32(0x202, 0x53726448, true);
  view.setUint16(0x206, 0x020f, true);
  view.setUint8(0x211, 1);
  view.setUint32(0x22c, 0x7fffffff, true);
  view.setUint32(0x230, 0x1000000, true);
  view.setUint8(0x234, 1);
  view.setUint32(0x238, 2047, true);
  view.setUint32(0x258, fields.loadAddress ?? 0x1000000, true);
  view.setUint32(0x260, fields.initSize ?? 0x100000, true);
  file.set(code, (setupSectors + 1) * 512);
  return file;
}

/** An i386 executable with one segment, linked at `virtual` and loaded at `physical`, entered at its first byte. */
export function tinyElf(code: readonly number[], virtual: number, physical: number, bss = 0): Uint8Array {
  const codeOffset = 128;
  const file = new Uint8Array(codeOffset + code.length);
  const view = new DataView(file.buffer);
  view.setUint32(0, 0x7f454c46);
  file.set([1, 1, 1], 4);
  view.setUint16(16, 2, true);
  view.setUint16(18, 3, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, virtual, true);
  view.setUint32(28, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, 1, true);
  const header = [1, codeOffset, virtual, physical, code.length, code.length + bss, 7, 4096];
  header.forEach((value, index) => {
    view.setUint32(52 + index * 4, value, true);
  });
  file.set(code, codeOffset);
  return file;
}

/** The 12 bytes of a multiboot header, to be put first in a kernel's code behind a jump, or in its data. */
export function multibootHeaderBytes(flags: number): number[] {
  const header = new Uint8Array(12);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x1badb002, true);
  view.setUint32(4, flags, true);
  view.setUint32(8, -(0x1badb002 + flags), true);
  return [...header];
}
