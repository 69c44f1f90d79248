// Loads of the registers that locate the system's tables (SDM vol. 3, 2.4 and 7.2.4).
import { type VirtAddr, virt } from '../address.ts';
import { MachineEvent } from './event.ts';

/** LGDT or LIDT is about to take effect. Suppressed, the register keeps base and limit. */
export class DescriptorTableEvent extends MachineEvent {
  override readonly kind = 'descriptor-table';
  /** The register. */
  register: 'gdtr' | 'idtr' = 'gdtr';
  /** New base. */
  base: VirtAddr = virt(0);
  /** New limit: offset of the table's last byte. */
  limit = 0;

  override fill(a: number, b: number, c: number): void {
    this.register = a === 0 ? 'gdtr' : 'idtr';
    this.base = virt(b);
    this.limit = c & 0xffff;
  }
  override fields() {
    return { register: this.register, base: this.base, limit: this.limit };
  }
}

/** TR has been loaded by LTR or by a hardware task switch. Can't be suppressed. */
export class TaskRegisterEvent extends MachineEvent {
  override readonly kind = 'task-register';
  /** The selector of the TSS. */
  selector = 0;
  /** Address of the TSS. */
  base: VirtAddr = virt(0);
  /** What loaded it. */
  cause: 'ltr' | 'task-switch' = 'ltr';

  override fill(a: number, b: number, c: number): void {
    this.selector = a & 0xffff;
    this.base = virt(b);
    this.cause = c === 0 ? 'ltr' : 'task-switch';
  }
  override fields() {
    return { selector: this.selector, base: this.base, cause: this.cause };
  }
}

/**
 * ESP0 of the current TSS changes: by a store into the TSS, or because TR names another TSS. Systems that give each thread a
 * kernel stack of its own tell their threads apart by it. Reported before the store; can't be suppressed.
 */
export class TssEsp0Event extends MachineEvent {
  override readonly kind = 'tss-esp0';
  /** ESP0 before. */
  old: VirtAddr = virt(0);
  /** ESP0 after. */
  value: VirtAddr = virt(0);

  override fill(a: number, b: number): void {
    this.old = virt(a);
    this.value = virt(b);
  }
  override fields() {
    return { old: this.old, value: this.value };
  }
}

/** WRMSR is about to be executed at CPL 0. Suppressed, the register keeps its value. */
export class MsrWriteEvent extends MachineEvent {
  override readonly kind = 'msr-write';
  /** Number of the MSR (ECX). */
  msr = 0;
  /** Low half of the value (EAX). */
  low = 0;
  /** High half of the value (EDX). */
  high = 0;

  override fill(a: number, b: number, c: number): void {
    this.msr = a >>> 0;
    this.low = b >>> 0;
    this.high = c >>> 0;
  }
  override fields() {
    return { msr: this.msr, low: this.low, high: this.high };
  }
}
