// Recognises a kernel by pieces of its code, wherever it lies: words that hold its own addresses are left out of the hash.
import { type Machine, PAGE_SIZE, type VirtAddr, virt, type x86 } from '../../emulator/index.ts';
import { addressIn, relativeAddress } from './address.ts';
import type { CodePiece } from './profile.ts';

/** Bytes of a piece: enough to tell versions of a kernel apart, short enough to lie in mapped code. */
const LONGEST_PIECE = 1024;

/** FNV-1a of 32 bits, from two offsets: recognises, and is no defence against forgery. */
function hash(bytes: Uint8Array): string {
  const word = (state: number): string => {
    for (const byte of bytes) state = Math.imul(state ^ byte, 0x01000193);
    return (state >>> 0).toString(16).padStart(8, '0');
  };
  return word(0x811c9dc5) + word(0x2f0b4c47);
}

function hashWithout(bytes: Uint8Array, holes: readonly number[]): string {
  const copy = bytes.slice();
  for (const hole of holes) copy.fill(0, hole, hole + 4);
  return hash(copy);
}

/**
 * Takes a piece of code.
 * @param address of an instruction.
 * @param split constants from here on may be addresses.
 * @returns undefined when there is no code to be read.
 */
export function takePiece(
  machine: Machine,
  decoder: x86.InstructionDecoder,
  address: VirtAddr,
  anchor: VirtAddr,
  split: VirtAddr,
): CodePiece | undefined {
  const most = Math.min(LONGEST_PIECE, PAGE_SIZE - (address & (PAGE_SIZE - 1)));
  const bytes = machine.memory.read(address, most);
  if (!(bytes instanceof Uint8Array)) return undefined;
  const view = new DataView(bytes.buffer);
  const holes: number[] = [];
  let length = 0;
  while (length < bytes.length) {
    const instruction = decoder.analyse(bytes.subarray(length), virt(address + length));
    if (instruction.kind === 'miss') break;
    for (const { offset, size } of instruction.constants)
      if (size === 4 && instruction.target === undefined && view.getUint32(length + offset, true) >= split)
        holes.push(length + offset);
    length += instruction.length;
  }
  if (length === 0) return undefined;
  return { at: relativeAddress(address, anchor), length, holes, hash: hashWithout(bytes.subarray(0, length), holes) };
}

/** Whether the same code is there in this boot. */
export function samePiece(machine: Machine, { at, length, holes, hash }: CodePiece, anchor: VirtAddr): boolean {
  const bytes = machine.memory.read(addressIn(at, anchor), length);
  return bytes instanceof Uint8Array && hashWithout(bytes, holes) === hash;
}
