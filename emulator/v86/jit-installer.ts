// Takes over what v86 does with the modules of its JIT: they are announced and installed between two slices.
import type { VmmCompanion } from './companion.ts';
import { checkCounter } from './jit-module.ts';
import type { MemoryViews } from './memory-views.ts';
import { JIT_TABLE_OFFSET } from './state.ts';

/** What v86 hands over when it has compiled a piece of the guest. */
export interface CompiledModule {
  /** v86's slot for it, from 0. */
  readonly slot: number;
  /** Guest-physical address of the entry that became hot. */
  readonly start: number;
  readonly stateFlags: number;
  readonly bytes: Uint8Array;
}

/** Whether a module may be installed; asked before it is compiled. */
export type InstallPolicy = (module: CompiledModule) => boolean;

type Exports = Readonly<Record<string, (...values: number[]) => number>>;

/**
 * v86 compiles in the background and installs when the host is done: at another instruction in each run. Here a module is installed as
 * soon as the slice ends in which it was made. v86 panics when that happens from inside `codegen_finalize`.
 */
export class JitInstaller {
  /** Asked for each module. */
  policy: InstallPolicy = () => true;
  /** Guest-physical frames whose code must not be compiled. */
  readonly interpretedFrames = new Set<number>();
  readonly #table: WebAssembly.Table;
  readonly #memory: MemoryViews;
  readonly #exports: Exports;
  readonly #imports: Readonly<Record<string, WebAssembly.ExportValue>>;
  readonly #pending: CompiledModule[] = [];
  readonly #companion: VmmCompanion | undefined;
  #checked = false;

  constructor(
    table: WebAssembly.Table,
    memory: MemoryViews,
    exports: WebAssembly.Exports,
    companion?: VmmCompanion | undefined,
  ) {
    this.#companion = companion;
    this.#table = table;
    this.#memory = memory;
    this.#exports = exports as unknown as Exports;
    // The names that v86 offers its modules: a detour at an exported function holds for compiled code too.
    const offered = Object.entries(exports).filter(([name]) => !/^_|^zstd|_js$|^wolfden/.test(name));
    this.#imports = { ...Object.fromEntries(offered), m: exports.memory! };
  }

  /** Whether a module waits to be installed. */
  get busy(): boolean {
    return this.#pending.length > 0;
  }

  /** v86's `codegen_finalize`: keeps a copy of the module, whose buffer v86 uses again. */
  readonly enqueue = (slot: number, start: number, stateFlags: number, pointer: number, length: number): void => {
    const from = pointer >>> 0;
    this.#pending.push({ slot, start, stateFlags, bytes: this.#memory.bytes.slice(from, from + (length >>> 0)) });
  };

  /** Installs what waits. To be called while v86 does not run. */
  install(): void {
    for (let module = this.#pending.shift(); module; module = this.#pending.shift()) this.#install(module);
  }

  #install(module: CompiledModule): void {
    const { slot, start, stateFlags } = module;
    const compiled = this.policy(module) ? this.#compile(module) : undefined;
    const admitted = compiled !== undefined;
    if (admitted) this.#table.set(slot + JIT_TABLE_OFFSET, compiled);
    this.#exports.codegen_finalize_finished!(slot, start, stateFlags);
    // v86 has no way to refuse a module: it is finished, then dropped as if the guest had written to its page.
    if (!admitted) this.forget(start >>> 12);
    for (const frame of this.interpretedFrames) this.forget(frame);
  }

  #compile(compiled: CompiledModule): WebAssembly.ExportValue | undefined {
    const { bytes } = compiled;
    // One emitter made them all: what holds for the first holds for the rest.
    if (!this.#checked) checkCounter(bytes);
    this.#checked = true;
    if (this.#companion) return this.#companion.compile(compiled, this.#imports);
    const module = new WebAssembly.Module(bytes as BufferSource);
    return new WebAssembly.Instance(module, { e: this.#imports }).exports.f!;
  }

  /** Drops compiled code of a frame, as a write to it would. */
  forget(frame: number): void {
    this.#exports.jit_dirty_page!(frame);
  }

  /** Drops all compiled code, and with it what v86 has learnt about what is hot. */
  clear(): void {
    this.#exports.jit_clear_cache_js!();
  }
}
