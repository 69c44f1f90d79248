// The rights that are taken from each guest-physical frame, where v86's hooks see them.
import type { Frame } from './address.ts';
import { OURS } from './v86/state.ts';
import type { Vmm } from './v86/vmm.ts';

/** One byte a frame in v86's linear memory, made at power-on so that memory is laid out alike with and without protections. */
export class RightsTable {
  readonly #vmm: Vmm;
  readonly #base: number;
  /** Frames of guest RAM. */
  readonly frames: number;

  constructor(vmm: Vmm) {
    this.#vmm = vmm;
    this.frames = vmm.ramSize >>> 12;
    this.#base = vmm.exports.v86_malloc!(this.frames) >>> 0;
    vmm.memory.bytes.fill(0, this.#base, this.#base + this.frames);
    vmm.memory.setWord(OURS.rightsTable, this.#base);
    vmm.memory.setWord(OURS.rightsFrames, this.frames);
  }

  /** Bits of RIGHTS that are taken from a frame. */
  get(frame: Frame): number {
    return this.#vmm.memory.byte(this.#base + frame);
  }

  set(frame: Frame, bits: number): void {
    this.#vmm.memory.bytes[this.#base + frame] = bits;
  }
}
