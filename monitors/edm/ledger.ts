// The page ledger and the frame table, read from EDM's pages: queries, and maps of them.
import type { Frame } from '../../emulator/index.ts';
import { FRAME, OWNER, RIGHT } from './kinds.ts';
import { LAYOUT } from './layout.ts';
import type { Placement } from './placement.ts';

type Name<Numbers> = Lowercase<string & keyof Numbers>;
export type OwnerName = Name<typeof OWNER>;
export type RightName = Name<typeof RIGHT>;
export type FrameTypeName = Name<typeof FRAME>;

const names = <Numbers extends Readonly<Record<string, number>>>(numbers: Numbers): readonly Name<Numbers>[] =>
  Object.keys(numbers).map((name) => name.toLowerCase() as Name<Numbers>);
const OWNERS = names(OWNER);
const RIGHTS = names(RIGHT);
const FRAMES = names(FRAME);

/** A run of pages of linear memory of one kind. Page numbers, 4 KiB each. */
export interface PageRun {
  readonly from: number;
  /** One past the last page. */
  readonly to: number;
  readonly owner: OwnerName;
  /** What VMM code may do there. */
  readonly right: RightName;
}

/** What EDM knows of a guest-physical frame. */
export interface FrameInfo {
  readonly type: FrameTypeName;
  readonly isProtected: 'no' | 'partly' | 'whole';
  /** Entries of the soft TLB that grant each right. */
  readonly mappings: {
    readonly userRead: number;
    readonly userWrite: number;
    readonly kernelRead: number;
    readonly kernelWrite: number;
  };
}

const PAGE = 4096;
const ALL_PAGES = 1 << 20;

export class Ledger {
  readonly #memory: () => Uint8Array;
  readonly #placement: Placement;
  /** Guest RAM: linear address and bytes. */
  ram = { base: 0, size: 0 };

  constructor(memory: () => Uint8Array, placement: Placement) {
    this.#memory = memory;
    this.#placement = placement;
  }

  /** What a page is. @param page number of a page of linear memory */
  page(page: number): { readonly owner: OwnerName; readonly right: RightName } {
    const byte = this.#memory()[this.#placement.base + LAYOUT.LEDGER + page]!;
    return { owner: OWNERS[byte & 15]!, right: RIGHTS[(byte >> 4) & 3]! };
  }

  /** What a frame is. @throws RangeError outside RAM */
  frame(frame: Frame): FrameInfo {
    if (!(frame >= 0 && frame * PAGE < this.ram.size))
      throw new RangeError(`frame: expected one of RAM, 0 to ${this.ram.size / PAGE - 1}; found ${frame}`);
    const at = this.#placement.base + LAYOUT.FRAMES + frame * LAYOUT.FRAME_SIZE;
    const view = new DataView(this.#memory().buffer, at, LAYOUT.FRAME_SIZE);
    const flags = view.getUint8(1);
    return {
      type: FRAMES[view.getUint8(0)]!,
      isProtected: (flags & 1) !== 0 ? 'whole' : (flags & 2) !== 0 ? 'partly' : 'no',
      mappings: {
        userRead: view.getUint16(4, true),
        userWrite: view.getUint16(6, true),
        kernelRead: view.getUint16(8, true),
        kernelWrite: view.getUint16(10, true),
      },
    };
  }

  /** All pages, as runs of equal ones. Absent pages are left out. */
  pages(): PageRun[] {
    const at = this.#placement.base + LAYOUT.LEDGER;
    const bytes = this.#memory().subarray(at, at + ALL_PAGES);
    const runs: PageRun[] = [];
    for (let from = 0; from < ALL_PAGES; ) {
      let to = from + 1;
      while (to < ALL_PAGES && bytes[to] === bytes[from]) to++;
      const { owner, right } = this.page(from);
      if (owner !== 'absent') runs.push({ from, to, owner, right });
      from = to;
    }
    return runs;
  }

  /** Number of frames of each type. */
  frameTypes(): Record<FrameTypeName, number> {
    const counts = Object.fromEntries(FRAMES.map((name) => [name, 0])) as Record<FrameTypeName, number>;
    const memory = this.#memory();
    const at = this.#placement.base + LAYOUT.FRAMES;
    for (let frame = 0; frame < this.ram.size / PAGE; frame++)
      counts[FRAMES[memory[at + frame * LAYOUT.FRAME_SIZE]!]!]++;
    return counts;
  }
}
