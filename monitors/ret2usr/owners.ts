// Which frames of RAM are the user's: all that a page of CPL 3 was seen to lead to, checked against the page tables when it matters.
import {
  type Cr3,
  cr3,
  type Frame,
  frameOf,
  type Machine,
  type SmepWatch,
  type VirtAddr,
  virt,
} from '../../emulator/index.ts';
import { UserFills } from './user-fills.ts';

/** A user page that leads to a frame. */
export interface UserMapping {
  readonly space: Cr3;
  /** First address of the page. */
  readonly page: VirtAddr;
  readonly writable: boolean;
}

/** Keeps for each frame the user page that it was last reached through, and has SMEP's watch own it. */
export class FrameOwners implements Disposable {
  readonly #machine: Machine;
  readonly #watch: SmepWatch;
  readonly #fills: UserFills;

  constructor(machine: Machine, watch: SmepWatch) {
    this.#machine = machine;
    this.#watch = watch;
    this.#fills = new UserFills(machine, (frame) => watch.own(frame));
  }

  /** Translations of user pages that were heard of. */
  get count(): number {
    return this.#fills.count;
  }

  /** A user page that leads to the frame now; undefined, and the frame is nobody's from now on, when there is none any more. */
  owner(frame: Frame): UserMapping | undefined {
    const { owned, spaces, pages } = this.#fills;
    if (owned[frame] !== 1) return undefined;
    const recorded = this.#mapping(frame, cr3(spaces[frame]!), virt(pages[frame]!));
    const found = recorded ?? this.#search(frame);
    if (found !== undefined) return found;
    owned[frame] = 0;
    this.#watch.disown(frame);
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#fills[Symbol.dispose]();
  }

  /** Whether tables are those of a space that is in use: what interrupts need is mapped as it is now. Freed tables are soon others. */
  #lives(space: Cr3): boolean {
    const { cpu, memory } = this.#machine;
    return memory.translate(cpu.idtrBase, space) === memory.translate(cpu.idtrBase);
  }

  #mapping(frame: Frame, space: Cr3, page: VirtAddr): UserMapping | undefined {
    if (!this.#lives(space)) return undefined;
    const found = this.#machine.memory.walk(page, space);
    if (found.kind !== 'page' || !found.rights.user || frameOf(found.physical) !== frame) return undefined;
    return { space, page, writable: found.rights.writable };
  }

  /**
   * Looks through all of the user's pages in the spaces that some frame was last reached through: a program that ran has its own code among
   * them. Slow, and seldom: when CPL 0 executes what was a program's.
   */
  #search(frame: Frame): UserMapping | undefined {
    const { owned, spaces } = this.#fills;
    const known = new Set<number>([this.#machine.cpu.cr3]);
    for (let one = 0; one < owned.length; one++) if (owned[one] === 1) known.add(spaces[one]!);
    for (const number of known) {
      const space = cr3(number);
      if (!this.#lives(space)) continue;
      for (const { rights, start, physical, bytes } of this.#machine.memory.mappings(space)) {
        const offset = frame * 4096 - physical;
        if (!rights.user || offset < 0 || offset >= bytes) continue;
        return { space, page: virt(start + offset), writable: rights.writable };
      }
    }
    return undefined;
  }
}
