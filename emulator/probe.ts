// Probes: INT3 over an instruction's first byte, and the instruction itself run in its stead when the INT3 is met.
import type { Access } from './access.ts';
import { type Cr3, cr3, type Frame, frameOf, PAGE_SIZE, type PhysAddr, phys, type VirtAddr, virt } from './address.ts';
import type { CpuState } from './cpu-state.ts';
import { type EventHub, isWasm, type Subscription, subscription } from './event-hub.ts';
import { DECISION, type Decision } from './events/kinds.ts';
import type { WasmListener } from './events/map.ts';
import type { MemoryOverlay } from './guest-memory.ts';
import type { Protections } from './protect.ts';
import type { SavedProbe } from './snapshot.ts';
import { type Execution, UnfinishedInstructions } from './unfinished.ts';
import { hookNumber } from './v86/hook-points.ts';
import { FastProbe } from './v86/probe-service.ts';
import { STATE } from './v86/state.ts';
import type { Vmm } from './v86/vmm.ts';

const INT3 = 0xcc;

/** Bytes that may stand before an opcode (SDM vol. 2, 2.1.1): an instruction that begins with one may be a repeated one. */
const PREFIX_BYTES: ReadonlySet<number> = new Set([0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67]);

const NONE: readonly [] = [];

/** Where a probe sits: one virtual address in one or all address spaces that share its page, or a physical one. */
export type ProbeAddress = { readonly virtual: VirtAddr; readonly space?: Cr3 } | { readonly physical: PhysAddr };

/** A probe was hit: the instruction at `address` is about to be executed. One object serves all hits. */
export interface ProbeHit {
  /** Virtual address of the instruction. */
  readonly address: VirtAddr;
  /** Physical address of its first byte. */
  readonly physical: PhysAddr;
  /** The CPU before the instruction. */
  readonly cpu: CpuState;
  /** Hits of this probe, this one included. */
  readonly hits: number;
}

/** Hears of hits; `stop` stops the machine after the instruction. */
export type ProbeHandler = (hit: ProbeHit) => Exclude<Decision, 'suppress'> | void;

/** An armed probe. Disposing of it puts the guest's byte back. */
export interface Probe extends Subscription {
  /** How often the instruction was executed since the probe was armed. */
  readonly hits: number;
}

/** The address of a probe is not mapped, or not to RAM. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError';
}

interface Armed {
  readonly virtual: VirtAddr | undefined;
  readonly space: Cr3 | undefined;
  readonly handler: ProbeHandler;
  /** The handler itself, where it is WebAssembly. */
  readonly wasm: WasmListener | undefined;
  /** The name by which a restored machine finds the handler again. */
  readonly name: string | undefined;
  /** Hits told by JavaScript. */
  hits: number;
}

/** One byte of RAM that holds an INT3 of ours. */
interface Site {
  /** The guest's own byte. */
  original: number;
  /** Replaced, never changed: handlers arm and dispose of probes while a hit is being told. */
  probes: readonly Armed[];
}

/** A handler as hits are told to it. */
function handlerOf(handler: ProbeHandler | WasmListener): Pick<Armed, 'handler' | 'wasm'> {
  if (!isWasm(handler)) return { handler: handler as ProbeHandler, wasm: undefined };
  const told = ({ address, physical }: ProbeHit) =>
    handler(hookNumber('probe'), address, physical, 0) === DECISION.stop ? 'stop' : undefined;
  return { handler: told, wasm: handler };
}

export class Probes implements MemoryOverlay {
  readonly #vmm: Vmm;
  readonly #hub: EventHub;
  readonly #sites = new Map<PhysAddr, Site>();
  /** Frames with probes: how many, and the watch over writes to them. */
  readonly #frames = new Map<Frame, { sites: number; readonly watch: Subscription }>();
  readonly #protections: Protections;
  /** What runs under an INT3, and the byte that it hides: one object serves all hits, since no instruction runs within another. */
  readonly #running: Execution & { original: number } = { physical: phys(0), space: cr3(0), stack: 0, original: 0 };
  readonly #unfinished = new UnfinishedInstructions();
  /** Writes of devices to frames with probes, by address and size, that were announced and may have happened. */
  readonly #deviceWrites: [PhysAddr, number][] = [];
  readonly #hit: { -readonly [Field in keyof ProbeHit]: ProbeHit[Field] };
  /** The probe that WebAssembly serves: the first that has a handler in WebAssembly and is the only one at its address. */
  #fast:
    | { readonly service: FastProbe; readonly physical: PhysAddr; readonly site: Site; readonly armed: Armed }
    | undefined;

  constructor(vmm: Vmm, hub: EventHub, protections: Protections) {
    this.#vmm = vmm;
    this.#hub = hub;
    this.#protections = protections;
    this.#hit = { address: virt(0), physical: phys(0), cpu: vmm.cpu, hits: 0 };
  }

  /**
   * Arms a probe.
   * @param translate finds the physical address of a virtual one; undefined where nothing is mapped.
   * @throws ProbeError when there is no RAM at the address.
   */
  arm(
    at: ProbeAddress,
    handler: ProbeHandler | WasmListener,
    translate: (address: VirtAddr, space?: Cr3) => PhysAddr | undefined,
    name?: string,
  ): Probe {
    const address = 'physical' in at ? at.physical : translate(at.virtual, at.space);
    if (address === undefined || address >= this.#vmm.ramSize) {
      const where =
        'physical' in at ? `physical 0x${at.physical.toString(16)}` : `virtual 0x${at.virtual.toString(16)}`;
      throw new ProbeError(
        `probe at ${where}: expected an address of RAM that is mapped now, found ${address === undefined ? 'no mapping' : 'none'}; arm it once the guest has mapped it`,
      );
    }
    const [virtual, space] = 'physical' in at ? [] : [at.virtual, at.space];
    const armed: Armed = { virtual, space, ...handlerOf(handler), name, hits: 0 };
    const site = this.#sites.get(address) ?? this.#place(address);
    site.probes = [...site.probes, armed];
    this.#serve(address, site, armed);
    return this.#handle(address, site, armed);
  }

  /** Probes of a snapshot that have a name, to be disposed of or asked for their hits. */
  get named(): ReadonlyMap<string, Probe> {
    const named = new Map<string, Probe>();
    for (const [address, site] of this.#sites)
      for (const armed of site.probes)
        if (armed.name !== undefined) named.set(armed.name, this.#handle(address, site, armed));
    return named;
  }

  /** What a snapshot keeps; the INT3s are part of the memory image. */
  save(): SavedProbe[] {
    return [...this.#sites].map(([physical, { original, probes }]) => ({
      physical,
      original,
      armed: probes.map((armed) => ({
        hits: this.#hitsOf(armed),
        ...(armed.name === undefined ? {} : { name: armed.name }),
        ...(armed.virtual === undefined ? {} : { virtual: armed.virtual }),
        ...(armed.space === undefined ? {} : { space: armed.space }),
      })),
    }));
  }

  /** Takes up what a snapshot kept, after the memory image and the protections have been put back. */
  restore(saved: readonly SavedProbe[], handlers: Readonly<Record<string, ProbeHandler>>): void {
    for (const { physical, original, armed } of saved) {
      const probes = armed.map(({ name, virtual, space, hits }) => ({
        virtual: virtual === undefined ? undefined : virt(virtual),
        space: space === undefined ? undefined : cr3(space),
        handler: (name === undefined ? undefined : handlers[name]) ?? (() => undefined),
        wasm: undefined,
        name,
        hits,
      }));
      this.#watch(phys(physical), { original, probes });
    }
  }

  #handle(address: PhysAddr, site: Site, armed: Armed): Probe {
    const end = subscription(() => {
      site.probes = site.probes.filter((other) => other !== armed);
      this.#serveSlowly(armed);
      this.#armFast();
      if (site.probes.length === 0) this.#remove(address, site);
    });
    const hits = () => this.#hitsOf(armed);
    return {
      get hits() {
        return hits();
      },
      [Symbol.dispose]: () => end[Symbol.dispose](),
    };
  }

  #hitsOf(armed: Armed): number {
    return armed.hits + (this.#fast?.armed === armed ? this.#fast.service.hits : 0);
  }

  /** Has WebAssembly serve a probe, if it is one for that, and no other is served so. */
  #serve(physical: PhysAddr, site: Site, armed: Armed): void {
    const { virtual, space, wasm } = armed;
    if (!this.#fast && wasm !== undefined && virtual !== undefined && space === undefined) {
      const { hooks, memory, ramBase } = this.#vmm;
      const slow = { begin: () => this.#begin(), end: this.#endOf, stop: () => this.#vmm.requestStop() };
      const service = new FastProbe({ virtual, physical, ramBase }, wasm, slow, memory.memory);
      this.#fast = { service, physical, site, armed };
      hooks.setWasm('probe', service.service);
    }
    this.#armFast();
  }

  #serveSlowly(armed: Armed): void {
    const fast = this.#fast;
    if (fast?.armed !== armed) return;
    armed.hits += fast.service.hits;
    // Its own listener may take it away: then its instruction has to end yet.
    const { cr3: space, esp: stack } = this.#vmm.cpu;
    if (fast.service.wasLast) this.#runs(fast.physical, fast.site, space, stack);
    this.#fast = undefined;
    this.#vmm.hooks.set('probe', this.#service);
  }

  /** To be called when what lies under a probe changes, who is at its address, or whether an instruction has to end yet. */
  #armFast(): void {
    const fast = this.#fast;
    if (!fast) return;
    const isAlone = fast.site.probes.length === 1 && this.#unfinished.none;
    // An INT3 of the guest's own under ours is delivered as it is.
    fast.service.arm(isAlone && fast.site.original !== INT3 ? fast.site.original : undefined);
  }

  uncover(address: PhysAddr, copy: Uint8Array): void {
    this.settle();
    for (const [at, site] of this.#within(address, copy.length)) copy[at - address] = site.original;
  }

  cover(address: PhysAddr, bytes: Uint8Array): Uint8Array {
    this.settle();
    const sites = this.#within(address, bytes.length);
    if (sites.length === 0) return bytes;
    const stored = bytes.slice();
    for (const [at, site] of sites) {
      site.original = bytes[at - address]!;
      stored[at - address] = INT3;
    }
    this.#armFast();
    return stored;
  }

  #within(address: PhysAddr, length: number): readonly [PhysAddr, Site][] {
    // Most reads are short, and of frames without probes: those allocate nothing here.
    const last = frameOf(phys(address + length - 1));
    if (length <= PAGE_SIZE && !this.#frames.has(frameOf(address)) && !this.#frames.has(last)) return NONE;
    if (length > this.#sites.size) return [...this.#sites].filter(([at]) => at >= address && at < address + length);
    const found: [PhysAddr, Site][] = [];
    for (let at = address as number; at < address + length; at++) {
      const site = this.#sites.get(at as PhysAddr);
      if (site) found.push([at as PhysAddr, site]);
    }
    return found;
  }

  #place(address: PhysAddr): Site {
    const site: Site = { original: this.#vmm.memory.byte(this.#vmm.ramBase + address), probes: [] };
    this.#watch(address, site);
    this.#store(address, INT3);
    return site;
  }

  #watch(address: PhysAddr, site: Site): void {
    const frame = frameOf(address);
    const watched = this.#frames.get(frame);
    if (watched) watched.sites++;
    // The guest may load other code over a probe: the write passes, and the INT3 is put back over what was written.
    else
      this.#frames.set(frame, {
        sites: 1,
        watch: this.#protections.protect(frame, { write: true }, this.#onWrite, { own: true }),
      });
    this.#sites.set(address, site);
    if (this.#sites.size === 1) {
      this.#vmm.hooks.set('probe', this.#service);
      this.#protections.onWritten = (at, size) => this.#written(at, size);
      this.#protections.onRead = (at, copy) => this.uncover(at, copy);
    }
  }

  #remove(address: PhysAddr, site: Site): void {
    this.settle();
    this.#sites.delete(address);
    this.#store(address, site.original);
    const frame = frameOf(address);
    const watched = this.#frames.get(frame)!;
    if (--watched.sites === 0) {
      watched.watch[Symbol.dispose]();
      this.#frames.delete(frame);
    }
    if (this.#sites.size > 0) return;
    this.#vmm.hooks.clear('probe');
    this.#protections.onWritten = undefined;
    this.#protections.onRead = undefined;
  }

  #store(address: PhysAddr, byte: number): void {
    this.#vmm.exports.jit_dirty_cache!(address, address + 1);
    this.#vmm.memory.bytes[this.#vmm.ramBase + address] = byte;
  }

  #written(address: PhysAddr, size: number): void {
    const { bytes } = this.#vmm.memory;
    for (const [at, site] of this.#within(address, size)) {
      site.original = bytes[this.#vmm.ramBase + at]!;
      bytes[this.#vmm.ramBase + at] = INT3;
    }
    this.#armFast();
  }

  readonly #onWrite = ({ by, physical, size }: Access): undefined => {
    if (by === 'device') this.#deviceWrites.push([physical, size]);
  };

  /** Puts probes back over what devices have written since. A device says where it is about to write, and not when it has. */
  settle(): void {
    if (this.#deviceWrites.length === 0) return;
    const { bytes } = this.#vmm.memory;
    for (const [address, size] of this.#deviceWrites.splice(0))
      for (const [at] of this.#within(address, size)) if (bytes[this.#vmm.ramBase + at] !== INT3) this.#written(at, 1);
  }

  /** The probe service at an INT3. @returns the byte that it hides, or -1 when it is the guest's own. */
  #begin(): number {
    const { cpu, memory } = this.#vmm;
    const address = virt(cpu.eip - 1);
    const physical = this.#vmm.fetchedFrom(address);
    const site = physical === undefined ? undefined : this.#sites.get(physical);
    if (!site) return -1;
    memory.setWord(STATE.previousInstructionPointer, address);
    this.#runs(physical!, site, cpu.cr3, cpu.esp);
    if (this.#unfinished.resume(this.#running)) this.#armFast();
    else this.#tell(site, address, physical!);
    // An INT3 of the guest's own under ours is delivered as it is.
    return site.original === INT3 ? -1 : site.original;
  }

  #runs(physical: PhysAddr, { original }: Site, space: Cr3, stack: number): void {
    const running = this.#running;
    running.physical = physical;
    running.original = original;
    running.space = space;
    running.stack = stack;
  }

  /** The probe service when the instruction under the INT3 has faulted, or EIP still points to it: it may be a repeated one that goes on. */
  #end(faulted: boolean): number {
    const { cpu } = this.#vmm;
    const repeats = cpu.eip === cpu.previousEip && PREFIX_BYTES.has(this.#running.original);
    if (!faulted && !repeats) return 0;
    this.#unfinished.add(this.#running);
    this.#armFast();
    return 0;
  }

  /** The same, when WebAssembly may have served the begin. */
  readonly #endOf = (faulted: number, wasFast: number, stack: number, space: number): number => {
    const fast = this.#fast;
    if (wasFast !== 0 && fast) this.#runs(fast.physical, fast.site, cr3(space), stack >>> 0);
    return this.#end(faulted !== 0);
  };

  readonly #service = (ended: number, faulted: number): number =>
    ended === 0 ? this.#begin() : this.#end(faulted !== 0);

  #tell(site: Site, address: VirtAddr, physical: PhysAddr): void {
    const hit = this.#hit;
    hit.address = address;
    hit.physical = physical;
    for (const armed of site.probes) {
      if (armed.virtual !== undefined && armed.virtual !== address) continue;
      if (armed.space !== undefined && armed.space !== this.#running.space) continue;
      hit.hits = ++armed.hits;
      try {
        if (armed.handler(hit) === 'stop') this.#vmm.requestStop();
      } catch (error) {
        this.#hub.fail(error);
      }
    }
  }
}
