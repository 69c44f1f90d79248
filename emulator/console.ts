// The serial console: what the guest has put on COM1, and whether it has read what was typed.
import type { Vmm } from './v86/vmm.ts';

/** Line status register of COM1 and its bit for a byte that the guest has not read (16550A data sheet). */
const LINE_STATUS = 0x3fd;
const DATA_READY = 1;

/** Status port of the PS/2 controller and its bit for a byte that the guest has not read (IBM PS/2 hardware reference). */
const PS2_STATUS = 0x64;
const OUTPUT_FULL = 1;

/** Characters that are kept apart from those before: a string that grows is copied whole whenever it is looked at. */
const RECENT = 1 << 16;

/** The lines into and out of the guest that a person would use. */
export class GuestConsole {
  #earlier = '';
  #recent = '';
  readonly #vmm: Vmm;

  constructor(vmm: Vmm) {
    this.#vmm = vmm;
    vmm.emulator.add_listener('serial0-output-byte', ((byte: number) => {
      this.#add(String.fromCharCode(byte));
      vmm.emit('serial-output', 0, byte, 0);
    }) as never);
    vmm.emulator.add_listener('screen-put-char', (([row, column, character]: [number, number, number]) => {
      vmm.emit('screen-text', row, column, character);
    }) as never);
  }

  /** Everything on COM1 since power-on, as Latin-1. */
  get text(): string {
    return this.#earlier + this.#recent;
  }

  set text(text: string) {
    this.#earlier = text;
    this.#recent = '';
  }

  /** Characters of `text`. */
  get length(): number {
    return this.#earlier.length + this.#recent.length;
  }

  /** `text` from a position on: to be looked at again and again, it costs as much as it is long, not as all of `text`. */
  since(from: number): string {
    const { length } = this.#earlier;
    return from < length ? this.#earlier.slice(from) + this.#recent : this.#recent.slice(from - length);
  }

  #add(text: string): void {
    this.#recent += text;
    if (this.#recent.length < RECENT) return;
    this.#earlier += this.#recent;
    this.#recent = '';
  }

  /** Whether the guest has read the last byte that was put on COM1. */
  get serialReady(): boolean {
    return (this.#vmm.devices.io_port_read8!(LINE_STATUS) & DATA_READY) === 0;
  }

  /** Puts a byte on COM1's input. To be called when it is ready: v86's own queue is not part of its state. */
  putSerial(byte: number): void {
    this.#vmm.emulator.serial_send_bytes(0, Uint8Array.of(byte));
  }

  /** Whether the guest has read the last byte of the keyboard or mouse. */
  get ps2Ready(): boolean {
    return (this.#vmm.devices.io_port_read8!(PS2_STATUS) & OUTPUT_FULL) === 0;
  }

  /** Sends one byte of a scancode (set 1, as the controller translates it). */
  putScancode(byte: number): void {
    this.#vmm.emulator.bus.send('keyboard-code', byte);
  }

  /** Moves the mouse, y upwards. */
  moveMouse(dx: number, dy: number): void {
    this.#vmm.emulator.bus.send('mouse-delta', [dx, dy]);
  }

  /** Presses and releases the mouse's buttons. */
  setButtons(left: boolean, middle: boolean, right: boolean): void {
    this.#vmm.emulator.bus.send('mouse-click', [left, middle, right]);
  }
}
