// Evaluates v86's device models with the machine's own sources of time and chance.

/** Where the device models take time and chance from. */
export interface LibraryEnvironment {
  /** Virtual milliseconds since power-on. */
  readonly now: () => number;
  /** Virtual milliseconds since 1970 at power-on. */
  readonly epoch: number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** How the device models write many bytes of guest RAM: guest-physical address. */
export interface DeviceBus {
  write_blob(bytes: Uint8Array, address: number): void;
}

/** The part of v86's public class that is used here. Its own typings describe it in full. */
export interface V86Instance {
  add_listener(event: string, listener: (argument: never) => void): void;
  serial_send_bytes(serial: number, data: Uint8Array): void;
  keyboard_send_scancodes(codes: readonly number[]): void;
  save_state(): Promise<ArrayBuffer>;
  restore_state(state: ArrayBuffer): Promise<void>;
  destroy(): Promise<void>;
  readonly bus: { send(event: string, value: unknown): void };
  readonly v86: { readonly cpu: DeviceBus };
}

/** v86's public class. */
export type V86Constructor = new (options: Readonly<Record<string, unknown>>) => V86Instance;

/**
 * Evaluates `libv86.js`, a classic script, as the body of a function whose parameters shadow every clock and every source of chance
 * that it names, without touching the globals of the host.
 * @throws Error when the script does not define V86.
 */
export function loadLibrary(script: string, { now, epoch, random }: LibraryEnvironment): V86Constructor {
  class VirtualDate extends Date {
    constructor(...fields: number[]) {
      if (fields.length === 0) super(epoch + now());
      else super(...(fields as [number]));
    }
    static override now(): number {
      return epoch + now();
    }
  }
  const virtualMath = Object.create(Math) as Math;
  Object.defineProperty(virtualMath, 'random', { value: random });
  const module: { exports: { V86?: V86Constructor } } = { exports: {} };
  const names = ['performance', 'Date', 'Math', 'module', 'exports', 'require', '__dirname'];
  const evaluate = new Function(...names, script);
  evaluate({ now }, VirtualDate, virtualMath, module, module.exports, undefined, '');
  const { V86 } = module.exports;
  if (!V86)
    throw new Error('libv86.js: expected a script that exports V86, found none; install the pinned version of v86');
  return V86;
}
