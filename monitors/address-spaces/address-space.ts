// What is known about one address space, from its first load into CR3 to its end.
import type { Cr3 } from '../../emulator/index.ts';

/** An instant of the machine. */
export interface Stamp {
  /** Instructions since power-on. */
  readonly instructions: number;
  /** Virtual milliseconds since power-on. */
  readonly time: number;
}

/** How often the kernel was entered from CPL 3 while an address space was current. */
export interface KernelEntries {
  /** INT n, SYSENTER and far calls that programs made. */
  readonly syscalls: number;
  /** Interrupts of devices. */
  readonly interrupts: number;
  /** Exceptions, page faults among them. */
  readonly exceptions: number;
  /** All changes from CPL 3 to a lower one: the sum of the others when nothing else enters the kernel. */
  readonly all: number;
}

/** One incarnation of a CR3 value: kernels use the frames of page directories again, so a value alone names no process. */
export interface AddressSpace {
  /** 1 for the first that was seen, and so on. */
  readonly id: number;
  readonly cr3: Cr3;
  /** When it was first loaded into CR3. */
  readonly born: Stamp;
  /** When it was last current, up to now. */
  readonly seen: Stamp;
  /** When its last user page was found gone; undefined while it lives. */
  readonly died: Stamp | undefined;
  /** Loads of its value into CR3. */
  readonly loads: number;
  /** Whether it has run at CPL 3. One that has not is the kernel's own. */
  readonly user: boolean;
  /** Instructions executed while it was current, at all privilege levels: interrupts and kernel threads that borrow it count too. */
  readonly instructions: number;
  /** The same in virtual milliseconds. Time in which the CPU waits in HLT is not counted. */
  readonly cpuTime: number;
  readonly entries: KernelEntries;
}

/** The same to whoever keeps the accounts. */
export interface OpenAccount extends AddressSpace {
  seen: Stamp;
  died: Stamp | undefined;
  loads: number;
  user: boolean;
  instructions: number;
  cpuTime: number;
  readonly entries: { -readonly [Field in keyof KernelEntries]: number };
}

/** Opens the account of an address space at its birth. */
export const openAccount = (id: number, cr3: Cr3, born: Stamp): OpenAccount => ({
  ...{ id, cr3, born, seen: born, died: undefined },
  ...{ loads: 0, user: false, instructions: 0, cpuTime: 0 },
  entries: { syscalls: 0, interrupts: 0, exceptions: 0, all: 0 },
});
