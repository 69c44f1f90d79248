// The CPU's state as monitors may see it. Implemented by the v86 room.
import type { Cr3, VirtAddr } from './address.ts';

/** A segment register with the descriptor cached behind it (SDM vol. 3, 3.4.3). */
export interface SegmentState {
  readonly selector: number;
  readonly base: VirtAddr;
  /** Offset of the last byte. */
  readonly limit: number;
  /** Access byte of the descriptor: present, DPL, S, type. */
  readonly access: number;
  readonly isNull: boolean;
}

/** The machine-specific registers that v86 keeps (SDM vol. 4). */
export interface MsrState {
  readonly sysenterCs: number;
  readonly sysenterEsp: VirtAddr;
  readonly sysenterEip: VirtAddr;
}

/** Reads of the CPU. Getters read live state and allocate nothing; all numbers are unsigned. */
export interface CpuState {
  /** Instructions begun since power-on. */
  readonly instructions: number;
  /** Virtual milliseconds since power-on. */
  readonly time: number;
  /** Virtual milliseconds of these that passed while the CPU waited in HLT. They pass between slices only. */
  readonly idleTime: number;
  readonly eax: number;
  readonly ecx: number;
  readonly edx: number;
  readonly ebx: number;
  readonly esp: number;
  readonly ebp: number;
  readonly esi: number;
  readonly edi: number;
  /** CS base + EIP: the virtual address of the next instruction. */
  readonly eip: VirtAddr;
  /** Virtual address of the instruction being executed. */
  readonly previousEip: VirtAddr;
  readonly eflags: number;
  readonly cr0: number;
  readonly cr2: VirtAddr;
  readonly cr3: Cr3;
  readonly cr4: number;
  readonly cpl: number;
  /** Whether the CPU waits in HLT. */
  readonly halted: boolean;
  readonly protectedMode: boolean;
  /** Whether the code segment is 32-bit. */
  readonly is32: boolean;
  readonly idtrBase: VirtAddr;
  readonly idtrLimit: number;
  readonly gdtrBase: VirtAddr;
  readonly gdtrLimit: number;
  readonly msr: MsrState;
  /** General register by the number of its encoding: eax ecx edx ebx esp ebp esi edi. */
  register(index: number): number;
  /** Segment register by number: es cs ss ds fs gs tr ldtr. */
  segment(index: number): SegmentState;
  /** A plain copy of all of it, for a report or a test. */
  toJSON(): Readonly<Record<string, unknown>>;
}
