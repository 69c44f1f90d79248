// The rights that are taken from each guest-physical frame, where v86's hooks see them.
import type { Frame } from './address.ts';
import { OURS } from './v86/state.ts';
import type { Vmm } from './v86/vmm.ts';

/** One byte a frame in v86's linear memory, made at power-on so that memory is laid out alike with and without protections. */
export class RightsTable {
  readonly #vmm: Vmm;
  /** Frames of guest RAM. */
  readonly frames: number;

  constructor(vmm: Vmm) {
    this.#vmm = vmm;
    this.frames = vmm.ramSize >>> 12;
    const base = vmm.exports.v86_malloc!(this.frames) >>> 0;
    vmm.memory.bytes.fill(0, base, base + this.frames);
    vmm.memory.setWord(OURS.rightsTable, base);
    vmm.memory.setWord(OURS.rightsFrames, this.frames);
  }

  /** Read each time: a restored memory image says where its own table is. */
  get #base(): number {
    return this.#vmm.memory.word(OURS.rightsTable) >>> 0;
  }

  /** Bits of RIGHTS that are taken from a frame. */
  get(frame: Frame): number {
    return this.#vmm.memory.byte(this.#base + frame);
  }

  set(frame: Frame, bits: number): void {
    this.#vmm.memory.bytes[this.#base + frame] = bits;
  }
}
