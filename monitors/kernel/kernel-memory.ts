// Guest memory as the kernel sees it. A kernel with tables of its own is hidden while programs run, and just when it is entered: then it is
// read through the space that showed it last.
import type { Cr3, Machine, VirtAddr, VirtualMiss } from '../../emulator/index.ts';

const memories = new WeakMap<Machine, KernelMemory>();

/** Reads of live state; allocates nothing where the kernel is mapped. */
export class KernelMemory {
  readonly #machine: Machine;
  #space: Cr3 | undefined;
  #hides = false;

  private constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** The one of a machine. */
  static of(machine: Machine): KernelMemory {
    const known = memories.get(machine) ?? new KernelMemory(machine);
    memories.set(machine, known);
    return known;
  }

  /** The word at an address; undefined where nothing is mapped. @param inKernel whether the kernel is known to run. */
  word(at: VirtAddr, inKernel = false): number | undefined {
    const { memory, cpu } = this.#machine;
    const word = memory.readWord(at);
    if (word === undefined) return this.#space === undefined ? undefined : this.#hidden(at, this.#space);
    if (inKernel) this.#space = cpu.cr3;
    return word;
  }

  /** Whether something was found only where the kernel was seen last: it has to be looked at often in the kernel, for spaces come and go. */
  get hides(): boolean {
    return this.#hides;
  }

  #hidden(at: VirtAddr, space: Cr3): number | undefined {
    const word = this.#machine.memory.readWord(at, space);
    if (word !== undefined) this.#hides = true;
    return word;
  }

  /** The text at an address. */
  text(at: VirtAddr, limit: number): string | VirtualMiss {
    const { memory } = this.#machine;
    const text = memory.readString(at, limit);
    return typeof text === 'string' || this.#space === undefined ? text : memory.readString(at, limit, this.#space);
  }
}
