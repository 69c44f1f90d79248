// EDM's core as TypeScript sees it, and how it gets into v86's memory.
import { instantiateSync } from '@assemblyscript/loader';
import type { WasmListener } from '../../emulator/index.ts';

type Gate = (a: number, b: number, c: number, d: number) => number;

/** What the core exports. Addresses are linear unless said otherwise; words come signed. */
export interface CoreExports extends Record<string, unknown> {
  initialise(arenaPage: number, arenaEndPage: number, bytes: number): void;
  ramAllocated(base: number, bytes: number): void;
  resumed(): void;
  suspended(): void;
  readonly check: Gate;
  readonly state: Gate;
  readonly tlb: Gate;
  readonly grow: Gate;
  readonly refused: Gate;
  /** Two of the slow ways, for tests; compiled code knows all of them by name. Virtual addresses. @returns an entry of the soft TLB */
  safe_write32_slow_jit(address: number, value: number, where: number): number;
  safe_read_write32s_slow_jit(address: number, where: number): number;
  /** The listener that the emulator's hooks call. */
  readonly event: WasmListener;
  /** Has the counting monitor count the kinds whose bits are set. */
  countKinds(mask: number): void;
  counted(kind: number): bigint;
  arm(policies: number): void;
  lock(cr0: number, cr4: number, registers: number): void;
  /** Guest-physical bytes. @returns the number of the range, -1 when it was refused */
  protect(from: number, to: number, kind: number): number;
  deviceWrites(physical: number, length: number): number;
  alarms(): number;
  logWritten(): number;
  logDrained(): number;
  drain(upTo: number): void;
  head(index: number): number;
  note(kind: number, a: number, b: number, c: number): void;
  raise(kind: number, address: number, detail: number, site: number): void;
  /** Walks the guest's page tables; `frame` and the rights below hold what it found. @returns whether the address is mapped */
  walk(address: number): number;
  readonly frame: WebAssembly.Global<'i32'>;
  readonly writable: WebAssembly.Global<'i32'>;
  readonly user: WebAssembly.Global<'i32'>;
  readonly global: WebAssembly.Global<'i32'>;
}

/** What the core calls when it can't go on: it must throw. */
export type FailureHandler = (reason: number, a: number, b: number) => never;

/**
 * Instantiates the core in a memory.
 * @param v86 the functions that it stands in for, by name
 * @param base linear address of its tables
 */
export function instantiateCore(
  wasm: Uint8Array,
  memory: WebAssembly.Memory,
  v86: WebAssembly.Exports,
  base: number,
  fail: FailureHandler,
): CoreExports {
  const imports = {
    env: { memory },
    v86,
    edm: { base: new WebAssembly.Global({ value: 'i32', mutable: false }, base), fail },
  };
  const { instance } = instantiateSync(wasm, imports as never);
  // The loader's own face wraps each function in JavaScript: the gate wants the exports themselves.
  return instance.exports as unknown as CoreExports;
}
