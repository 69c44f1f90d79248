// Changes of the current privilege level (SDM vol. 3, 5.5).
import { MachineEvent } from './event.ts';

/** The ways by which the privilege level changes. */
export const PRIVILEGE_WAYS = [
  'interrupt-gate',
  'sysenter',
  'sysexit',
  'iret',
  'call-gate',
  'far-return',
  'task-switch',
] as const;

/** The way by which the privilege level changes; `interrupt-gate` stands for interrupt and trap gates. */
export type PrivilegeWay = (typeof PRIVILEGE_WAYS)[number];

/** CPL is about to change. Can't be suppressed: the transfer has begun. */
export class CplChangeEvent extends MachineEvent {
  override readonly kind = 'cpl-change';
  /** CPL before, 0 to 3. */
  old = 0;
  /** CPL after, 0 to 3. */
  value = 0;
  /** What changes it. */
  way: PrivilegeWay = 'interrupt-gate';

  override fill(a: number, b: number, c: number): void {
    this.old = a;
    this.value = b;
    this.way = PRIVILEGE_WAYS[c] ?? 'interrupt-gate';
  }
  override fields() {
    return { old: this.old, value: this.value, way: this.way };
  }
}
