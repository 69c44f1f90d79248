// The wolves: what each stands for among the attacks of Deng et al. (VEE 2017), and what it must come to. Data only; the text of a wolf is in
// `wat/`, its first lines say what it does.

/** How a wolf gets into the VMM. */
export type WolfWay =
  /** Loaded beside v86, as a VMM loads its own modules: rewritten and verified. */
  | 'extension'
  /** Loaded by a VMM whose rewriter is the wolf's: only the verifier stands between. */
  | 'unrewritten'
  /** Handed over as code that v86's JIT made. */
  | 'compiled';

/** Rows of the paper's list of attacks, by our numbers. */
export const ATTACK_ROWS = {
  1: 'turn paging off',
  2: "DMA to EDM's frames",
  3: "remap EDM's frames",
  4: 'reach EDM through a controlled VM',
  5: 'pointers to EDM left by call, execution or return',
  6: 'read page tables',
  7: 'read system registers (CR2)',
  8: 'debug hardware',
  9: 'scan the address space',
  10: 'remove or change a hook',
  11: 'enter EDM other than through the gate',
  12: 'interrupt during EDM',
  13: 'malicious IDT',
  14: 'interrupt between reading the entry and jumping',
  15: 'introduce new privileged code',
  16: 'tamper with VMCS host state',
} as const;

export type AttackRow = keyof typeof ATTACK_ROWS;

/** Rows that have no wolf, and why the attack does not exist here. */
export const ABSENT_ROWS: Readonly<Partial<Record<AttackRow, string>>> = {
  5: 'a WebAssembly function keeps its locals and return addresses where no load reaches; EDM keeps its secrets in globals of its own',
  6: 'there are no page tables beneath the linear memory; the ledger can be found by reading, and safety does not rest on hiding it (row 9)',
  7: 'there is no register beneath v86 that holds an address of EDM; the CR2 in linear memory is the guest’s',
  8: 'WebAssembly has no debug registers',
  12: 'a WebAssembly call cannot be interrupted',
  14: 'the gate is one instruction: the entry is never in the wolf’s hands',
  16: 'v86 has no VMX',
};

/** A wolf. */
export interface Wolf {
  readonly name: string;
  readonly way: WolfWay;
  /** The row of the paper's list that it belongs to; undefined for the plain write to EDM's memory that all rows aim at. */
  readonly row?: AttackRow;
  /** Why it wins nothing even when VMM code is not restricted; left out for all that win then. */
  readonly tame?: string;
  /** The parts of the reference copy that v86's own code, called by the wolf, changes rightly and through EDM. */
  readonly moves?: readonly string[];
  /** Whether it leaves a device in another state, so that its machine serves no other wolf. */
  readonly spends?: boolean;
  /** The slot that compiled code is for. @default one that is free */
  readonly slot?: number;
}

const extension = (name: string, row?: AttackRow, rest: Omit<Wolf, 'name' | 'way' | 'row'> = {}): Wolf => ({
  name,
  way: 'extension',
  ...(row === undefined ? {} : { row }),
  ...rest,
});

/** Plain writes to EDM's pages, by every instruction that writes. */
const STORES = [
  'store-8',
  'store-16',
  'store-32',
  'store-64',
  'store-float',
  'store-v128',
  'store-lane',
  'store-atomic',
  'store-unaligned',
  'store-offset',
  'straddle-in',
  'straddle-page',
  'fill',
  'copy',
  'init',
  'ledger-wipe',
  'log-erase',
  'log-forge',
  'ranges-clear',
  'frames-forge',
  'counts-clear',
];

/** Architectural state changed behind the guest. */
const STATE_ATTACKS: Readonly<Record<string, AttackRow>> = {
  'cpl-flip': 15,
  'cpl-wide': 15,
  'cr0-pg': 1,
  'cr0-wp': 1,
  'cr3-switch': 1,
  'cr4-clear': 1,
  'idt-move': 13,
  'gdt-move': 13,
  'sysenter-move': 13,
  'tr-move': 13,
  'ram-move': 3,
  'rights-unhook': 10,
  'deputy-lidt': 13,
  'deputy-wrmsr': 13,
};

const compiled = (name: string, rest: Omit<Wolf, 'name' | 'way' | 'row'> = {}): Wolf => ({
  name,
  way: 'compiled',
  row: 15,
  ...rest,
});

/** All wolves, in the order in which they are shown. */
export const WOLVES: readonly Wolf[] = [
  ...STORES.map((name) => extension(name)),
  extension('beyond-4g', undefined, { tame: 'the engine adds address and offset in 33 bits and traps' }),
  extension('tlb-edm', 4),
  extension('tlb-vmm', 4),
  extension('tlb-beyond', 4),
  extension('tlb-rights', 15),
  ...Object.entries(STATE_ATTACKS).map(([name, row]) => extension(name, row)),
  // The write of CR0 is denied; the flush of the TLB that v86 does for it is v86's to do.
  extension('deputy-cr0', 1, { moves: ['tlb', 'frames'] }),
  extension('kernel-text', 15),
  extension('kernel-text-copy', 15),
  extension('idt-gate', 13),
  extension('page-table', 15),
  extension('dma-frame', 2, {
    spends: true,
    tame: 'devices write through JavaScript, which asks EDM whether VMM code is restricted or not',
  }),
  extension('dma-edm', 2, {
    spends: true,
    tame: 'devices write through a view that ends with guest RAM, and EDM is asked before',
  }),
  ...['table-set', 'table-fill', 'table-copy', 'table-init', 'table-grow'].map((name) => extension(name, 10)),
  extension('event-mask', 10),
  extension('table-slots', 11, { tame: 'neither gates nor listeners are in a table that VMM code can name' }),
  // Compiled code of the guest is among what it calls, and runs as it always does.
  extension('deputy-indirect', 11, {
    tame: 'v86 calls through its own table, where no gate is',
    moves: ['tlb', 'frames', 'state', 'counts', 'cpu', 'cpl'],
  }),
  extension('reenter', 11, {
    tame: 'the guest runs on, watched',
    moves: ['tlb', 'frames', 'state', 'ledger', 'counts', 'cpu'],
  }),
  extension('stack-pointer'),
  extension('deputy-zero'),
  extension('deputy-fpu'),
  // v86's allocator may take memory; what it must not is move the guest's RAM.
  extension('deputy-ram', 3, { moves: ['ledger', 'memory size'] }),
  extension('grow', 3),
  extension('search', 9, { tame: 'reads are not restricted: integrity does not rest on secrecy' }),
  // The log is a ring: what was drained before makes room.
  extension('alarm-flood', undefined, { moves: ['log'] }),
  // With guards in it a module may be installed; its stores come to nothing.
  compiled('jit-store', { moves: ['table'] }),
  compiled('jit-hidden', { moves: ['table'] }),
  compiled('jit-soft-tlb', { moves: ['table', 'frames', 'tlb'] }),
  compiled('jit-soft-flags', { moves: ['table', 'frames', 'tlb'] }),
  compiled('jit-imports', { tame: 'without EDM’s rewriter there is nothing of that name to import' }),
  compiled('jit-start'),
  compiled('jit-data'),
  compiled('jit-slot', { slot: -1023, tame: 'the installer takes no slot but those of compiled code, whoever asks' }),
  compiled('jit-swap', { tame: 'the installer copies the module before anybody looks at it', moves: ['table'] }),
  { name: 'raw-bare', way: 'unrewritten', row: 15 },
  { name: 'raw-ledger', way: 'unrewritten', row: 15 },
  { name: 'raw-branch', way: 'unrewritten', row: 15 },
];
