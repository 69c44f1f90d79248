// What every event has in common: its stamp, read from the CPU only when a listener asks.
import type { Cr3, VirtAddr } from '../address.ts';
import type { CpuState } from '../cpu-state.ts';
import type { EventKind } from './kinds.ts';

/**
 * An event of the machine. There is one object for each kind, filled anew for each event: it is valid while the listener runs. A
 * listener that keeps an event keeps `event.toJSON()`, a plain copy.
 */
export abstract class MachineEvent {
  /** The kind of event. */
  abstract readonly kind: EventKind;
  readonly #cpu: CpuState;

  constructor(cpu: CpuState) {
    this.#cpu = cpu;
  }

  /** The CPU at this instant. Registers are those before the operation that the event reports. */
  get cpu(): CpuState {
    return this.#cpu;
  }
  /**
   * Instructions begun since power-on, an exact integer below 2^53. In compiled code it counts to the end of the current basic
   * block, as v86 does.
   */
  get instructions(): number {
    return this.#cpu.instructions;
  }
  /** Virtual time since power-on in milliseconds. */
  get time(): number {
    return this.#cpu.time;
  }
  /** CR3: the address space that is current. */
  get cr3(): Cr3 {
    return this.#cpu.cr3;
  }
  /** Current privilege level, 0 to 3. */
  get cpl(): number {
    return this.#cpu.cpl;
  }
  /** Virtual address of the instruction that causes the event; for an interrupt, of the instruction that it comes before. */
  get eip(): VirtAddr {
    return this.#cpu.previousEip;
  }

  /** Takes the raw integers of the hook. */
  abstract fill(a: number, b: number, c: number): void;

  /** The fields that this kind adds to the stamp. */
  abstract fields(): Readonly<Record<string, unknown>>;

  /** A plain copy: the kind, the stamp and the fields. */
  toJSON(): Readonly<Record<string, unknown>> {
    return {
      kind: this.kind,
      instructions: this.instructions,
      time: this.time,
      cr3: this.cr3,
      cpl: this.cpl,
      eip: this.eip,
      ...this.fields(),
    };
  }
}
