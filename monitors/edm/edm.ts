// EDM: a monitor of the VMM, in the VMM's own memory. This side makes it, installs code for v86 and drains the log.
import {
  type CompiledModule,
  type EventKind,
  type InstantiatedVmm,
  JIT_TABLE_OFFSET,
  kindNumber,
  type Machine,
  type MachineAssets,
  type PhysAddr,
  type VmmCompanion,
} from '../../emulator/index.ts';
import { AuditLog, type AuditRecord } from './audit-log.ts';
import { type CoreExports, instantiateCore } from './core.ts';
import { type Extension, loadExtension } from './extension.ts';
import { GATE_SLOT, SLOW_WAYS } from './facts.ts';
import { EdmFailure, ModuleRefused } from './failure.ts';
import { checked, type Ipr, restricted } from './ipr.ts';
import { KIND, POLICY } from './kinds.ts';
import { ARENA_SIZE, LAYOUT } from './layout.ts';
import { Ledger } from './ledger.ts';
import { type Locks, lockBits } from './locks.ts';
import { ARENA_START, type Placement, place } from './placement.ts';
import { fingerprint, TableWatch } from './policies/code.ts';
import { POLICIES, POLICY_NAMES, type PolicyName, policyBits } from './policies/index.ts';
import { FIRST_EXTENSION, Sites } from './sites.ts';

const WASM_PAGE = 65536;
const PAGE = 4096;
/** Functions of the core that are in the gate, and their slots. */
const GATE = Object.entries(GATE_SLOT);

/** How a machine is monitored. */
export interface EdmOptions {
  /** Whether VMM code is rewritten and verified. Without, nothing keeps it from EDM. @default true */
  readonly ipr?: boolean;
  /** Whether EDM's place is drawn at random. @default true */
  readonly asr?: boolean;
  /** Repeats a draw. @default from the host's source of chance */
  readonly seed?: number;
  /** @default all */
  readonly policies?: readonly PolicyName[];
}

/** What EDM is made from. */
export interface EdmAssets {
  /** v86.wasm as `instrument` made it, and the rest of v86. */
  readonly v86: MachineAssets & { readonly wasm: Uint8Array };
  /** EDM's core, compiled. */
  readonly core: Uint8Array;
  /** Rewriter and verifier: not needed with IPR off. */
  readonly ipr?: Ipr;
}

/** A part of memory that nobody but EDM may change. Linear addresses. */
export interface Region {
  readonly name: 'ledger' | 'state' | 'log' | 'frames';
  readonly from: number;
  /** One past the last byte. */
  readonly to: number;
}

export class Edm implements VmmCompanion {
  readonly options: Required<Omit<EdmOptions, 'seed'>>;
  readonly placement: Placement;
  readonly imports: WebAssembly.Imports;
  core!: CoreExports;
  log!: AuditLog;
  ledger!: Ledger;
  vmm!: InstantiatedVmm;
  /** Told of each record when it is drained. */
  onRecord: ((record: AuditRecord) => void) | undefined;
  /** What stopped the machine, if EDM did. */
  failure: EdmFailure | undefined;
  readonly sites: Sites;
  readonly #assets: EdmAssets;
  readonly #ipr: Ipr | undefined;
  readonly #gate = new WebAssembly.Table({ element: 'anyfunc', initial: GATE.length });
  #wasm!: WebAssembly.Module;
  #slots!: TableWatch;
  #extensions = 0;
  #policies = 0;
  #bytes = new Uint8Array(0);
  #offered: { readonly imports: WebAssembly.ModuleImports; readonly all: WebAssembly.ModuleImports } | undefined;

  private constructor(assets: EdmAssets, ram: number, options: EdmOptions) {
    this.options = { ipr: options.ipr ?? true, asr: options.asr ?? true, policies: options.policies ?? POLICY_NAMES };
    this.#assets = assets;
    this.#ipr = this.options.ipr ? assets.ipr : undefined;
    this.placement = place(ram, this.options.asr, options.seed);
    this.sites = new Sites(assets.ipr?.siteOf ?? (() => undefined));
    this.sites.set(0, 'v86.wasm', assets.v86.wasm);
    const ledger = new WebAssembly.Global({ value: 'i32', mutable: false }, this.placement.base + LAYOUT.LEDGER);
    this.imports = this.options.ipr ? { edm: { gate: this.#gate, ledger } } : {};
  }

  /**
   * Prepares EDM for one machine.
   * @param ram bytes of guest RAM
   * @throws ModuleRefused when v86.wasm itself does not pass; RangeError for a policy that is none
   */
  static async create(assets: EdmAssets, ram: number, options: EdmOptions = {}): Promise<Edm> {
    const edm = new Edm(assets, ram, options);
    if (edm.options.ipr && !assets.ipr)
      throw new Error('EDM: expected a rewriter and a verifier, found none: pass them, or turn IPR off');
    edm.#policies = policyBits(edm.options.policies);
    const { wasm } = assets.v86;
    edm.#wasm = edm.#ipr ? await restricted(wasm, edm.#ipr) : await WebAssembly.compile(wasm as BufferSource);
    return edm;
  }

  /** What `Machine.create` takes, with EDM beside v86. */
  get machineAssets(): MachineAssets {
    return { ...this.#assets.v86, wasm: this.#wasm, companion: this };
  }

  /** Listens to the events that the policies need. To be called when the machine is made. */
  attach(machine: Machine): void {
    const kinds = new Set<EventKind>(this.options.policies.flatMap((name) => POLICIES[name].events));
    for (const kind of kinds) machine.on(kind, this.core.event);
  }

  /** Has the core count events. @returns what tells how many of a kind there were. */
  count(machine: Machine, kinds: readonly EventKind[]): (kind: EventKind) => number {
    this.core.countKinds(kinds.reduce((mask, kind) => mask | (1 << kindNumber(kind)), 0));
    const heard = new Set<EventKind>(this.options.policies.flatMap((name) => POLICIES[name].events));
    for (const kind of kinds) if (!heard.has(kind)) machine.on(kind, this.core.event);
    return (kind) => Number(this.core.counted(kindNumber(kind)));
  }

  /** From now on, for good: bits that may not be cleared, registers that may not change. */
  lock(locks: Locks): void {
    const { cr0, cr4, registers } = lockBits(locks);
    this.core.lock(cr0, cr4, registers);
    this.core.note(KIND.LOCK_SET, cr0, cr4, registers);
  }

  /**
   * Puts guest-physical bytes under protection for good.
   * @param kind any number, shown in alarms
   * @throws RangeError outside RAM, or when there are too many ranges
   */
  protect(from: PhysAddr, to: number, kind = 0): void {
    if (this.core.protect(from, to, kind) < 0)
      throw new RangeError(
        `protect: expected bytes of guest RAM, and at most ${LAYOUT.MAX_RANGES} ranges; found 0x${from.toString(16)} to 0x${to.toString(16)}`,
      );
    this.core.note(KIND.FRAMES_PROTECTED, from, to, kind);
  }

  /** Loads a module beside v86, as a VMM would its own: rewritten and verified when IPR is on. @throws ModuleRefused */
  loadExtension(bytes: Uint8Array, name: string): Extension {
    const number = FIRST_EXTENSION + this.#extensions++;
    const offered = { v86: { ...this.vmm.exports, table: this.vmm.table }, ...this.imports };
    let extension: Extension;
    try {
      extension = loadExtension(bytes, { number, name, imports: offered, ipr: this.#ipr }, this);
    } catch (error) {
      if (error instanceof ModuleRefused) this.core.raise(KIND.MODULE_REFUSED, number, 0, -1);
      throw error;
    }
    this.sites.set(number, name, bytes);
    this.core.note(KIND.MODULE_INSTALLED, number, bytes.length, fingerprint(bytes));
    return extension;
  }

  /** What must not change, but by EDM. */
  regions(): readonly Region[] {
    const { base, size } = this.placement;
    const from = (offset: number): number => base + offset;
    return [
      { name: 'ledger', from: from(LAYOUT.LEDGER), to: from(LAYOUT.STATE) },
      { name: 'state', from: from(LAYOUT.STATE), to: from(LAYOUT.LOG) },
      { name: 'log', from: from(LAYOUT.LOG), to: from(LAYOUT.FRAMES) },
      { name: 'frames', from: from(LAYOUT.FRAMES), to: base + size },
    ];
  }

  /** The linear memory. */
  get bytes(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.vmm.memory.buffer);
    return this.#bytes;
  }

  /** The gate as it should be: what a reference copy compares with. */
  gateIntact(): boolean {
    return GATE.every(([name, slot]) => this.#gate.get(slot) === this.core[name]);
  }

  /** Slots of v86's table that hold something else than what was installed there. */
  changedSlots(): readonly number[] {
    return this.#slots.changed();
  }

  instantiated(vmm: InstantiatedVmm): void {
    const start = vmm.memory.grow(ARENA_SIZE / WASM_PAGE) * WASM_PAGE;
    if (start !== ARENA_START)
      throw new Error(
        `v86.wasm: expected its memory to end at ${ARENA_START}, found ${start}; install the pinned version of v86`,
      );
    this.vmm = vmm;
    const { base, size } = this.placement;
    this.core = instantiateCore(this.#assets.core, vmm.memory, vmm.exports, base, (reason, a, b) => {
      this.failure = new EdmFailure(reason, a, b);
      throw this.failure;
    });
    for (const [name, slot] of GATE) this.#gate.set(slot, this.core[name]);
    this.core.initialise(start / PAGE, (start + ARENA_SIZE) / PAGE, size);
    this.log = new AuditLog(
      this.core,
      () => this.bytes,
      base,
      (site) => this.sites.of(site),
      (record) => this.onRecord?.(record),
    );
    this.ledger = new Ledger(() => this.bytes, this.placement);
    this.core.note(KIND.STARTED, this.options.ipr ? 1 : 0, this.options.asr ? 1 : 0, size);
  }

  ramAllocated(base: number, size: number): void {
    this.ledger.ram = { base, size };
    this.core.ramAllocated(base, size);
  }

  created(): void {
    this.#slots = new TableWatch(this.vmm.table);
    this.core.arm(this.#policies);
    this.core.note(KIND.POLICIES_CHANGED, this.#policies, 0, 0);
    this.log.drain();
  }

  compile(module: CompiledModule, imports: WebAssembly.ModuleImports): WebAssembly.ExportValue | undefined {
    const { slot, start, bytes } = module;
    const place = slot + JIT_TABLE_OFFSET;
    if (!(slot >= 0 && place < this.vmm.table.length)) {
      this.core.raise(KIND.SLOT_REFUSED, start, slot, -1);
      return undefined;
    }
    const number = 1 + slot;
    const entry = this.#instantiate(bytes, number, start, imports);
    if (!entry) return undefined;
    this.sites.set(number, `compiled code in slot ${slot}`, bytes);
    if ((this.#policies & POLICY.CODE) !== 0) this.#watchTable();
    this.#slots.installed(place, entry);
    if ((this.#policies & (POLICY.CODE | POLICY.AUDIT)) !== 0)
      this.core.note(KIND.MODULE_INSTALLED, number, start, fingerprint(bytes));
    return entry;
  }

  /** What compiled code imports, with EDM standing in for the slow ways of writes. */
  #slowWays(imports: WebAssembly.ModuleImports): WebAssembly.ModuleImports {
    if (this.#offered?.imports !== imports) {
      const names = Object.values(SLOW_WAYS).flatMap((way) => Object.keys(way));
      const own = Object.fromEntries(names.map((name) => [name, this.core[name] as WebAssembly.ExportValue]));
      this.#offered = { imports, all: { ...imports, ...own } };
    }
    return this.#offered.all;
  }

  /** @returns the entry of compiled code; undefined, with an alarm, when the verifier refuses the code or the engine does */
  #instantiate(
    bytes: Uint8Array,
    number: number,
    start: number,
    imports: WebAssembly.ModuleImports,
  ): WebAssembly.ExportValue | undefined {
    const ipr = this.#ipr;
    try {
      // The bytes are a copy that v86 does not know of: what is verified is what is compiled.
      const code = ipr ? checked(bytes, 'jit', number, `compiled code of 0x${start.toString(16)}`, ipr) : bytes;
      // As v86 emits it, code imports nothing of EDM: what asks the gate bears numbers that the rewriter gave, by which it is found again.
      const edm = code === bytes ? {} : this.imports;
      const offered = ipr ? this.#slowWays(imports) : imports;
      const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code as BufferSource), {
        e: offered,
        ...edm,
      });
      if (typeof exports.f !== 'function') throw new WebAssembly.LinkError('expected a function exported as f');
      return exports.f;
    } catch (error) {
      if (error instanceof EdmFailure) throw error;
      this.core.raise(KIND.MODULE_REFUSED, start, error instanceof ModuleRefused ? error.offset : 0, -1);
      return undefined;
    }
  }

  #watchTable(): void {
    for (const changed of this.#slots.changed()) {
      this.core.raise(KIND.TABLE_CHANGED, changed, 0, -1);
      if (changed < this.vmm.table.length) this.#slots.installed(changed, this.vmm.table.get(changed)); // told once
    }
  }

  deviceWrites(physical: number, length: number): boolean {
    return this.core.deviceWrites(physical, length) !== 0;
  }

  resumed(): void {
    this.core.resumed();
  }

  suspended(): void {
    this.core.suspended();
    this.log.drain();
  }
}
