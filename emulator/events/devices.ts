// What passes between the CPU and the devices, and between the devices and the outside.
import { type PhysAddr, phys } from '../address.ts';
import { MachineEvent } from './event.ts';

/** HLT begins (`halted` true) or an interrupt ends it. Can't be suppressed. */
export class HaltEvent extends MachineEvent {
  override readonly kind = 'halt';
  /** True when the CPU begins to wait, false when it wakes. */
  halted = false;

  override fill(a: number): void {
    this.halted = a !== 0;
  }
  override fields() {
    return { halted: this.halted };
  }
}

/** IN has read or OUT is about to write an I/O port. Suppressed, OUT does nothing and IN yields all ones. */
export class PortIoEvent extends MachineEvent {
  override readonly kind = 'port-io';
  /** Port number, 0 to 65535. */
  port = 0;
  /** Width in bytes: 1, 2 or 4. */
  size = 0;
  /** True for OUT. */
  write = false;
  /** What is written, or what the device gave. */
  value = 0;

  override fill(a: number, b: number, c: number): void {
    this.port = a & 0xffff;
    this.size = b & 0xff;
    this.write = (b & 0x100) !== 0;
    this.value = c >>> 0;
  }
  override fields() {
    return { port: this.port, size: this.size, write: this.write, value: this.value };
  }
}

/** A device is about to write guest memory. Can't be suppressed. */
export class DmaEvent extends MachineEvent {
  override readonly kind = 'dma';
  /** First address written. */
  address: PhysAddr = phys(0);
  /** Number of bytes. */
  length = 0;

  override fill(a: number, b: number): void {
    this.address = phys(a);
    this.length = b >>> 0;
  }
  override fields() {
    return { address: this.address, length: this.length };
  }
}

/** v86 has compiled guest code, and the module is about to be installed. Suppressed, the guest goes on in the interpreter. */
export class JitInstallEvent extends MachineEvent {
  override readonly kind = 'jit-install';
  /** Physical address of the entry that became hot. */
  address: PhysAddr = phys(0);
  /** Slot of the compiled block among v86's blocks. */
  slot = 0;
  /** Length of the WebAssembly module in bytes, as v86 made it. */
  size = 0;

  override fill(a: number, b: number, c: number): void {
    this.address = phys(a);
    this.slot = b;
    this.size = c;
  }
  override fields() {
    return { address: this.address, slot: this.slot, size: this.size };
  }
}

/** A serial port has put a byte on its line. Can't be suppressed. */
export class SerialOutputEvent extends MachineEvent {
  override readonly kind = 'serial-output';
  /** 0 for COM1. */
  port = 0;
  /** The byte. */
  byte = 0;

  override fill(a: number, b: number): void {
    this.port = a;
    this.byte = b & 0xff;
  }
  override fields() {
    return { port: this.port, byte: this.byte };
  }
}

/** A cell of the VGA text screen is written, its character or its attribute. Can't be suppressed. */
export class ScreenTextEvent extends MachineEvent {
  override readonly kind = 'screen-text';
  /** Row from the top, from 0. */
  row = 0;
  /** Column from the left, from 0. */
  column = 0;
  /** The character's code in code page 437. */
  character = 0;

  override fill(a: number, b: number, c: number): void {
    this.row = a;
    this.column = b;
    this.character = c;
  }
  override fields() {
    return { row: this.row, column: this.column, character: this.character };
  }
}
