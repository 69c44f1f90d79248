// Interrupts and exceptions as the CPU begins to deliver them (SDM vol. 3, chapter 6).
import { type VirtAddr, virt } from '../address.ts';
import { MachineEvent } from './event.ts';

/** An exception is about to be delivered, page faults among them. Suppressed, the CPU runs the instruction again. */
export class ExceptionEvent extends MachineEvent {
  override readonly kind = 'exception';
  /** The vector, 0 to 31. */
  vector = 0;
  /** The error code that is pushed, undefined for vectors without one. */
  errorCode: number | undefined;

  override fill(a: number, b: number, c: number): void {
    this.vector = a;
    this.errorCode = b === 0 ? undefined : c >>> 0;
  }
  override fields() {
    return { vector: this.vector, errorCode: this.errorCode };
  }
}

/** A page fault is about to be delivered, from the interpreter or from compiled code. Suppressed, the CPU runs the instruction again. */
export class PageFaultEvent extends MachineEvent {
  override readonly kind = 'page-fault';
  /** CR2: the address that could not be accessed. */
  address: VirtAddr = virt(0);
  /** The error code (SDM vol. 3, 4.7): bit 0 the page was present, bit 1 a write, bit 2 from CPL 3. */
  errorCode = 0;

  /** Whether a write faulted. */
  get write(): boolean {
    return (this.errorCode & 2) !== 0;
  }
  /** Whether the access came from CPL 3. */
  get user(): boolean {
    return (this.errorCode & 4) !== 0;
  }
  /** Whether the page was present, so that its rights forbade the access. */
  get present(): boolean {
    return (this.errorCode & 1) !== 0;
  }

  override fill(a: number, b: number): void {
    this.address = virt(a);
    this.errorCode = b >>> 0;
  }
  override fields() {
    return { address: this.address, errorCode: this.errorCode };
  }
}

/** A hardware interrupt is about to be delivered. Can't be suppressed: the controller has been told already. */
export class InterruptEvent extends MachineEvent {
  override readonly kind = 'interrupt';
  /** The vector that the PIC or APIC gave. */
  vector = 0;

  override fill(a: number): void {
    this.vector = a;
  }
  override fields() {
    return { vector: this.vector };
  }
}

/** INT n, INT3 or INTO is about to be executed, at any CPL. Suppressed, the instruction does nothing. */
export class SoftwareInterruptEvent extends MachineEvent {
  override readonly kind = 'software-interrupt';
  /** The vector. */
  vector = 0;

  override fill(a: number): void {
    this.vector = a;
  }
  override fields() {
    return { vector: this.vector };
  }
}
