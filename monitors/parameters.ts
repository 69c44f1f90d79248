// What may be known of a guest's kernel: the parameters of a profile as monitors get them, with the addresses of this boot.
import type { VirtAddr } from '../emulator/index.ts';

/** The general registers, by name. */
export type RegisterName = 'eax' | 'ecx' | 'edx' | 'ebx' | 'esp' | 'ebp' | 'esi' | 'edi';

/** Code or data from an address up to another, which is the first behind it. */
export interface Range {
  readonly from: VirtAddr;
  readonly to: VirtAddr;
}

/** A field of the structure that *current* names, or with `via` of a second structure to which that one points. */
export interface Field {
  /** Bytes from the start of the structure that holds it. */
  readonly offset: number;
  /** Offset in the first structure of the pointer to the second. */
  readonly via?: number;
}

/** Where an argument of a system call is: in a register, or in memory at the address in a register plus an offset. */
export type ArgumentPlace = RegisterName | { readonly register: RegisterName; readonly offset: number };

/** A system call by its number, with the place of the address of a path, if it takes one. */
export interface NumberedCall {
  readonly number: number;
  readonly pathArgument?: ArgumentPlace;
}

/** Where the kernel finds the structure of the thread that runs. */
export type CurrentPlace =
  /** At (ESP & mask) + offset lies the structure, or with `indirect` a pointer to it. */
  | { readonly how: 'stack'; readonly mask: number; readonly offset: number; readonly indirect: boolean }
  /** A pointer to it lies at an address. */
  | { readonly how: 'global'; readonly address: VirtAddr }
  /** A pointer to it lies in a segment of the kernel's. */
  | { readonly how: 'segment'; readonly segment: 'fs' | 'gs'; readonly offset: number };

/** The values. Addresses are virtual ones of this boot; times are virtual milliseconds. */
export interface ParameterValues {
  /** Lowest address of the kernel's half. */
  readonly kernelSplit: VirtAddr;
  readonly kernelText: Range;
  readonly systemCallGates: readonly {
    readonly kind: 'int' | 'sysenter' | 'call-gate';
    /** Of `int`. */
    readonly vector?: number;
    /** Of `call-gate`. */
    readonly selector?: number;
    readonly entry: VirtAddr;
  }[];
  readonly systemCallNumber: RegisterName;
  readonly dispatchTable: { readonly address: VirtAddr; readonly length: number };
  /** Where the kernel is legitimately entered from CPL 3. */
  readonly kernelEntries: readonly VirtAddr[];
  /** The instructions by which it legitimately goes back. */
  readonly kernelExits: readonly VirtAddr[];
  readonly contextSwitch: Range & {
    /** The instruction that loads CR3. */
    readonly cr3Write?: VirtAddr;
    /** The instruction that loads the stack pointer of the next thread: before it the old one runs, behind it the new one. */
    readonly stackSwitch?: VirtAddr;
  };
  /** What tells threads apart. */
  readonly thread: { readonly how: 'tss-esp0' | 'kernel-stack'; readonly stackSize?: number };
  readonly current: CurrentPlace;
  readonly processId: Field & { readonly size: number };
  /** The process id of the group of threads: equal to `processId` for the first thread of a process. */
  readonly threadGroup: Field & { readonly size: number };
  /** The name: characters, or with `pointer` the address of characters. */
  readonly name: Field & { readonly length: number; readonly pointer: boolean };
  /** The parent: the address of the structure that has its `processId`, or its process id. */
  readonly parent: Field & {
    readonly kind: 'pointer' | 'id';
    /** Bytes by which the pointer points behind the start of the structure that has `processId`. @default 0 */
    readonly inside?: number;
  };
  readonly createCalls: readonly NumberedCall[];
  readonly replaceCalls: readonly NumberedCall[];
  readonly endCalls: readonly NumberedCall[];
  readonly idleLoop: Range;
  /** The longest virtual time between two context switches that was seen, of a machine that had work and of one that had none. */
  readonly schedulingGap: { readonly busyMs: number; readonly idleMs: number };
  readonly timerVector: number;
  readonly keyboardVector: number;
  readonly keyboardHandler: VirtAddr;
  /** Names or process ids of those who are expected to run after a key. */
  readonly expectedAfterKey: readonly (string | number)[];
  /** The code that moves a key to its reader. */
  readonly keyMover: VirtAddr;
}

/** The name of a parameter. */
export type ParameterName = keyof ParameterValues;

/** A value, or the reason why there is none. */
export type Parameter<Value> =
  | { readonly state: 'known'; readonly value: Value }
  | { readonly state: 'unknown'; readonly reason: string };

/** All parameters of a guest, located in its memory. */
export type Parameters = { readonly [Name in ParameterName]: Parameter<ParameterValues[Name]> };

/** The parameters of a guest that nothing is known of. @param reason why. */
export function unknownParameters(reason: string): Parameters {
  const get = (): Parameter<never> => ({ state: 'unknown', reason });
  return new Proxy({} as Parameters, { get });
}

/** The value of a parameter, undefined when it is not known. */
export const known = <Name extends ParameterName>(
  parameters: Parameters,
  name: Name,
): ParameterValues[Name] | undefined => {
  const parameter = parameters[name] as Parameter<ParameterValues[Name]>;
  return parameter.state === 'known' ? parameter.value : undefined;
};
