// Which frames of RAM are the user's: all that a page of CPL 3 was seen to lead to, checked against the page tables when it matters.
import {
  type Cr3,
  cr3,
  type EventMap,
  type Frame,
  frameOf,
  type Machine,
  type SmepWatch,
  type Subscription,
  type VirtAddr,
  virt,
} from '../../emulator/index.ts';

/** A user page that leads to a frame. */
export interface UserMapping {
  readonly space: Cr3;
  /** First address of the page. */
  readonly page: VirtAddr;
  readonly writable: boolean;
}

const PAGE = 0xfff;

/** Address spaces remembered, the latest seen: a frame's other mappings are looked for in them. */
const MOST_SPACES = 256;

/** Keeps for each frame the user page that it was last reached through, and has SMEP's watch own it. */
export class FrameOwners implements Disposable {
  readonly #machine: Machine;
  readonly #watch: SmepWatch;
  readonly #spaces: Uint32Array;
  readonly #pages: Uint32Array;
  readonly #owned: Uint8Array;
  /** Spaces whose programs were seen, oldest first. */
  readonly #seen = new Set<number>();
  #last = -1;
  readonly #fills: Subscription;
  #count = 0;

  constructor(machine: Machine, watch: SmepWatch) {
    this.#machine = machine;
    this.#watch = watch;
    const frames = machine.memory.size >>> 12;
    this.#spaces = new Uint32Array(frames);
    this.#pages = new Uint32Array(frames);
    this.#owned = new Uint8Array(frames);
    this.#fills = machine.on('tlb-fill', (event) => this.#filled(event));
  }

  /** User pages that were heard of. */
  get count(): number {
    return this.#count;
  }

  /** A user page that leads to the frame now; undefined, and the frame is nobody's from now on, when there is none any more. */
  owner(frame: Frame): UserMapping | undefined {
    if (this.#owned[frame] !== 1) return undefined;
    const recorded = this.#mapping(frame, cr3(this.#spaces[frame]!), virt(this.#pages[frame]!));
    const found = recorded ?? this.#search(frame);
    if (found !== undefined) return found;
    this.#owned[frame] = 0;
    this.#watch.disown(frame);
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#fills[Symbol.dispose]();
  }

  #filled(event: EventMap['tlb-fill']): void {
    if (!event.user) return;
    const frame = event.frame >>> 12;
    if (frame >= this.#owned.length) return;
    this.#count++;
    const space = event.cr3;
    this.#spaces[frame] = space;
    this.#pages[frame] = event.address & ~PAGE;
    if (space !== this.#last) this.#note(space);
    if (this.#owned[frame] === 1) return;
    this.#owned[frame] = 1;
    this.#watch.own(frame as Frame);
  }

  #note(space: number): void {
    this.#last = space;
    this.#seen.delete(space);
    this.#seen.add(space);
    if (this.#seen.size > MOST_SPACES) for (const oldest of this.#seen) return void this.#seen.delete(oldest);
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

  /** Looks through all of the user's pages. Slow, and seldom: when CPL 0 executes what was a program's. */
  #search(frame: Frame): UserMapping | undefined {
    for (const number of [...this.#seen].reverse()) {
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
