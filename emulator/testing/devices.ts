// For tests: what tiny guests do with devices.
import { type Item, label } from './assembly.ts';
import * as x86 from './x86.ts';

/** OUT port, AL with a constant. */
export const out = (port: number, value: number): Item =>
  port < 256 ? [0xb0, value, 0xe6, port] : [x86.mov('edx', port), 0xb0, value, x86.outByte];

const [STATUS, FIFO] = [0x3f4, 0x3f5];
let waits = 0;

/** Waits for the floppy controller to take a byte, and gives it one. */
function command(byte: number): Item {
  const wait = `wait ${waits++}`;
  return [x86.mov('edx', STATUS), label(wait), x86.inByte, [0xa8, 0x80], x86.jz(wait), out(FIFO, byte)]; // test al, RQM
}

/** Reads the first sector of the first floppy disk by DMA to a physical address below 16 MiB, a multiple of 64 KiB (Intel 82077AA and 8237A). */
export const readSector = (address: number): Item => [
  // Channel 2: masked, 512 bytes, device to memory, unmasked.
  ...[out(0x0a, 6), out(0x0c, 0), out(0x04, 0), out(0x04, 0), out(0x81, address >> 16)],
  ...[out(0x05, 0xff), out(0x05, 1), out(0x0b, 0x46), out(0x0a, 2), out(0x3f2, 0x1c)],
  // READ: drive 0, cylinder 0, head 0, sector 1, sectors of 512 bytes.
  ...[0xe6, 0, 0, 0, 1, 2, 18, 27, 0xff].map(command),
];
