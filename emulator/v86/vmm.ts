// v86 as the machine's VMM: loads the rewritten binary and owns its loop, its time, its chance and its compiled code.
import { type PhysAddr, phys, type VirtAddr } from '../address.ts';
import { DECISION, type EventKind } from '../events/kinds.ts';
import { clearPrimaryChannel } from './absent-drives.ts';
import type { VmmCompanion } from './companion.ts';
import { CpuView } from './cpu-view.ts';
import { DeniedAccess, GuestCrash } from './guest-fault.ts';
import { ADDED_EXPORTS, HOOK_TABLE_IMPORT } from './hook-points.ts';
import { HookTable } from './hook-table.ts';
import { JitInstaller } from './jit-installer.ts';
import { loadLibrary, type V86Instance } from './library.ts';
import { MemoryViews } from './memory-views.ts';
import type { ProtectedMemory } from './protected-memory.ts';
import { SeededRandom } from './random.ts';
import { DELIVERY_LIMIT, MAX_MEMORY, OURS, STATE, STATICS, TLB } from './state.ts';
import { VirtualClock } from './virtual-clock.ts';
import { type Environment, type WasmFunction, wrapImports } from './vmm-imports.ts';

/** What a VMM is made from. */
export interface VmmOptions {
  /** The rewritten v86.wasm. */
  readonly wasm: Uint8Array | WebAssembly.Module;
  /** The text of libv86.js. */
  readonly library: string;
  /** Guest RAM in bytes. */
  readonly memorySize: number;
  readonly jit: boolean;
  /** Instructions in a virtual microsecond. */
  readonly mips: number;
  /** Seed of everything that v86 takes from chance. */
  readonly seed: number;
  /** Date at power-on, in milliseconds since 1970. */
  readonly epoch: number;
  /** v86's own options that say what to boot: `multiboot`, `bios`, `vga_bios`, `cdrom`, `fda`, `hda`, `acpi`. */
  readonly boot: Readonly<Record<string, unknown>>;
  /** Who lives beside v86 in its memory. */
  readonly companion?: VmmCompanion;
}

/** v86's exported functions. */
export type VmmExports = Readonly<Record<string, WasmFunction>>;

/** Milliseconds by which time moves on when a waiting guest has no timer that says how long. */
const LEAST_IDLE = 0.05;

const INTERRUPT_FLAG_BYTE = STATE.flags + 1;
const INTERRUPT_FLAG = 2;
const PAGE_FAULT = 14;
/** Number of v86's option that turns its JIT off. */
const JIT_DISABLED = 0;
/** Address of v86's instruction prefixes, which a half-decoded instruction leaves set. */
const PREFIXES = 648;

export class Vmm {
  readonly clock: VirtualClock;
  readonly random: SeededRandom;
  /** Bytes of guest RAM. */
  readonly ramSize: number;
  /** Who answers accesses to protected frames; set by the room that protects. */
  protectedMemory: ProtectedMemory | undefined;
  exports!: VmmExports;
  memory!: MemoryViews;
  readonly hooks = new HookTable();
  cpu!: CpuView;
  jit!: JitInstaller;
  emulator!: V86Instance;
  /** The device models' functions behind v86's imports. */
  devices!: Environment;
  /** Who lives beside v86 in its memory. */
  readonly companion: VmmCompanion | undefined;
  /** v86's table of functions: its own, and compiled code. */
  table!: WebAssembly.Table;
  /** Linear address of guest-physical address 0. */
  ramBase = 0;
  #ramHidden = false;
  /** Whether guest RAM is as it was at power-on: nothing was booted and nothing ran. */
  untouched: boolean;
  #leaving = false;
  #message = '';
  #crash: GuestCrash | undefined;
  #stackPointer!: WebAssembly.Global<'i32'>;

  private constructor({ mips, seed, memorySize, boot, companion }: VmmOptions) {
    this.companion = companion;
    this.untouched = Object.keys(boot).length === 0;
    if (!Number.isInteger(memorySize) || memorySize < 2 ** 20 || memorySize > MAX_MEMORY)
      throw new RangeError(`memory size: expected 1 to ${MAX_MEMORY >> 20} MiB, given in bytes; found ${memorySize}`);
    if (!(mips > 0 && mips <= 1e6))
      throw new RangeError(`mips: expected more than 0, at most 1,000,000; found ${mips}`);
    this.clock = new VirtualClock(mips);
    this.random = new SeededRandom(seed);
    this.ramSize = memorySize;
  }

  /**
   * Loads v86 with its device models; the CPU stands before its first instruction.
   * @throws RangeError for an option out of range; what v86 itself throws for an image it can't load.
   */
  static async create(options: VmmOptions): Promise<Vmm> {
    const vmm = new Vmm(options);
    const V86 = loadLibrary(options.library, {
      now: () => vmm.#now(),
      epoch: options.epoch,
      random: () => vmm.random.fraction(),
    });
    await new Promise<void>((resolve, reject) => {
      const wasm_fn = async ({ env }: { env: Environment }) => {
        try {
          return await vmm.#instantiate(options.wasm, env);
        } catch (error) {
          reject(error);
          throw error;
        }
      };
      vmm.emulator = new V86({
        ...options.boot,
        wasm_fn,
        memory_size: options.memorySize,
        disable_jit: !options.jit,
        autostart: false,
        disable_keyboard: true,
        disable_mouse: true,
        disable_speaker: true,
      });
      vmm.emulator.add_listener('emulator-loaded', () => resolve());
    });
    if (options.boot.hda === undefined) clearPrimaryChannel(vmm.devices);
    vmm.#confineDevices();
    options.companion?.created();
    return vmm;
  }

  async #instantiate(wasm: Uint8Array | WebAssembly.Module, env: Environment): Promise<WebAssembly.Exports> {
    this.devices = { ...env };
    wrapImports(env, {
      microtick: () => (this.#leaving ? Number.POSITIVE_INFINITY : this.#now()),
      randomInt: () => this.random.int(),
      leaving: () => this.#leave(),
      compiled: (...module) => this.jit.enqueue(...module),
      message: (pointer, length) => {
        this.#message = new TextDecoder().decode(this.memory.bytes.slice(pointer >>> 0, (pointer + length) >>> 0));
      },
      protectedMemory: () => this.protectedMemory,
    });
    const module = wasm instanceof WebAssembly.Module ? wasm : await WebAssembly.compile(wasm as BufferSource);
    const { exports } = await WebAssembly.instantiate(module, {
      ...this.companion?.imports,
      env: { ...env, [HOOK_TABLE_IMPORT]: this.hooks.table },
    });
    const table = env.__indirect_function_table;
    this.table = table;
    this.exports = exports as unknown as VmmExports;
    this.companion?.instantiated({ memory: exports.memory as WebAssembly.Memory, table, exports });
    this.memory = new MemoryViews(exports.memory as WebAssembly.Memory);
    this.hooks.connect(exports);
    this.cpu = new CpuView(this.memory, this.clock, () => this.exports.get_eflags!());
    this.jit = new JitInstaller(table, this.memory, exports, this.companion);
    this.#stackPointer = exports[ADDED_EXPORTS.stackPointer] as WebAssembly.Global<'i32'>;
    return { ...exports, ...this.#deviceFace(exports) };
  }

  /** Exports as the device models see them: their writes to guest memory are announced. */
  #deviceFace(exports: WebAssembly.Exports): WebAssembly.Exports {
    const own = exports as unknown as VmmExports;
    const announced = (name: string, length: (...values: number[]) => number, writes = true): WasmFunction => {
      const original = own[name]!;
      return (...values) => {
        const size = length(...values);
        if (writes && this.companion?.deviceWrites(values[0]! >>> 0, size) === false) return 0;
        this.emit('dma', values[0]!, size, 0);
        this.protectedMemory?.deviceWrites(values[0]! >>> 0, size);
        return original(...values);
      };
    };
    const face: Record<string, WasmFunction> = {
      allocate_memory: (size) => {
        this.ramBase = own.allocate_memory!(size!) >>> 0;
        this.companion?.ramAllocated(this.ramBase, size!);
        return this.ramBase;
      },
      // v86 asks for each block of RAM whether it need be saved, and clears RAM before it restores: see `withoutRam`.
      is_memory_zeroed: (...values) => (this.#ramHidden ? 1 : own.is_memory_zeroed!(...values)),
      zero_memory: (...values) => (this.#ramHidden ? 0 : own.zero_memory!(...values)),
      jit_dirty_cache: announced('jit_dirty_cache', (start, end) => end! - start!, false),
      write8: announced('write8', () => 1),
      write16: announced('write16', () => 2),
      write32: announced('write32', () => 4),
    };
    return face as unknown as WebAssembly.Exports;
  }

  /** `write_blob`, the other way of the device models to RAM, asks the companion before it writes through JavaScript's own view. */
  #confineDevices(): void {
    const companion = this.companion;
    if (!companion) return;
    const { cpu } = this.emulator.v86;
    const write = cpu.write_blob.bind(cpu);
    cpu.write_blob = (blob, offset) => {
      if (blob.length === 0 || companion.deviceWrites(offset >>> 0, blob.length)) write(blob, offset);
    };
  }

  /** Runs v86's own save or restore with guest RAM out of its sight. */
  async withoutRam<Result>(run: () => Promise<Result>): Promise<Result> {
    this.#ramHidden = true;
    try {
      return await run();
    } finally {
      this.#ramHidden = false;
    }
  }

  /** Chooses whether hot guest code is compiled. */
  setJit(on: boolean): void {
    this.exports.set_jit_config!(JIT_DISABLED, on ? 0 : 1);
  }

  /** Grows the linear memory by pages of 64 KiB. */
  growMemory(pages: number): void {
    (this.exports as unknown as { memory: WebAssembly.Memory }).memory.grow(pages);
  }

  /** Whether the guest waits with interrupts off: nothing but a reset can wake it. */
  get dead(): boolean {
    return this.cpu.halted && (this.memory.byte(INTERRUPT_FLAG_BYTE) & INTERRUPT_FLAG) === 0;
  }

  /** The physical address that an instruction in execution was fetched from; undefined when v86 has forgotten it. */
  fetchedFrom(address: VirtAddr): PhysAddr | undefined {
    const page = address & ~0xfff;
    if (this.memory.word(STATE.fetchVirtualPage) === page) return phys(this.memory.word(STATE.fetchPage) ^ address);
    return this.cachedTranslation(address);
  }

  /** Whether the TLB has a page that CPL 3 may access. */
  isUserPage(address: VirtAddr): boolean {
    const entry = this.memory.word(STATICS.tlbData + 4 * (address >>> 12));
    return entry !== 0 && (entry & TLB.noUser) === 0;
  }

  /** The physical address that the TLB has for a virtual one; undefined when it has none that is valid. */
  cachedTranslation(address: VirtAddr): PhysAddr | undefined {
    const page = address & ~0xfff;
    const entry = this.memory.word(STATICS.tlbData + 4 * (address >>> 12));
    if ((entry & TLB.valid) === 0) return undefined;
    return phys(((entry ^ page) & ~0xfff) - this.ramBase + (address & 0xfff));
  }

  /** What ended the guest, if it crashed. */
  get crash(): GuestCrash | undefined {
    return this.#crash;
  }

  /** Calls the listener of a hook that lies in JavaScript, and stops when it says so. @returns its decision, 0 when there is none. */
  emit(kind: EventKind, a: number, b: number, c: number): number {
    const decision = this.hooks.emit(kind, a, b, c);
    if (decision === DECISION.stop) this.requestStop();
    return decision;
  }

  /** Asks the loop to return after the instruction that is being executed, or when compiled code returns. */
  requestStop(): void {
    this.memory.setWord(OURS.stopRequest, 1);
    this.memory.bytes[STATICS.runEnds] = 1;
  }

  /**
   * Runs the guest for one slice: about 100,000 instructions, or less when it waits or a listener stops it. Time moves on while it waits.
   * @param mostIdle virtual milliseconds by which waiting may move the clock.
   * @throws GuestCrash when the guest can't go on; every call after that throws it again.
   */
  slice(mostIdle: number): void {
    if (this.#crash) throw this.#crash;
    this.untouched = false;
    const stack = this.#stackPointer.value;
    this.memory.setWord(OURS.stopRequest, 0);
    let idle = 0;
    try {
      this.companion?.resumed();
      idle = this.exports.main_loop!();
    } catch (error) {
      this.#recover(error, stack);
    } finally {
      this.#leaving = false;
      this.companion?.suspended();
    }
    this.jit.install();
    this.clock.instructions(this.memory.word(STATE.instructionCounter));
    if (this.cpu.halted) this.clock.idle += Math.min(Math.max(idle, LEAST_IDLE), mostIdle);
  }

  /** Runs one instruction in the interpreter; interrupts wait. @throws GuestCrash */
  step(): void {
    if (this.#crash) throw this.#crash;
    const stack = this.#stackPointer.value;
    this.memory.setWord(OURS.stopRequest, 0);
    try {
      this.companion?.resumed();
      this.exports[ADDED_EXPORTS.step]!(1);
    } catch (error) {
      this.#recover(error, stack);
    } finally {
      this.companion?.suspended();
    }
  }

  /** Puts back what a thrown error unwound; an error that is no denied access ends the guest. */
  #recover(error: unknown, stack: number): void {
    const memory = this.memory;
    this.#stackPointer.value = stack;
    const counter = memory.word(STATE.instructionCounter) + memory.word(OURS.liveInstructions);
    const deliveries = memory.word(OURS.deliveries);
    memory.setWord(OURS.liveInstructions, 0);
    memory.setWord(OURS.reinterpret, 0);
    memory.setWord(OURS.deliveries, 0);
    if (!(error instanceof DeniedAccess) || deliveries > 0) {
      memory.setWord(STATE.instructionCounter, counter);
      throw this.#fail(error, deliveries);
    }
    if (error.state) memory.bytes.set(error.state, STATE.generalRegisters);
    memory.setWord(STATE.instructionCounter, counter);
    memory.setWord(STATE.instructionPointer, memory.word(STATE.previousInstructionPointer));
    memory.setWord(STATE.cr2, error.address);
    memory.bytes[PREFIXES] = 0;
    try {
      this.exports[ADDED_EXPORTS.deliver]!(PAGE_FAULT, 1, error.errorCode);
    } catch (nested) {
      throw this.#fail(nested, 1);
    }
  }

  #fail(error: unknown, deliveries: number): GuestCrash {
    const reason =
      deliveries > DELIVERY_LIMIT
        ? 'triple fault: an exception could not be delivered, nor the exceptions that came of that'
        : error instanceof DeniedAccess
          ? `an access at 0x${error.address.toString(16)} was denied while an exception was being delivered`
          : this.#message || (error instanceof Error ? error.message : String(error));
    this.#crash = new GuestCrash(reason, this.cpu.toJSON(), { cause: error });
    return this.#crash;
  }

  #now(): number {
    return this.memory ? this.cpu.time : 0;
  }

  /** v86's loop asks its timers once more before it returns to a listener's stop: they must not run, and time must be up. */
  #leave(): boolean {
    this.#leaving = this.memory.word(OURS.stopRequest) !== 0;
    return this.#leaving;
  }
}
