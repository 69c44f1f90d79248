// Reads who a thread is out of the structure that *current* names.
import { type Machine, type VirtAddr, virt } from '../../emulator/index.ts';
import { type Field, known, type Parameters, type ParameterValues } from '../parameters.ts';
import { KernelMemory } from './kernel-memory.ts';

/** What a kernel says of a thread. What is not known, or could not be read, is undefined. */
export interface Identity {
  readonly pid: number | undefined;
  /** The process that the thread belongs to: the id of the first thread. */
  readonly group: number | undefined;
  readonly name: string | undefined;
  readonly parent: number | undefined;
}

/** Bytes of a name behind a pointer that are looked at. */
const LONGEST_NAME = 64;

const TEXT = /^[ -~]*$/;

/** Reads identities by the parameters that are known. */
export class IdentityReader {
  readonly #memory: KernelMemory;
  readonly #id: ParameterValues['processId'] | undefined;
  /** Where ids lie in a second structure, that is what parents are, too. */
  readonly #idOfParent: ParameterValues['processId'] | undefined;
  readonly #group: ParameterValues['threadGroup'] | undefined;
  readonly #name: ParameterValues['name'] | undefined;
  readonly #parent: ParameterValues['parent'] | undefined;

  constructor(machine: Machine, parameters: Parameters) {
    this.#memory = KernelMemory.of(machine);
    this.#id = known(parameters, 'processId');
    if (this.#id) {
      const { via: _via, ...rest } = this.#id;
      this.#idOfParent = rest;
    }
    this.#group = known(parameters, 'threadGroup');
    this.#name = known(parameters, 'name');
    this.#parent = known(parameters, 'parent');
  }

  /** All of it. */
  read(structure: VirtAddr): Identity {
    return {
      pid: this.pid(structure),
      group: this.#number(structure, this.#group),
      name: this.name(structure),
      parent: this.#parentOf(structure),
    };
  }

  /** The id alone. Allocates nothing. */
  pid(structure: VirtAddr): number | undefined {
    return this.#number(structure, this.#id);
  }

  /** The name alone. */
  name(structure: VirtAddr): string | undefined {
    const field = this.#name;
    const at = field && this.#place(structure, field);
    if (field === undefined || at === undefined) return undefined;
    const start = field.pointer ? this.#memory.word(at) : at;
    if (!start) return undefined;
    const text = this.#memory.text(virt(start), field.pointer ? LONGEST_NAME : field.length);
    return typeof text === 'string' && TEXT.test(text) ? text : undefined;
  }

  #parentOf(structure: VirtAddr): number | undefined {
    const field = this.#parent;
    if (field === undefined) return undefined;
    const at = this.#place(structure, field);
    const value = at === undefined ? undefined : this.#memory.word(at);
    if (value === undefined || field.kind === 'id') return value;
    if (value === 0 || this.#id === undefined) return undefined;
    return this.#number(virt(value - (field.inside ?? 0)), this.#idOfParent);
  }

  #number(structure: VirtAddr, field: (Field & { readonly size: number }) | undefined): number | undefined {
    const at = field && this.#place(structure, field);
    if (field === undefined || at === undefined) return undefined;
    const word = this.#memory.word(at);
    return word === undefined || field.size >= 4 ? word : word & (2 ** (8 * field.size) - 1);
  }

  #place(structure: VirtAddr, { offset, via }: Field): VirtAddr | undefined {
    if (via === undefined) return virt(structure + offset);
    const second = this.#memory.word(virt(structure + via));
    return second ? virt(second + offset) : undefined;
  }
}
