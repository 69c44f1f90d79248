// What a monitor says and hears of page protections: which rights are taken, each access, and what it decides.
import type { Frame, PhysAddr, VirtAddr } from './address.ts';
import type { CpuState } from './cpu-state.ts';
import type { Subscription } from './event-hub.ts';

/** The rights that are taken away. */
export interface RemovedRights {
  /** Reads by instructions, except those that fetch. */
  readonly read?: boolean;
  /** Writes by instructions and by devices. */
  readonly write?: boolean;
  /** Execution at any CPL, reported when the CPU enters the page. */
  readonly execute?: boolean;
  /** Execution at CPL 0, reported likewise: what SMEP takes from user pages (SDM vol. 3, 4.6). */
  readonly supervisorExecute?: boolean;
}

/** An access to a protected frame that is about to happen. One object serves all accesses: it is valid while the handler runs. */
export interface Access {
  readonly kind: 'read' | 'write' | 'execute';
  /** Who accesses: an instruction, or a device by DMA. */
  readonly by: 'cpu' | 'device';
  /** Guest-virtual address of the first byte; undefined for a device. */
  readonly address: VirtAddr | undefined;
  /** Guest-physical address of the first byte. */
  readonly physical: PhysAddr;
  /**
   * Bytes accessed; for execution 1. v86 splits some accesses: 16 bits are read as two bytes, 64 and 128 bits as words, one that
   * straddles two pages byte by byte.
   */
  readonly size: number;
  /** What is written, as words of 32 bits, lowest first; undefined for other accesses and for a device. */
  readonly value: readonly number[] | undefined;
  /** Virtual address of the instruction. */
  readonly eip: VirtAddr;
  readonly cpl: number;
  /** The CPU as the access finds it. */
  readonly cpu: CpuState;
}

/** What a handler decides: nothing lets the access happen, `deny` gives the guest a page fault instead, `stop` also stops the machine. */
export type AccessDecision = 'deny' | 'stop' | undefined;

/** SMEP's watch: ends when disposed of. */
export interface SmepWatch extends Subscription {
  /**
   * Takes execution at CPL 0 from a frame whatever page it is reached through, supervisor pages too: for frames that are known to be the
   * user's by another mapping. Nothing is flushed and programs stay compiled, so it may be called at each `tlb-fill`.
   * @throws RangeError for a frame outside RAM.
   */
  own(frame: Frame): void;
  /** Gives that back. */
  disown(frame: Frame): void;
}

/** Hears of accesses. A device's access can't be denied: to deny it stops the machine. */
export type AccessHandler = (access: Access) => AccessDecision | void;
