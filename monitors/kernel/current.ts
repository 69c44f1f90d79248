// Finds the structure of the thread that runs, as the kernel itself does.
import { type Machine, type VirtAddr, virt } from '../../emulator/index.ts';
import type { CurrentPlace } from '../parameters.ts';
import { KernelMemory } from './kernel-memory.ts';

/** Numbers of the segment registers that kernels find *current* by, as `CpuState.segment` takes them. */
export const SEGMENT_NUMBER = { fs: 4, gs: 5 } as const;
const TASK_REGISTER = 6;
/** Offset of ESP0 in a 32-bit TSS (SDM vol. 3, 7.2.1). */
const TSS_ESP0 = 4;

/** Reads *current*. All reads are of live state and allocate nothing. */
export class CurrentReader {
  readonly #machine: Machine;
  readonly #memory: KernelMemory;
  readonly #place: CurrentPlace;
  /** Base of the kernel's segment: programs have their own in the register. One CPU has one. */
  #base: number | undefined;

  constructor(machine: Machine, place: CurrentPlace) {
    this.#machine = machine;
    this.#memory = KernelMemory.of(machine);
    this.#place = place;
  }

  /** While the CPU is in the kernel, at a place where its segments and its stack are in force. Undefined where nothing is mapped. */
  inKernel(): VirtAddr | undefined {
    const place = this.#place;
    if (place.how === 'segment') this.#base = this.#machine.cpu.segment(SEGMENT_NUMBER[place.segment]).base;
    return place.how === 'stack' ? this.#onStack(this.#machine.cpu.esp, place, true) : this.#pointer(true);
  }

  /**
   * While the CPU goes from or to CPL 3, or is there. By the stack it is found through what the CPU will load at the next entry;
   * by the segment, only after `inKernel` has been asked once.
   */
  atBoundary(): VirtAddr | undefined {
    const place = this.#place;
    if (place.how !== 'stack') return this.#pointer();
    const { cpu } = this.#machine;
    if (cpu.cpl === 0) return this.#onStack(cpu.esp - 1, place);
    const top = this.#memory.word(virt(cpu.segment(TASK_REGISTER).base + TSS_ESP0));
    return top === undefined ? undefined : this.#onStack(top - 1, place);
  }

  #onStack(stack: number, place: Extract<CurrentPlace, { how: 'stack' }>, inKernel = false): VirtAddr | undefined {
    const at = virt((stack & place.mask) + place.offset);
    return place.indirect ? this.#word(at, inKernel) : at;
  }

  #pointer(inKernel = false): VirtAddr | undefined {
    const place = this.#place;
    if (place.how === 'global') return this.#word(place.address, inKernel);
    if (place.how !== 'segment' || this.#base === undefined) return undefined;
    return this.#word(virt(this.#base + place.offset), inKernel);
  }

  #word(at: VirtAddr, inKernel: boolean): VirtAddr | undefined {
    const word = this.#memory.word(at, inKernel);
    return word === undefined ? undefined : virt(word);
  }
}
