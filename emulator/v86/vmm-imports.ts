// Wraps what v86.wasm imports: time, chance, compiled code, device memory.
import type { ProtectedMemory } from './protected-memory.ts';
import { ALIAS } from './state.ts';

/** An imported or exported function as JavaScript sees it. */
export type WasmFunction = (...values: number[]) => number;

/** The object `env` that v86 hands to `wasm_fn`. */
export type Environment = Record<string, WasmFunction> & { readonly __indirect_function_table: WebAssembly.Table };

/** What the wrapped imports ask. */
export interface ImportHost {
  /** Virtual milliseconds, as v86's main loop and its time-stamp counter see them. */
  readonly microtick: () => number;
  /** 32 bits from chance. */
  readonly randomInt: () => number;
  /** Whether the loop is about to return for a listener, so that no timer may run. */
  readonly leaving: () => boolean;
  readonly compiled: (slot: number, start: number, flags: number, pointer: number, length: number) => void;
  /** A message of v86's own: a panic, mostly. */
  readonly message: (pointer: number, length: number) => void;
  readonly protectedMemory: () => ProtectedMemory | undefined;
}

/** Replaces and wraps imports in place; what is not named here stays v86's own. */
export function wrapImports(env: Environment, host: ImportHost): void {
  const timers = env.run_hardware_timers!;
  env.microtick = host.microtick;
  env.get_rand_int = host.randomInt;
  env.run_hardware_timers = (acpi, now) => (host.leaving() ? 0 : timers(acpi!, now!));
  env.stop_idling = () => 0; // we own the loop: there is nothing to wake
  env.codegen_finalize = (slot, start, flags, pointer, length) => {
    host.compiled(slot!, start!, flags!, pointer!, length!);
    return 0;
  };
  env.console_log_from_wasm = (pointer, length) => {
    host.message(pointer!, length!);
    return 0;
  };
  for (const [name, size] of [
    ['mmap_read8', 1],
    ['mmap_read32', 4],
  ] as const) {
    const device = env[name]!;
    env[name] = (address) => {
      const memory = host.protectedMemory();
      const frame = (address! ^ ALIAS) >>> 0;
      return memory?.covers(frame) ? memory.read(frame, size) : device(address!);
    };
  }
  for (const size of [1, 2, 4, 8, 16] as const) {
    const name = `mmap_write${8 * size}`;
    const device = env[name]!;
    env[name] = (address, ...values) => {
      const memory = host.protectedMemory();
      const frame = (address! ^ ALIAS) >>> 0;
      if (!memory?.covers(frame)) return device(address!, ...values);
      memory.write(frame, size, values);
      return 0;
    };
  }
}
