// Takes back what the instruction at hand has done so far, so that an access that is denied leaves the guest as a page fault would.
import { type PhysAddr, phys, type VirtAddr, virt } from './address.ts';
import { STATE } from './v86/state.ts';
import type { Vmm } from './v86/vmm.ts';
import { elementsBefore, stringInstruction } from './x86/index.ts';

const FROM = STATE.generalRegisters;
const [ECX, ESI, EDI] = [FROM + 4, FROM + 24, FROM + 28];
const DIRECTION_FLAG = 0x400;
const ES = 0;

/** Most bytes that one instruction stores before it reaches the next page: FXSAVE's. */
const LONGEST_STORE = 512;

/** Bytes of an instruction at most. */
const LONGEST_INSTRUCTION = 15;

interface Overwritten {
  readonly address: PhysAddr;
  readonly bytes: Uint8Array;
}

/** Knows the state before the current instruction, from its first access to protected memory on. */
export class InstructionUndo {
  readonly #vmm: Vmm;
  /** v86's state, and the instruction that it belongs to by count and address. */
  readonly #state = new Uint8Array(STATE.end - FROM);
  #instructions = -1;
  #eip = virt(0);
  /** Memory that the instruction has written or is about to, oldest first. */
  readonly #overwritten: Overwritten[] = [];

  constructor(vmm: Vmm) {
    this.#vmm = vmm;
  }

  /** The current instruction is about to access a protected page at a virtual address; nothing of that access has happened. */
  accesses(address: VirtAddr, writing: boolean): void {
    const { cpu, memory } = this.#vmm;
    const { instructions, previousEip } = cpu;
    if (instructions !== this.#instructions || previousEip !== this.#eip) {
      this.#state.set(memory.bytes.subarray(FROM, STATE.end));
      this.#instructions = instructions;
      this.#eip = previousEip;
      this.#overwritten.length = 0;
    }
    // A store that straddles pages has both translated before it begins, and writes to the first one unseen if that is not protected.
    if (!writing || (address & 0xfff) !== 0) return;
    const last = this.#vmm.cachedTranslation(virt(address - 1));
    if (last !== undefined && last < this.#vmm.ramSize) this.overwrites(phys(last + 1 - LONGEST_STORE), LONGEST_STORE);
  }

  /** The current instruction is about to change RAM. */
  overwrites(address: PhysAddr, size: number): void {
    const from = this.#vmm.ramBase + address;
    this.#overwritten.push({ address, bytes: this.#vmm.memory.bytes.slice(from, from + size) });
  }

  /**
   * Takes the instruction back. A repeated string instruction keeps the elements that it is done with, as it would on a page fault.
   * @param denied virtual address of the access that may not be.
   * @returns v86's state, to be put back once v86 is unwound.
   */
  takeBack(denied: VirtAddr, writing: boolean): Uint8Array {
    const done = this.#keepElements(denied, writing);
    if (!done)
      for (const { address, bytes } of this.#overwritten.reverse())
        this.#vmm.memory.bytes.set(bytes, this.#vmm.ramBase + address);
    this.#instructions = -1;
    return this.#state;
  }

  /** Moves the registers of a repeated string instruction to the element at hand. @returns false when it is another instruction. */
  #keepElements(denied: VirtAddr, writing: boolean): boolean {
    const { cpu, memory, ramBase } = this.#vmm;
    const at = this.#vmm.fetchedFrom(this.#eip);
    if (at === undefined) return false;
    const length = Math.min(LONGEST_INSTRUCTION, 0x1000 - (at & 0xfff));
    const string = stringInstruction(memory.bytes.subarray(ramBase + at, ramBase + at + length), cpu.is32);
    if (!string?.repeated) return false;
    const state = new DataView(this.#state.buffer);
    const word = (address: number) => state.getUint32(address - FROM, true);
    const backward = (word(STATE.flags) & DIRECTION_FLAG) !== 0;
    const before = (segment: number, pointer: number) =>
      elementsBefore(denied, cpu.segment(segment).base + word(pointer), string.size, backward);
    const within = (elements: number) => elements >= 0 && elements < word(ECX);
    // What is read is the source if it can be, what is written the destination.
    const fromSource = string.source === undefined || writing ? -1 : before(string.source, ESI);
    const elements = within(fromSource) ? fromSource : before(ES, EDI);
    if (!within(elements)) return false;
    const moved = elements * string.size * (backward ? -1 : 1);
    state.setUint32(ECX - FROM, word(ECX) - elements, true);
    if (string.source !== undefined) state.setUint32(ESI - FROM, word(ESI) + moved, true);
    if (string.destination) state.setUint32(EDI - FROM, word(EDI) + moved, true);
    return true;
  }
}
