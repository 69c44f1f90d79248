// Guest memory as monitors see it: at physical addresses, and at virtual ones under any address space.
import { cr3 as asCr3, type Cr3, PAGE_SIZE, type PhysAddr, phys, type VirtAddr, virt } from './address.ts';
import type { Vmm } from './v86/vmm.ts';
import {
  type Mapping,
  mappings,
  type PageMiss,
  type PageWalk,
  type PagingControls,
  translate,
  walk,
} from './x86/index.ts';

/** An access that reached no memory. Nothing was read or written. */
export interface PhysicalMiss {
  readonly kind: 'miss';
  readonly reason: 'outside-memory';
  /** The first address without RAM. */
  readonly address: PhysAddr;
}

/** Why a virtual access reached no memory: the page walk that ended, as `x86/paging.ts` gives it. Nothing was read or written. */
export type VirtualMiss = PageMiss;

/** Sees RAM as the guest wrote it where the machine itself has put something else: the bytes under armed probes. */
export interface MemoryOverlay {
  /** Puts the guest's own bytes into a copy of RAM that starts at a physical address. */
  uncover(address: PhysAddr, copy: Uint8Array): void;
  /** Takes note of bytes that are about to replace RAM; returns what is to be stored. */
  cover(address: PhysAddr, bytes: Uint8Array): Uint8Array;
}

/** Bytes of a string that are read at once: most are short. */
const PIECE = 64;

export class GuestMemory {
  /** Bytes of RAM. */
  readonly size: number;
  readonly #vmm: Vmm;
  readonly #overlay: MemoryOverlay;

  constructor(vmm: Vmm, overlay: MemoryOverlay) {
    this.#vmm = vmm;
    this.#overlay = overlay;
    this.size = vmm.ramSize;
  }

  /** Reads a copy of RAM. Devices are not read: only RAM is without side effects. */
  readPhysical(address: PhysAddr, length: number): Uint8Array | PhysicalMiss {
    const miss = this.#outside(address, length);
    if (miss) return miss;
    const from = this.#vmm.ramBase + address;
    const copy = this.#vmm.memory.bytes.slice(from, from + length);
    this.#overlay.uncover(address, copy);
    return copy;
  }

  /** Writes RAM; compiled code made of it is dropped. @returns undefined when done. */
  writePhysical(address: PhysAddr, bytes: Uint8Array): PhysicalMiss | undefined {
    const miss = this.#outside(address, bytes.length);
    if (miss) return miss;
    const stored = this.#overlay.cover(address, bytes);
    if (bytes.length > 0) this.#vmm.exports.jit_dirty_cache!(address, address + bytes.length);
    this.#vmm.memory.bytes.set(stored, this.#vmm.ramBase + address);
    return undefined;
  }

  /** The little-endian word at an aligned physical address, unsigned; undefined outside RAM. Allocates nothing. */
  readonly wordAt = (address: PhysAddr): number | undefined => {
    if (address > this.size - 4) return undefined;
    return this.#vmm.memory.word(this.#vmm.ramBase + address) >>> 0;
  };

  /**
   * Reads a copy of memory at a virtual address.
   * @param space the address space; the current one when left out.
   */
  read(address: VirtAddr, length: number, space?: Cr3): Uint8Array | VirtualMiss {
    const copy = new Uint8Array(length);
    const miss = this.#pieces(address, length, space, (at, offset, count) => {
      copy.set(this.readPhysical(at, count) as Uint8Array, offset);
    });
    return miss ?? copy;
  }

  /** Writes memory at a virtual address, whatever the page's rights. @returns undefined when done. */
  write(address: VirtAddr, bytes: Uint8Array, space?: Cr3): VirtualMiss | undefined {
    // All pages are translated before the first is written: a miss loses nothing.
    const miss = this.#pieces(address, bytes.length, space, () => {});
    if (miss) return miss;
    this.#pieces(address, bytes.length, space, (at, offset, count) => {
      this.writePhysical(at, bytes.subarray(offset, offset + count));
    });
    return undefined;
  }

  /**
   * The little-endian word at a virtual address, unsigned; undefined where nothing is mapped. Allocates nothing when aligned. In the current space it is
   * what the CPU would read: by the translation that its TLB has, if it has one.
   */
  readWord(address: VirtAddr, space?: Cr3): number | undefined {
    if ((address & 3) === 0) {
      const cached = space === undefined ? this.#vmm.cachedTranslation(address) : undefined;
      const at = cached ?? this.translate(address, space);
      return at === undefined ? undefined : this.wordAt(at);
    }
    const bytes = this.read(address, 4, space);
    return bytes instanceof Uint8Array ? new DataView(bytes.buffer).getUint32(0, true) : undefined;
  }

  /**
   * The bytes at a virtual address up to the first zero, as Latin-1 text.
   * @param limit most characters; a longer string is cut there.
   */
  readString(address: VirtAddr, limit = 256, space?: Cr3): string | VirtualMiss {
    let text = '';
    for (let at = address as number; text.length < limit; ) {
      const count = Math.min(limit - text.length, PIECE, PAGE_SIZE - (at & (PAGE_SIZE - 1)));
      const physical = this.translate(virt(at), space);
      const bytes = physical === undefined ? undefined : this.readPhysical(physical, count);
      if (!(bytes instanceof Uint8Array)) return this.#miss(virt(at), space, physical);
      const zero = bytes.indexOf(0);
      text += String.fromCharCode(...(zero < 0 ? bytes : bytes.subarray(0, zero)));
      if (zero >= 0) return text;
      at += count;
    }
    return text;
  }

  /** Walks the page tables: each level's entry, and the page or the reason why there is none. */
  walk(address: VirtAddr, space?: Cr3): PageWalk {
    return walk(this.wordAt, this.#controls(space), address);
  }

  /** The physical address behind a virtual one, undefined where nothing is mapped. Allocates nothing for the current space. */
  translate(address: VirtAddr, space?: Cr3): PhysAddr | undefined {
    return translate(this.wordAt, this.#controls(space), address);
  }

  /** Everything that an address space maps, as runs of pages with equal rights. */
  mappings(space?: Cr3): Generator<Mapping> {
    return mappings(this.wordAt, this.#controls(space));
  }

  #controls(space: Cr3 | undefined): PagingControls {
    const { cpu } = this.#vmm;
    return space === undefined ? cpu : { cr0: cpu.cr0, cr3: asCr3(space), cr4: cpu.cr4 };
  }

  #outside(address: PhysAddr, length: number): PhysicalMiss | undefined {
    if (!(length >= 0)) throw new RangeError(`length: expected 0 or more bytes, found ${length}`);
    if (address + length <= this.size) return undefined;
    return { kind: 'miss', reason: 'outside-memory', address: phys(Math.max(address, this.size)) };
  }

  /** Visits the parts of a virtual range that lie in one page each. @returns the first miss, before which parts were visited. */
  #pieces(
    address: VirtAddr,
    length: number,
    space: Cr3 | undefined,
    visit: (at: PhysAddr, offset: number, count: number) => void,
  ): VirtualMiss | undefined {
    for (let offset = 0; offset < length; ) {
      const at = virt(address + offset);
      const count = Math.min(length - offset, PAGE_SIZE - (at & (PAGE_SIZE - 1)));
      const physical = this.translate(at, space);
      const inside = physical !== undefined && physical + count <= this.size;
      if (!inside) return this.#miss(at, space, physical);
      visit(physical, offset, count);
      offset += count;
    }
    return undefined;
  }

  #miss(at: VirtAddr, space: Cr3 | undefined, physical: PhysAddr | undefined): VirtualMiss {
    const found = this.walk(at, space);
    if (found.kind === 'miss') return found;
    const { mode, levels } = found;
    return {
      kind: 'miss',
      mode,
      address: at,
      reason: 'outside-memory',
      level: 'page',
      entryAddress: physical!,
      levels,
    };
  }
}
