// Ways in which a run of the guest ends early.
import type { VirtAddr } from '../address.ts';

/**
 * Thrown by a service to undo the instruction that is being executed and to raise a page fault in its place. It unwinds v86 to the run
 * loop, which puts the state back.
 */
export class DeniedAccess extends Error {
  override readonly name = 'DeniedAccess';
  readonly address: VirtAddr;
  /** Error code of the page fault (SDM vol. 3, 4.7). */
  readonly errorCode: number;
  /** v86's state when the instruction began to access memory; undefined when only its fetch was denied. */
  readonly state: Uint8Array | undefined;

  constructor(address: VirtAddr, errorCode: number, state?: Uint8Array) {
    super('an access that a listener denied');
    this.address = address;
    this.errorCode = errorCode;
    this.state = state;
  }
}

/** The guest brought the CPU into a state from which real hardware resets, or which v86 can't emulate. The machine is dead. */
export class GuestCrash extends Error {
  override readonly name = 'GuestCrash';
  /** The CPU at the crash. */
  readonly registers: Readonly<Record<string, unknown>>;
  /** What v86 said, if anything. */
  readonly reason: string;

  constructor(reason: string, registers: Readonly<Record<string, unknown>>, options?: ErrorOptions) {
    const hex = (name: string) => `${name} 0x${Number(registers[name]).toString(16).padStart(8, '0')}`;
    const shown = ['previousEip', 'cr0', 'cr2', 'cr3', 'esp', 'eflags'].map(hex).join(', ');
    super(`the guest crashed: ${reason} (${shown}, cpl ${registers.cpl})`, options);
    this.reason = reason;
    this.registers = registers;
  }
}
