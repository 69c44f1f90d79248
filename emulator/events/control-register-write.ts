// Writes to CR0, CR3 and CR4 (SDM vol. 3, 2.5).
import { type Cr3, cr3 } from '../address.ts';
import { MachineEvent } from './event.ts';

/** How a control register came to be written. */
export type ControlRegisterCause = 'mov' | 'clts' | 'task-switch';

const CAUSES: readonly ControlRegisterCause[] = ['mov', 'clts', 'task-switch'];

abstract class ControlRegisterWrite<Value extends number> extends MachineEvent {
  /** What the register holds before. */
  old = 0 as Value;
  /** What is being written. */
  value = 0 as Value;
  /** MOV to the register (LMSW for CR0), CLTS, or a hardware task switch. Only `mov` can be suppressed. */
  cause: ControlRegisterCause = 'mov';

  override fill(a: number, b: number, c: number): void {
    this.old = (a >>> 0) as Value;
    this.value = (b >>> 0) as Value;
    this.cause = CAUSES[c] ?? 'mov';
  }
  override fields() {
    return { old: this.old, value: this.value, cause: this.cause };
  }
}

/** CR0 is about to be written. A suppressed write leaves it as it is. */
export class Cr0WriteEvent extends ControlRegisterWrite<number> {
  override readonly kind = 'cr0-write';
}

/** CR3 is about to be written: an address space becomes current. A suppressed write leaves the old one. */
export class Cr3WriteEvent extends ControlRegisterWrite<Cr3> {
  override readonly kind = 'cr3-write';
  override old = cr3(0);
  override value = cr3(0);
}

/** CR4 is about to be written. A suppressed write leaves it as it is. */
export class Cr4WriteEvent extends ControlRegisterWrite<number> {
  override readonly kind = 'cr4-write';
}
