// Where v86 keeps the CPU's state in its linear memory. Facts of v86 0.5.462 (its src/rust/cpu/global_pointers.rs).

/**
 * Linear-memory addresses of the architectural state. Words of 32 bits, little-endian, unless said otherwise.
 * Every one of them is an anchor: `anchors.ts` proves at load that v86 still stores to it where we expect.
 */
export const STATE = {
  /** Eight general registers, in the order of their encoding: eax ecx edx ebx esp ebp esi edi. */
  generalRegisters: 64,
  /** The operands of the last arithmetic instruction, from which v86 computes flags lazily. */
  lazyFlags: 96,
  /** Bits that choose the compiled code of a page: 32-bit code, 32-bit stack, CPL 3, flat segments. */
  stateFlags: 108,
  /** EFLAGS, without the bits that are still lazy. */
  flags: 120,
  /** Access bytes of the eight segment registers (8 bits each). */
  segmentAccess: 512,
  /** CS base + EIP: the linear address of the instruction that comes next. */
  instructionPointer: 556,
  /** CS base + EIP of the instruction being executed. */
  previousInstructionPointer: 560,
  idtrLimit: 564,
  idtrBase: 568,
  gdtrLimit: 572,
  gdtrBase: 576,
  cr0: 580,
  cr2: 588,
  cr3: 592,
  cr4: 596,
  /** Current privilege level (8 bits). */
  cpl: 612,
  /** 1 while the CPU waits in HLT (8 bits). */
  halted: 616,
  /** The virtual page that `fetchPage` translates; -1 forces a new translation. */
  fetchVirtualPage: 620,
  /** Physical XOR virtual address of the page that instructions are fetched from. */
  fetchPage: 624,
  sysenterCs: 636,
  sysenterEsp: 640,
  sysenterEip: 644,
  /** Instructions retired, modulo 2^32; lags behind while a run of instructions lasts. */
  instructionCounter: 664,
  /** Selectors of es cs ss ds fs gs tr ldtr (16 bits each). */
  selectors: 668,
  debugRegisters: 684,
  /** Whether each segment register holds a null selector (8 bits each). */
  segmentIsNull: 724,
  segmentBases: 736,
  segmentLimits: 768,
  /** 1 in protected mode (8 bits). */
  protectedMode: 800,
  /** 1 when the code segment is 32-bit (8 bits). */
  is32: 804,
  stackSize32: 808,
  memorySize: 812,
  /** Time-stamp counter as last stored (64 bits). */
  tsc: 960,
  /** The four PDPTEs loaded with CR3 (64 bits each). */
  pdpte: 968,
  /** End of the fixed block of state. */
  end: 1280,
} as const;

/** Index of TR among the segment registers, as v86 orders them. */
export const TR = 6;

/** v86's statics that we read: found in its code at these linear addresses, checked at load. */
export const STATICS = {
  /** One word for each virtual page: (linear address of the page XOR virtual address) | flags. */
  tlbData: 4283748,
  /** The linear address of guest-physical address 0. */
  memoryBase: 8478052,
  /** One past the last byte of the memory that v86.wasm starts with: what v86 allocates lies above. */
  initialEnd: 146 << 16,
  /** 1 ends a run of interpreted instructions after the one that is being executed (8 bits). */
  runEnds: 37376,
} as const;

/** Flags in the low bits of a `tlb_data` entry. */
export const TLB = { valid: 1, readOnly: 2, noUser: 4, mmio: 8, global: 16, hasCode: 32 } as const;

/**
 * Our own words, in the hole that v86 leaves between its fixed state and its statics (linear addresses 1280 to 4095).
 * The scan in `scan.test.ts` proves that v86 stores nothing there.
 */
export const OURS = {
  /** Instructions of the current run that `instructionCounter` doesn't hold yet. */
  liveInstructions: 2048,
  /** Nonzero asks the main loop to return at the end of the run of instructions, which `runEnds` ends at once. */
  stopRequest: 2052,
  /** Vector + 1 that the PIC or APIC has just acknowledged, 0 when none: tells interrupts from exceptions. */
  acknowledged: 2056,
  /** Nonzero while a compiled block gives one instruction back to the interpreter. */
  reinterpret: 2060,
  /** Deliveries through the IDT that have begun and not ended: more than one when delivering one raised another. */
  deliveries: 2064,
  /** The limit that LIDT or LGDT is about to replace, while its listener decides. */
  descriptorTableLimit: 2068,
  /** Page faults and #NM, which restart their instruction, that were delivered while somebody watched, modulo 2^32. */
  restarts: 2084,
  /** 1 when no user page may be executed at CPL 0. */
  smep: 2080,
  /** Linear address of the rights table: one byte for each guest-physical frame. */
  rightsTable: 2072,
  /** Number of frames in the rights table. */
  rightsFrames: 2076,
  end: 2112,
} as const;

/**
 * Where protected frames appear a second time in guest-physical space: bit 31 flipped. Above RAM (at most 1 GiB), below every device of v86, so that an access
 * there is taken for device I/O.
 */
export const ALIAS = 0x80000000;

/** Nested deliveries from which v86 would recurse until the host's stack is gone; real hardware resets after the third. */
export const DELIVERY_LIMIT = 8;

/** Most guest RAM that leaves the alias free of devices. */
export const MAX_MEMORY = 0x40000000;

/** The lowest static of v86: `OURS` and the fixed state must lie below it. */
export const FIRST_STATIC = 4096;

/** v86 calls compiled blocks through this slot of its table, plus the block's index. */
export const JIT_TABLE_OFFSET = 1024;

/** Most instructions that v86 runs before it looks at its timers. */
export const SLICE_INSTRUCTIONS = 100_003;
