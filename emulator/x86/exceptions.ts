// Exceptions and interrupts of the first 32 vectors, and the error codes that they push.
// Source: Intel SDM volume 3A, "Interrupt and Exception Handling" (exception table and per-vector reference).

/**
 * What a handler finds saved: a fault saves the address of the instruction that failed, a trap that of the next one, an abort
 * none to rely on. `fault-or-trap` is #DB, where it depends on DR6; `interrupt` comes from outside the instruction stream.
 */
export type ExceptionClass = 'fault' | 'trap' | 'fault-or-trap' | 'abort' | 'interrupt' | 'reserved';

/** One vector of 0 to 31. */
export interface ExceptionInfo {
  readonly vector: number;
  /** `#PF` and so on; `NMI` for vector 2, `-` for reserved vectors and for vector 9, which have none. */
  readonly mnemonic: string;
  readonly name: string;
  readonly class: ExceptionClass;
  /** Whether the processor pushes an error code. It never does so for `INT n`, whatever n is. */
  readonly hasErrorCode: boolean;
}

type Row = readonly [mnemonic: string, name: string, exceptionClass: ExceptionClass, hasErrorCode: boolean];

const RESERVED: Row = ['-', 'Reserved', 'reserved', false];

const rows: readonly Row[] = [
  ['#DE', 'Divide Error', 'fault', false],
  ['#DB', 'Debug Exception', 'fault-or-trap', false],
  ['NMI', 'Non-Maskable Interrupt', 'interrupt', false],
  ['#BP', 'Breakpoint', 'trap', false],
  ['#OF', 'Overflow', 'trap', false],
  ['#BR', 'BOUND Range Exceeded', 'fault', false],
  ['#UD', 'Invalid Opcode', 'fault', false],
  ['#NM', 'Device Not Available', 'fault', false],
  ['#DF', 'Double Fault', 'abort', true],
  // The SDM's table calls this a fault, its reference an abort; an abort is what the 386 did.
  ['-', 'Coprocessor Segment Overrun', 'abort', false],
  ['#TS', 'Invalid TSS', 'fault', true],
  ['#NP', 'Segment Not Present', 'fault', true],
  ['#SS', 'Stack-Segment Fault', 'fault', true],
  ['#GP', 'General Protection', 'fault', true],
  ['#PF', 'Page Fault', 'fault', true],
  RESERVED,
  ['#MF', 'x87 Floating-Point Error', 'fault', false],
  ['#AC', 'Alignment Check', 'fault', true],
  ['#MC', 'Machine Check', 'abort', false],
  ['#XM', 'SIMD Floating-Point Exception', 'fault', false],
  ['#VE', 'Virtualization Exception', 'fault', false],
  ['#CP', 'Control Protection Exception', 'fault', true],
];

/** Vectors below this are the processor's own; interrupts from outside and system calls use the others. */
export const EXCEPTION_VECTORS = 32;

/** The 32 architectural vectors, indexed by vector. */
export const EXCEPTIONS: readonly ExceptionInfo[] = Array.from({ length: EXCEPTION_VECTORS }, (_, vector) => {
  const [mnemonic, name, exceptionClass, hasErrorCode] = rows[vector] ?? RESERVED;
  return { vector, mnemonic, name, class: exceptionClass, hasErrorCode };
});

/** Vectors that code asks for by name. */
export const VECTOR = {
  DE: 0,
  DB: 1,
  NMI: 2,
  BP: 3,
  OF: 4,
  UD: 6,
  NM: 7,
  DF: 8,
  TS: 10,
  NP: 11,
  SS: 12,
  GP: 13,
  PF: 14,
  MF: 16,
  AC: 17,
  MC: 18,
  XM: 19,
} as const;

/** What is known of a vector: undefined for 32 and more, which have no architectural meaning. */
export const exceptionInfo = (vector: number): ExceptionInfo | undefined => EXCEPTIONS[vector];

/** Bits of the error code of a page fault (#PF). */
export const PAGE_FAULT = {
  P: 1 << 0,
  WR: 1 << 1,
  US: 1 << 2,
  RSVD: 1 << 3,
  ID: 1 << 4,
  PK: 1 << 5,
  SS: 1 << 6,
} as const;

/** A page fault's error code, decoded. */
export interface PageFaultErrorCode {
  /** true: the page is present and rights forbade the access; false: an entry was not present. */
  readonly present: boolean;
  /** The access was a write. */
  readonly write: boolean;
  /** The access was made at CPL 3 (implicit accesses to descriptor tables and TSS never are). */
  readonly user: boolean;
  /** A reserved bit was set in an entry used. */
  readonly reserved: boolean;
  /** The access was an instruction fetch; reported only with SMEP, or with PAE and no-execute. */
  readonly fetch: boolean;
}

/** Decodes the error code that #PF pushes. Hot paths test {@link PAGE_FAULT} bits instead. */
export const pageFaultErrorCode = (code: number): PageFaultErrorCode => ({
  present: (code & PAGE_FAULT.P) !== 0,
  write: (code & PAGE_FAULT.WR) !== 0,
  user: (code & PAGE_FAULT.US) !== 0,
  reserved: (code & PAGE_FAULT.RSVD) !== 0,
  fetch: (code & PAGE_FAULT.ID) !== 0,
});

/** The error code of #TS, #NP, #SS and #GP, which names a descriptor. A code of 0 names none. */
export interface SelectorErrorCode {
  /** The event came from outside the program: a hardware interrupt, an earlier exception, or INT1. */
  readonly external: boolean;
  readonly table: 'gdt' | 'idt' | 'ldt';
  /** Number of the descriptor in its table: for the IDT, the vector. */
  readonly index: number;
}

/** Decodes the error code that #TS, #NP, #SS and #GP push. */
export const selectorErrorCode = (code: number): SelectorErrorCode => ({
  external: (code & 1) !== 0,
  table: (code & 2) !== 0 ? 'idt' : (code & 4) !== 0 ? 'ldt' : 'gdt',
  index: (code >>> 3) & 0x1fff,
});
