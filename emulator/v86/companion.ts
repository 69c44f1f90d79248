// Something that lives beside v86 in its linear memory and has a say in what v86 does there: a monitor of the VMM itself.
import type { CompiledModule } from './jit-installer.ts';

/** v86.wasm when it has been instantiated and none of its code has run. */
export interface InstantiatedVmm {
  /** The linear memory, as small as it ever is: v86 has allocated nothing. */
  readonly memory: WebAssembly.Memory;
  /** v86's table: its own functions and, from slot 1024 on, compiled code. */
  readonly table: WebAssembly.Table;
  readonly exports: WebAssembly.Exports;
}

/** Told of and asked about what happens beneath the guest. What it throws while the guest runs ends the guest. */
export interface VmmCompanion {
  /** What v86.wasm imports beside what v86 gives it, by module: for a binary that was rewritten once more. */
  readonly imports: WebAssembly.Imports;
  /** The memory exists: the last moment to take a part of it before v86 allocates. */
  instantiated(vmm: InstantiatedVmm): void;
  /** v86 has allocated guest RAM. Linear address and size in bytes. */
  ramAllocated(base: number, size: number): void;
  /** v86 and its devices are ready; no instruction of the guest has run. */
  created(): void;
  /**
   * Compiles a module of v86's JIT, given what v86 lets such a module import.
   * @returns its function; undefined to refuse it: the guest goes on in the interpreter.
   */
  compile(module: CompiledModule, imports: WebAssembly.ModuleImports): WebAssembly.ExportValue | undefined;
  /** A device is about to write guest RAM. Guest-physical address. @returns whether it may. */
  deviceWrites(physical: number, length: number): boolean;
  /** The guest is about to run for a slice, or for one instruction. To throw ends it. */
  resumed(): void;
  /** The guest has stopped running: v86's code is not on the stack. */
  suspended(): void;
}
