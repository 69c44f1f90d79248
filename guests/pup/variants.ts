// The catalogue of pup: kernels unlike each other, named for what differs. Data; together they take every value of every
// option at least once.
import type { PupOptions } from './options.ts';

/** One catalogue entry. */
export interface PupVariant {
  /** Name of the guest, and of its files in images/. */
  readonly name: string;
  /** What differs from the default. */
  readonly options: Partial<PupOptions>;
  /** What a student, or an inference, can learn from it. */
  readonly shows: string;
}

export const VARIANTS: readonly PupVariant[] = [
  {
    name: 'pup',
    options: {},
    shows: 'the default: INT 0x80, switch in software, two-level page tables, frame pointers, 3G/1G',
  },
  {
    name: 'pup-int2e',
    options: { syscall: 'int2e', ids: 'handles', names: 'pointer', framePointers: false },
    shows:
      'the manners of Windows NT: INT 0x2E with arguments in memory, process ids that are handles, no frame pointers',
  },
  {
    name: 'pup-sysenter',
    options: { syscall: 'sysenter', globals: 'on', current: 'segment', framePointers: false },
    shows:
      'SYSENTER and SYSEXIT, global pages, the current task found through GS: system calls without any gate in the IDT',
  },
  {
    name: 'pup-callgate',
    options: { syscall: 'callgate', current: 'global', sched: 'priority' },
    shows: 'system calls by a far call through a GDT call gate: no interrupt, no MSR',
  },
  {
    name: 'pup-tss',
    options: { switch: 'tss', current: 'global' },
    shows: 'the CPU switches tasks: CR3 changes without a MOV to CR3, each task has its own TSS.ESP0',
  },
  {
    name: 'pup-pae',
    options: { paging: 'pae', globals: 'on', names: 'pointer' },
    shows: 'three-level page tables of 8-byte entries, CR3 naming four pointers',
  },
  {
    name: 'pup-threads',
    options: { threads: 'threads', sched: 'priority', current: 'segment' },
    shows: 'threads inside processes: switches that leave CR3 alone, a process found through a pointer in the task',
  },
  {
    name: 'pup-2g',
    options: { split: 2, base: 4, framePointers: false },
    shows: 'the kernel at 2 GiB, loaded at 4 MiB: no address of the default is valid',
  },
  {
    name: 'pup-alien',
    options: {
      syscall: 'sysenter',
      switch: 'tss',
      paging: 'pae',
      globals: 'on',
      current: 'global',
      sched: 'priority',
      names: 'pointer',
      ids: 'handles',
      threads: 'threads',
      framePointers: false,
      split: 2,
      base: 4,
    },
    shows: 'everything different from the default at once',
  },
  {
    name: 'pup-quiet',
    options: { clock: 'quiet' },
    shows: 'no interrupts at all: a fixed set of programs runs, then the machine halts; every run is the same',
  },
  {
    name: 'pup-quiet-alien',
    options: {
      clock: 'quiet',
      syscall: 'sysenter',
      switch: 'tss',
      paging: 'pae',
      globals: 'on',
      current: 'segment',
      sched: 'priority',
      names: 'pointer',
      ids: 'handles',
      threads: 'threads',
      framePointers: false,
      split: 2,
      base: 4,
    },
    shows: 'the same without interrupts: hardware task switches and SYSENTER, exactly repeatable',
  },
];
