// The address spaces of the machine, kept apart by the type checker.

/** A guest-virtual address: what the guest's code uses, 32 bits unsigned, after segmentation and before paging (the SDM's "linear address"). */
export type VirtAddr = number & { readonly __space: 'virtual' };

/** A guest-physical address: what paging yields, 32 bits unsigned. */
export type PhysAddr = number & { readonly __space: 'physical' };

/** An offset into the WebAssembly linear memory that holds the VMM and the guest's RAM, 32 bits unsigned. */
export type LinearAddr = number & { readonly __space: 'linear memory' };

/** The number of a 4 KiB guest-physical page: a physical address shifted right by 12. */
export type Frame = number & { readonly __space: 'frame' };

/** The content of CR3: the physical address of the top page table with its flag bits. Names an address space. */
export type Cr3 = number & { readonly __space: 'cr3' };

/** Bytes in a page and in a frame. */
export const PAGE_SIZE = 4096;

/** Makes a guest-virtual address of a number, modulo 2^32. */
export const virt = (address: number): VirtAddr => (address >>> 0) as VirtAddr;

/** Makes a guest-physical address of a number, modulo 2^32. */
export const phys = (address: number): PhysAddr => (address >>> 0) as PhysAddr;

/** Makes a linear-memory address of a number, modulo 2^32. */
export const linear = (address: number): LinearAddr => (address >>> 0) as LinearAddr;

/** Makes a CR3 value of a number, modulo 2^32. */
export const cr3 = (value: number): Cr3 => (value >>> 0) as Cr3;

/** The frame that holds a guest-physical address. */
export const frameOf = (address: PhysAddr): Frame => (address >>> 12) as Frame;

/** The first guest-physical address of a frame. */
export const frameBase = (frame: Frame): PhysAddr => ((frame << 12) >>> 0) as PhysAddr;
