// System calls: a program of less privilege enters the kernel by an instruction made for it (SDM vol. 2, INT n, SYSENTER; vol. 3, 5.8.4 call gates).
import { type VirtAddr, virt } from '../address.ts';
import { MachineEvent } from './event.ts';

/** The instruction of a system call. */
export type SyscallGate = 'int' | 'sysenter' | 'call-gate';

const GATES: readonly SyscallGate[] = ['int', 'sysenter', 'call-gate'];

/**
 * A system call begins: INT n from CPL 3 through a gate that admits it, SYSENTER, or a far call through a call gate. Registers are the
 * caller's. INT and SYSENTER can be suppressed (the instruction does nothing); a call through a gate cannot.
 */
export class SyscallEvent extends MachineEvent {
  override readonly kind = 'syscall';
  /** How the kernel is entered. */
  gate: SyscallGate = 'int';
  /** The vector of `int`; 0 otherwise. */
  vector = 0;

  /** EAX at the gate: by convention of all i386 systems known to us the number of the system call. */
  get number(): number {
    return this.cpu.eax;
  }
  /** The six registers that systems pass arguments in, in Linux's order: EBX ECX EDX ESI EDI EBP. Allocates. */
  get arguments(): readonly [number, number, number, number, number, number] {
    const { ebx, ecx, edx, esi, edi, ebp } = this.cpu;
    return [ebx, ecx, edx, esi, edi, ebp];
  }
  /** The caller's stack pointer. */
  get stack(): VirtAddr {
    return virt(this.cpu.esp);
  }

  /** The third integer, for listeners in WebAssembly, is EAX. */
  override fill(a: number, b: number): void {
    this.gate = GATES[a] ?? 'int';
    this.vector = b;
  }
  override fields() {
    return { gate: this.gate, vector: this.vector, number: this.number, arguments: this.arguments };
  }
}

/** The instruction that returns to a program. */
export type ReturnPath = 'iret' | 'sysexit' | 'retf';

const PATHS: readonly ReturnPath[] = ['iret', 'sysexit', 'retf'];

/**
 * The kernel returns to CPL 3 by IRET, SYSEXIT or RETF. IRET also ends interrupts and exceptions: `entry` tells what this return ends.
 * Can't be suppressed.
 */
export class SyscallReturnEvent extends MachineEvent {
  override readonly kind = 'syscall-return';
  /** The instruction. */
  path: ReturnPath = 'iret';
  /** Where the program goes on. As with `stack`, read from a 32-bit frame: not to be relied on for a 16-bit IRET or RETF, or an IRET to virtual-8086 mode. */
  target = virt(0);
  /** The program's stack pointer after the return; without what RETF with an operand adds. */
  stack = virt(0);
  /**
   * How the kernel was entered when this stack pointer was last left in this address space. `unknown` for the first return of a
   * new process or thread, which never entered.
   */
  entry: 'syscall' | 'interrupt' | 'exception' | 'unknown' = 'unknown';

  /** EAX: by convention the result of the system call. */
  get value(): number {
    return this.cpu.eax;
  }

  override fill(a: number, b: number, c: number): void {
    this.path = PATHS[a] ?? 'iret';
    this.target = virt(b);
    this.stack = virt(c);
  }
  override fields() {
    return { path: this.path, target: this.target, stack: this.stack, entry: this.entry, value: this.value };
  }
}
