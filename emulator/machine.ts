// The machine: one guest on one v86, with everything that a monitor may do to it.
import type { AccessHandler, RemovedRights, SmepWatch } from './access.ts';
import type { Cr3, Frame, VirtAddr } from './address.ts';
import { requireMultibootHeader } from './boot/multiboot-header.ts';
import { type Codec, streamCodec } from './codec.ts';
import { GuestConsole } from './console.ts';
import type { CpuState } from './cpu-state.ts';
import { EventHub, type Subscription, subscription } from './event-hub.ts';
import { DECISION, type EventKind } from './events/kinds.ts';
import type { EventMap, Listener, WasmListener } from './events/map.ts';
import { GuestMemory } from './guest-memory.ts';
import { type Input, InputQueue } from './input.ts';
import { type KeptState, ListenerStates } from './listener-states.ts';
import { type Probe, type ProbeAddress, type ProbeHandler, Probes } from './probe.ts';
import { Protections } from './protect.ts';
import { type RestoreOptions, restoreMachine, saveMachine } from './save-machine.ts';
import { decodeSnapshot } from './snapshot.ts';
import { SnapshotError } from './snapshot-file.ts';
import { SyscallPairing } from './syscall-pairing.ts';
import { watchEsp0 } from './tss-watch.ts';
import type { VmmCompanion } from './v86/companion.ts';
import { type GuestReads, guestReads } from './v86/guest-reads.ts';
import { OURS } from './v86/state.ts';
import { Vmm } from './v86/vmm.ts';

/** The parts of v86 that a machine is made from. */
export interface MachineAssets {
  /** v86.wasm, rewritten by `instrument`. */
  readonly wasm: Uint8Array | WebAssembly.Module;
  /** The text of libv86.js. */
  readonly library: string;
  /** Who lives beside v86 in its memory: one for each machine. */
  readonly companion?: VmmCompanion;
  /** Compression for snapshots, where the host has a faster one than the web's. */
  readonly codec?: Codec;
}

/** The parts of a machine that a snapshot saves. */
export interface MachineParts {
  readonly protections: Protections;
  readonly probes: Probes;
  readonly pairing: SyscallPairing;
  readonly input: InputQueue;
  readonly listeners: ListenerStates;
}

/** What to boot: the options of v86 that name images. */
export interface BootOptions {
  /** A multiboot image, as `boot/` makes of kernels. */
  readonly multiboot?: Uint8Array;
  readonly bios?: Uint8Array;
  readonly vgaBios?: Uint8Array;
  readonly floppy?: Uint8Array;
  readonly cdrom?: Uint8Array;
  readonly disk?: Uint8Array;
}

/** How a machine is made. */
export interface MachineOptions {
  readonly boot: BootOptions;
  /** Guest RAM in bytes. @default 128 MiB */
  readonly memorySize?: number;
  /** Whether hot guest code is compiled. @default true */
  readonly jit?: boolean;
  /** Instructions in a virtual microsecond. @default 100 */
  readonly mips?: number;
  /** Seed of all chance in the machine. @default 1 */
  readonly seed?: number;
  /** Date at power-on, in milliseconds since 1970. @default 2024-01-01T00:00:00Z */
  readonly epoch?: number;
}

/** When a run ends, whichever comes first; without limits it ends when the guest or a listener does. */
export interface RunLimits {
  /** Virtual milliseconds from now. */
  readonly for?: number;
  /** Instructions from now; the run ends with the slice that reaches them. */
  readonly instructions?: number;
  /** Text that the serial console shows from now on, or a condition, asked after each slice. */
  readonly until?: string | (() => boolean);
  /** Ends the run between two slices. */
  readonly signal?: AbortSignal;
  /** Keeps virtual time from running ahead of the host's clock, for a person at the console. @default false */
  readonly realTime?: boolean;
}

/** Why a run ended. */
export type RunEnd = 'for' | 'instructions' | 'until' | 'stopped' | 'halted' | 'aborted';

const DEFAULTS = { memorySize: 128 << 20, jit: true, mips: 100, seed: 1, epoch: Date.UTC(2024, 0, 1) };

/** Host milliseconds after which a run lets other tasks of the host go on. */
const HOST_SLICE = 25;

/** Lets other tasks of the host go on. A timer of 0 ms takes 1 ms and more: where there is a way that takes none, it is used. */
const rest = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    if (milliseconds < 1 && 'setImmediate' in globalThis) globalThis.setImmediate(resolve);
    else setTimeout(resolve, Math.max(0, milliseconds));
  });

const v86Image = (bytes: Uint8Array | undefined) =>
  bytes && { buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) };

/** v86's names for what to boot. */
function v86Boot(boot: BootOptions): Record<string, unknown> {
  const named = {
    multiboot: v86Image(boot.multiboot),
    bios: v86Image(boot.bios),
    vga_bios: v86Image(boot.vgaBios),
    fda: v86Image(boot.floppy),
    cdrom: v86Image(boot.cdrom),
    hda: v86Image(boot.disk),
  };
  return Object.fromEntries(Object.entries(named).filter(([, image]) => image !== undefined));
}

export class Machine {
  /** What the machine was made with. */
  readonly options: Required<MachineOptions>;
  /** The CPU's registers, live. */
  readonly cpu: CpuState;
  readonly memory: GuestMemory;
  readonly console: GuestConsole;
  /** v86 underneath: for the rooms of the emulator, not for monitors. */
  readonly vmm: Vmm;
  /** Compression of snapshots. */
  readonly codec: Codec;
  /** The parts that a snapshot saves; not for monitors. */
  readonly parts: MachineParts;
  readonly #hub: EventHub;
  #reads: GuestReads | undefined;
  readonly #afterSlice = new Set<() => void>();

  /**
   * Makes a machine that stands before the first instruction of its guest.
   * @throws BootImageError for a multiboot image without a header; RangeError for an option out of range.
   */
  static async create(options: MachineOptions, assets: MachineAssets): Promise<Machine> {
    if (options.boot.multiboot) requireMultibootHeader('multiboot image', options.boot.multiboot);
    const all = { ...DEFAULTS, ...options };
    const { memorySize, jit, mips, seed, epoch } = all;
    const vmm = await Vmm.create({ ...assets, memorySize, jit, mips, seed, epoch, boot: v86Boot(options.boot) });
    return new Machine(all, vmm, assets.codec ?? streamCodec);
  }

  private constructor(options: Required<MachineOptions>, vmm: Vmm, codec: Codec) {
    this.codec = codec;
    this.options = options;
    this.vmm = vmm;
    this.cpu = vmm.cpu;
    this.#hub = new EventHub(vmm);
    const protections = new Protections(vmm, this.#hub);
    const probes = new Probes(vmm, this.#hub, protections);
    this.memory = new GuestMemory(vmm, probes);
    this.console = new GuestConsole(vmm);
    const pairing = new SyscallPairing();
    this.parts = { protections, probes, pairing, input: new InputQueue(this.console), listeners: new ListenerStates() };
    vmm.jit.policy = ({ slot, start, bytes }) =>
      vmm.emit('jit-install', start, slot, bytes.length) !== DECISION.suppress;
    this.#hub.accompany('syscall-return', () => pairing.watch(this.#hub));
    this.#hub.accompany('tss-esp0', () => watchEsp0(vmm, this.#hub, this.memory, protections));
  }

  /**
   * Listens to a kind of event. The listener may be TypeScript, or an exported WebAssembly function that is then called without
   * JavaScript between the CPU and it.
   * @returns what ends the subscription when disposed of.
   */
  on<Kind extends EventKind>(kind: Kind, listener: Listener<Kind>): Subscription;
  on(kind: EventKind, listener: WasmListener): Subscription;
  on<Kind extends EventKind>(kind: Kind, listener: Listener<Kind> | WasmListener): Subscription {
    const prepare =
      kind === 'syscall-return' ? (this.parts.pairing.complete as (event: EventMap[Kind]) => void) : undefined;
    return this.#hub.on(kind, listener, prepare);
  }

  /** What a listener in WebAssembly may import, to look at the guest without JavaScript. */
  get reads(): GuestReads {
    this.#reads ??= guestReads(this.vmm.memory.memory, this.vmm.ramBase, this.vmm.ramSize);
    return this.#reads;
  }

  /**
   * Arms a probe: the handler runs each time the instruction at the address is about to be executed. It may be an exported WebAssembly function, which gets
   * the virtual and the physical address of the instruction; the first such probe at a virtual address is served without JavaScript, unless another is there.
   * @throws ProbeError when the address is not mapped to RAM.
   */
  probe(at: VirtAddr | ProbeAddress, handler: ProbeHandler, options?: { readonly name?: string }): Probe;
  probe(at: VirtAddr | ProbeAddress, handler: WasmListener, options?: { readonly name?: string }): Probe;
  probe(
    at: VirtAddr | ProbeAddress,
    handler: ProbeHandler | WasmListener,
    options: { readonly name?: string } = {},
  ): Probe {
    const address = typeof at === 'number' ? { virtual: at } : at;
    const translate = (virtual: VirtAddr, space?: Cr3) => this.memory.translate(virtual, space);
    return this.parts.probes.arm(address, handler, translate, options.name);
  }

  /** Takes rights from a guest-physical frame: the handler hears of each access before it happens. */
  protect(
    frame: Frame,
    removed: RemovedRights,
    handler: AccessHandler,
    options: { readonly name?: string } = {},
  ): Subscription {
    return this.parts.protections.protect(frame, removed, handler, options);
  }

  /** Takes execution at CPL 0 from every page that CPL 3 may access. */
  smep(handler: AccessHandler): SmepWatch {
    return this.parts.protections.smep(handler);
  }

  /**
   * Calls a listener between slices of a run: about every 100,000 instructions, and whenever the guest waits. So it hears of the passing of
   * virtual time from a guest that causes no event, too. Memory and registers may be looked at and memory written; errors end the run. A
   * listener of events that stops the machine may step it here: when the last step was not stopped, the run goes on.
   */
  afterSlice(listener: () => void): Subscription {
    this.#afterSlice.add(listener);
    return subscription(() => this.#afterSlice.delete(listener));
  }

  /** Schedules input to the guest after what is pending. */
  schedule(...inputs: readonly Input[]): void {
    for (const input of inputs) this.parts.input.schedule(input);
  }

  /** Types text at the serial console as soon as what is pending has been taken. */
  type(text: string): void {
    this.schedule({ give: { serial: text } });
  }

  /**
   * Runs instructions one by one in the interpreter, until a listener stops the machine. Interrupts wait meanwhile.
   * @param count how many.
   * @param each told after each; `false` ends the stepping.
   * @throws GuestCrash, and what a listener threw.
   */
  step(count = 1, each?: () => boolean | void): void {
    for (let done = 0; done < count && !this.cpu.halted; done++) {
      this.vmm.step();
      this.#raise();
      if (each?.() === false || this.vmm.memory.word(OURS.stopRequest) !== 0) return;
    }
  }

  /**
   * Runs the guest until a limit.
   * @throws GuestCrash when the guest crashes; what a listener threw, with the machine stopped after the instruction it threw in.
   */
  async run(limits: RunLimits = {}): Promise<RunEnd> {
    const start = { time: this.cpu.time, instructions: this.cpu.instructions, host: performance.now() };
    const end = start.time + (limits.for ?? Number.POSITIVE_INFINITY);
    const reached = this.#condition(limits.until);
    let rested = start.host;
    for (;;) {
      if (limits.signal?.aborted) return 'aborted';
      const why = this.#slice(end);
      if (reached()) return 'until';
      if (why !== undefined) return why;
      if (this.cpu.time >= end) return 'for';
      if (this.cpu.instructions - start.instructions >= (limits.instructions ?? Number.POSITIVE_INFINITY))
        return 'instructions';
      const host = performance.now();
      const ahead = limits.realTime ? this.cpu.time - start.time - (host - start.host) : 0;
      if (ahead < 1 && host - rested < HOST_SLICE) continue;
      await rest(ahead);
      rested = performance.now();
    }
  }

  /**
   * Has the state of a listener saved with the machine's. In a machine that was restored, the state that was saved under that name is given
   * back at once.
   * @param name unique in the machine.
   */
  keep(name: string, listener: KeptState): Subscription {
    return this.parts.listeners.add(name, listener);
  }

  /**
   * Takes a snapshot between two slices. The machine goes on from it exactly as one that is restored from it does: compiled code is
   * dropped, and what v86 does not save is forgotten here too.
   */
  async save(): Promise<Uint8Array> {
    if (this.vmm.companion)
      throw new SnapshotError(
        'snapshot: expected a machine of its own, found one with a companion in its memory, which no snapshot can hold',
      );
    return saveMachine(this);
  }

  /**
   * Makes a machine of a snapshot.
   * @throws SnapshotError when the file is damaged or was taken with other hooks; nothing was made then.
   */
  static async restore(file: Uint8Array, assets: MachineAssets, options: RestoreOptions = {}): Promise<Machine> {
    const codec = assets.codec ?? streamCodec;
    const snapshot = await decodeSnapshot(file, options.source ?? 'snapshot', codec);
    const made = snapshot.header.options;
    const machine = await Machine.create({ ...made, jit: options.jit ?? made.jit, boot: {} }, assets);
    await restoreMachine(machine, snapshot, options);
    return machine;
  }

  /** Ends the machine: its guest is gone. */
  async close(): Promise<void> {
    await this.vmm.emulator.destroy();
  }

  /** Runs a slice and what is due before it. @returns why the run must end, if it must. */
  #slice(end: number): RunEnd | undefined {
    const now = this.cpu.time;
    // Input to a guest that waits raises its interrupt at once: a listener may stop the machine at it.
    this.vmm.memory.setWord(OURS.stopRequest, 0);
    this.parts.input.advance(now);
    this.#raise();
    if (this.vmm.memory.word(OURS.stopRequest) === 0) {
      const due = Math.min(end, this.parts.input.due ?? Number.POSITIVE_INFINITY);
      this.vmm.slice(Math.max(due - now, 0));
      this.parts.probes.settle();
      this.#raise();
    }
    for (const listener of this.#afterSlice) listener();
    if (this.vmm.memory.word(OURS.stopRequest) !== 0) return 'stopped';
    return this.vmm.dead ? 'halted' : undefined;
  }

  #condition(until: RunLimits['until']): () => boolean {
    if (until === undefined) return () => false;
    if (typeof until === 'function') return until;
    const from = this.console.length;
    return () => this.console.since(from).includes(until);
  }

  #raise(): void {
    const failure = this.#hub.takeFailure();
    if (failure) throw failure.error;
  }
}
