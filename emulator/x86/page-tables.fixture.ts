// For tests: lays out random paging structures in a small physical memory and remembers, apart from them, what each page
// must translate to. It shares no code and no constants with the walk, counts in bigint where the walk shifts words, and
// fills unused entries with noise that is merely not present. Source: Intel SDM volume 3A, "Paging", figures of entry formats.

import fc from 'fast-check';
import type { PhysAddr } from '../address.ts';
import type { PagingControls } from './page-entry.ts';
import type { PageRights } from './paging.ts';

const KIB_4 = 4096;
const MEMORY_BYTES = 64 * KIB_4;

/** A run of equal pages to map. */
export interface Cluster {
  readonly large: boolean;
  /** Number of the first page, in units of its size; taken modulo the address space. */
  readonly firstPage: number;
  readonly firstFrame: number;
  readonly count: number;
  /** Bits 35:32 of the physical address. */
  readonly above4GiB: number;
  readonly rights: PageRights;
}

export interface AddressSpaceRecipe {
  readonly pae: boolean;
  readonly pse: boolean;
  readonly pge: boolean;
  readonly noExecuteEnable: boolean;
  readonly clusters: readonly Cluster[];
  readonly noise: number;
}

const pageNumber = fc.oneof(
  fc.integer({ min: 0, max: 0xf_ffff }),
  // Near the ends of the address space and of 4 MiB, 2 MiB and 1 GiB regions, where indices wrap.
  fc.constantFrom(0, 1, 0x1fe, 0x1ff, 0x3fe, 0x3ff, 0x3_ffff, 0xc_0000, 0xf_fc00, 0xf_fffe, 0xf_ffff),
);

/** Random address spaces. */
export const addressSpaceRecipe: fc.Arbitrary<AddressSpaceRecipe> = fc.record({
  pae: fc.boolean(),
  pse: fc.boolean(),
  pge: fc.boolean(),
  noExecuteEnable: fc.boolean(),
  noise: fc.integer(),
  clusters: fc.array(
    fc.record({
      large: fc.boolean(),
      firstPage: pageNumber,
      firstFrame: fc.integer({ min: 0, max: 0xf_ffff }),
      count: fc.integer({ min: 1, max: 5 }),
      above4GiB: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 15 })),
      rights: fc.record({
        writable: fc.boolean(),
        user: fc.boolean(),
        executable: fc.boolean(),
        global: fc.boolean(),
      }),
    }),
    { minLength: 1, maxLength: 6 },
  ),
});

/** A page as the walk must report it; `physical` may lie above 4 GiB. */
export interface ExpectedPage {
  readonly virtual: number;
  readonly size: number;
  readonly physical: number;
  readonly rights: PageRights;
  /** Physical addresses of the entries that map it, from the top. */
  readonly entries: readonly number[];
}

interface Directory {
  readonly writable: boolean;
  readonly user: boolean;
  readonly executable: boolean;
  readonly tableAddress: number;
  readonly entryAddress: number;
}

/** Paging structures in a memory of 256 KiB that starts at physical address 0. */
export class AddressSpace {
  readonly controls: PagingControls;
  readonly pages: ExpectedPage[] = [];
  readonly entryBytes: number;
  /** Bytes that one PDE covers, which is the size of a large page. */
  readonly directorySpan: number;
  readonly #memory = new DataView(new ArrayBuffer(MEMORY_BYTES));
  readonly #freeFrames: number[];
  readonly #directories = new Map<number, Directory | 'large page'>();
  readonly #pageDirectoryTables = new Map<number, { table: number; entry: number }>();
  readonly #recipe: AddressSpaceRecipe;
  readonly #top: number;
  #noise: number;

  constructor(recipe: AddressSpaceRecipe) {
    this.#recipe = recipe;
    this.#noise = recipe.noise | 1;
    this.entryBytes = recipe.pae ? 8 : 4;
    this.directorySpan = recipe.pae ? 2 ** 21 : 2 ** 22;
    this.#freeFrames = Array.from({ length: MEMORY_BYTES / KIB_4 }, (_, frame) => frame);
    const topFrame = this.#newTable();
    this.#top = recipe.pae ? topFrame + 32 * (this.#random() % 128) : topFrame;
    const cr4 = (recipe.pse ? 0x10 : 0) | (recipe.pae ? 0x20 : 0) | (recipe.pge ? 0x80 : 0);
    // Bits 3 and 4 of CR3 are caching hints and no part of the address.
    const cr3 = this.#top | (this.#random() & 0x18);
    this.controls = { cr0: 0x8001_0001, cr3, cr4, noExecuteEnable: recipe.noExecuteEnable };
    for (const cluster of recipe.clusters) this.#mapCluster(cluster);
  }

  /** Refuses what is no address of an aligned word: a walk must not ask for it. */
  readonly read = (address: PhysAddr): number | undefined => {
    if (!(address >= 0 && address <= 0xffff_fffc && address % 4 === 0)) {
      throw new RangeError(`a walk read a word at 0x${address.toString(16)}`);
    }
    return address + 4 <= MEMORY_BYTES ? this.#memory.getUint32(address, true) : undefined;
  };

  /** The page that holds a virtual address. */
  pageAt(virtual: number): ExpectedPage | undefined {
    return this.pages.find((page) => virtual >= page.virtual && virtual < page.virtual + page.size);
  }

  readEntry(address: number): bigint {
    return this.entryBytes === 8
      ? this.#memory.getBigUint64(address, true)
      : BigInt(this.#memory.getUint32(address, true));
  }

  writeEntry(address: number, value: bigint): void {
    if (this.entryBytes === 8) this.#memory.setBigUint64(address, value, true);
    else this.#memory.setUint32(address, Number(value), true);
  }

  #mapCluster(cluster: Cluster): void {
    const { pae, pse } = this.#recipe;
    const large = cluster.large && (pae || pse);
    const size = large ? this.directorySpan : KIB_4;
    const pagesInSpace = 2 ** 32 / size;
    for (let i = 0; i < cluster.count; i++) {
      const virtual = ((cluster.firstPage + i) % pagesInSpace) * size;
      const frame = (cluster.firstFrame + i) % pagesInSpace;
      // Small pages of 32-bit paging have no room for more address bits.
      const above = pae || large ? cluster.above4GiB : 0;
      const physical = above * 2 ** 32 + frame * size;
      if (large) this.#mapLarge(virtual, physical, cluster.rights);
      else this.#mapSmall(virtual, physical, cluster.rights);
    }
  }

  #mapLarge(virtual: number, physical: number, wanted: PageRights): void {
    const slot = Math.floor(virtual / this.directorySpan);
    if (this.#directories.has(slot)) return;
    const upper = this.#directoryEntryAddresses(slot);
    if (upper === undefined) return;
    this.#directories.set(slot, 'large page');
    const address = BigInt(physical);
    const stored = this.#recipe.pae ? address : (address & 0xffff_ffffn) | ((address >> 32n) << 13n);
    this.writeEntry(upper.at(-1)!, stored | this.#bits(wanted) | 0x80n | this.#ignoredBits());
    this.pages.push({
      virtual,
      size: this.directorySpan,
      physical,
      rights: this.#effective(wanted, undefined),
      entries: upper,
    });
  }

  #mapSmall(virtual: number, physical: number, wanted: PageRights): void {
    const directory = this.#directory(Math.floor(virtual / this.directorySpan));
    if (directory === undefined) return;
    const index = Math.floor((virtual % this.directorySpan) / KIB_4);
    const entry = directory.directory.tableAddress + index * this.entryBytes;
    if (this.pageAt(virtual) !== undefined) return;
    // Bit 7 of a PTE is the PAT's, never a page size.
    const pat = this.#random() % 2 === 0 ? 0x80n : 0n;
    this.writeEntry(entry, BigInt(physical) | this.#bits(wanted) | pat | this.#ignoredBits());
    const rights = this.#effective(wanted, directory.directory);
    this.pages.push({ virtual, size: KIB_4, physical, rights, entries: [...directory.upper, entry] });
  }

  /** The page table for a slot of the directory, made when it is first needed; undefined where a large page is. */
  #directory(slot: number): { directory: Directory; upper: readonly number[] } | undefined {
    const known = this.#directories.get(slot);
    if (known === 'large page') return undefined;
    const upper = this.#directoryEntryAddresses(slot);
    if (upper === undefined) return undefined;
    if (known !== undefined) return { directory: known, upper };
    if (this.#freeFrames.length === 0) return undefined;
    const coin = () => this.#random() % 4 !== 0;
    const rights = { writable: coin(), user: coin(), executable: coin(), global: coin() };
    const directory = { ...rights, tableAddress: this.#newTable(), entryAddress: upper.at(-1)! };
    // Without CR4.PSE, 32-bit paging ignores the page-size bit: set it now and then.
    const size = !this.#recipe.pae && !this.#recipe.pse && coin() ? 0x80n : 0n;
    this.writeEntry(
      directory.entryAddress,
      BigInt(directory.tableAddress) | this.#bits(rights) | size | this.#ignoredBits(),
    );
    this.#directories.set(slot, directory);
    return { directory, upper };
  }

  /** Addresses of the entries down to the PDE of a slot, making the page directory of PAE paging where it is missing. */
  #directoryEntryAddresses(slot: number): readonly number[] | undefined {
    if (!this.#recipe.pae) return [this.#top + slot * 4];
    const gigabyte = Math.floor(slot / 512);
    let upper = this.#pageDirectoryTables.get(gigabyte);
    if (upper === undefined) {
      if (this.#freeFrames.length === 0) return undefined;
      upper = { table: this.#newTable(), entry: this.#top + gigabyte * 8 };
      this.writeEntry(upper.entry, BigInt(upper.table) | 1n | BigInt(this.#random() & 0xe18));
      this.#pageDirectoryTables.set(gigabyte, upper);
    }
    return [upper.entry, upper.table + (slot % 512) * 8];
  }

  #bits(rights: PageRights): bigint {
    const { pae, noExecuteEnable } = this.#recipe;
    const noExecute = pae && noExecuteEnable && !rights.executable ? 1n << 63n : 0n;
    const low = 1 + (rights.writable ? 2 : 0) + (rights.user ? 4 : 0) + (rights.global ? 256 : 0);
    return noExecute | BigInt(low);
  }

  /** Caching, accessed, dirty and software bits: none of them changes a translation. */
  #ignoredBits(): bigint {
    return BigInt(this.#random() & 0xe78);
  }

  #effective(page: PageRights, directory: Directory | undefined): PageRights {
    const { pae, pge, noExecuteEnable } = this.#recipe;
    const executable = page.executable && (directory?.executable ?? true);
    return {
      writable: page.writable && (directory?.writable ?? true),
      user: page.user && (directory?.user ?? true),
      executable: executable || !(pae && noExecuteEnable),
      global: page.global && pge,
    };
  }

  /** Takes a random free frame and fills it with entries that are not present. */
  #newTable(): number {
    const [frame] = this.#freeFrames.splice(this.#random() % this.#freeFrames.length, 1);
    if (frame === undefined) throw new Error('the test memory has no frame left');
    const address = frame * KIB_4;
    for (let offset = 0; offset < KIB_4; offset += this.entryBytes) {
      this.#memory.setUint32(address + offset, this.#random() & ~1, true);
      if (this.entryBytes === 8) this.#memory.setUint32(address + offset + 4, this.#random(), true);
    }
    return address;
  }

  #random(): number {
    this.#noise ^= this.#noise << 13;
    this.#noise ^= this.#noise >>> 17;
    this.#noise ^= this.#noise << 5;
    return this.#noise >>> 0;
  }
}
