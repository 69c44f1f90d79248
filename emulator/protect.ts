// Page protection: a monitor takes R, W or X from a guest-physical frame and hears of each access before it happens.
import type { Access, AccessDecision, AccessHandler, RemovedRights, SmepWatch } from './access.ts';
import { type Frame, frameOf, type PhysAddr, phys, type VirtAddr, virt } from './address.ts';
import { type EventHub, type Subscription, subscription } from './event-hub.ts';
import { InstructionUndo } from './instruction-undo.ts';
import { RightsTable } from './rights-table.ts';
import type { SavedProtection } from './snapshot.ts';
import { DeniedAccess } from './v86/guest-fault.ts';
import type { ProtectedMemory } from './v86/protected-memory.ts';
import { RIGHTS } from './v86/rights.ts';
import { OURS } from './v86/state.ts';
import type { Vmm } from './v86/vmm.ts';

interface Protection {
  readonly bits: number;
  readonly handler: AccessHandler;
  /** The name by which a restored machine finds the handler again. */
  readonly name: string | undefined;
  /** Whether the machine protects for its own needs: whoever needs it protects again after a restore. */
  readonly own: boolean;
}

const bitsOf = (rights: RemovedRights): number =>
  (rights.read ? RIGHTS.noRead : 0) |
  (rights.write ? RIGHTS.noWrite : 0) |
  (rights.execute ? RIGHTS.noExecute : 0) |
  (rights.supervisorExecute ? RIGHTS.noSupervisorExecute : 0);

/** Of a frame that SMEP's watcher owns. */
const OWNED = RIGHTS.userOwned | RIGHTS.noSupervisorExecute;

const EXECUTE = RIGHTS.noExecute | RIGHTS.noSupervisorExecute;

/** Bits of a page fault's error code (SDM vol. 3, 4.7). */
const FAULT = { present: 1, write: 2, user: 4, fetch: 16 } as const;

export class Protections implements ProtectedMemory {
  readonly #vmm: Vmm;
  readonly #hub: EventHub;
  readonly #rights: RightsTable;
  readonly #protections = new Map<Frame, Protection[]>();
  /** Frames with rights removed, with the bits that the rights table has for them. */
  readonly #taken = new Map<Frame, number>();
  #smep: AccessHandler | undefined;
  /** Frames of user pages that were executed at CPL 0 under SMEP's handler. */
  readonly #smepFrames = new Set<Frame>();
  readonly #undo: InstructionUndo;
  /** Virtual page through which each protected frame is being accessed. */
  readonly #pages = new Map<Frame, VirtAddr>();
  #access: { -readonly [Field in keyof Access]: Access[Field] };

  constructor(vmm: Vmm, hub: EventHub) {
    this.#vmm = vmm;
    this.#hub = hub;
    this.#rights = new RightsTable(vmm);
    this.#undo = new InstructionUndo(vmm);
    const { cpu } = vmm;
    const zero = virt(0);
    this.#access = {
      ...{ kind: 'read', by: 'cpu', address: zero, physical: phys(0), size: 0, value: undefined, eip: zero, cpl: 0 },
      cpu,
    };
    vmm.protectedMemory = this;
  }

  /**
   * Takes rights from a frame. Several protections of one frame take what any of them takes, and each hears of what it took.
   * @throws RangeError for a frame outside RAM, or when no right is taken.
   */
  protect(
    frame: Frame,
    removed: RemovedRights,
    handler: AccessHandler,
    options: { readonly name?: string; readonly own?: boolean } = {},
  ): Subscription {
    this.#requireRam(frame);
    const bits = bitsOf(removed);
    if (bits === 0)
      throw new RangeError('rights: expected at least one of read, write, execute, supervisorExecute to be true');
    const protection: Protection = { bits, handler, name: options.name, own: options.own ?? false };
    this.#change(frame, [...(this.#protections.get(frame) ?? []), protection]);
    return subscription(() => {
      this.#change(
        frame,
        this.#protections.get(frame)!.filter((other) => other !== protection),
      );
    });
  }

  /**
   * Takes execution at CPL 0 from every page that CPL 3 may access, as SMEP does. One handler at a time. The page fault of what is denied
   * says that it is of a fetch (SDM vol. 3, 4.7); that of a frame that is only owned does not, since without SMEP it would not.
   * @throws Error when there is one already.
   */
  smep(handler: AccessHandler): SmepWatch {
    if (this.#smep) throw new Error('smep: a handler is set already; dispose of it first');
    const set = (value: AccessHandler | undefined): void => {
      this.#smep = value;
      this.#installHooks();
      this.#flush();
    };
    // Compiled code is entered without a fetch, and none tells which of it is a user page's that was executed at CPL 0.
    this.#vmm.jit.clear();
    set(handler);
    const end = subscription(() => {
      const frames = [...this.#smepFrames];
      this.#smepFrames.clear();
      for (const frame of frames) this.#chooseInterpreter(frame);
      this.#disownAll();
      set(undefined);
    });
    return {
      own: (frame) => this.#own(frame),
      disown: (frame) => this.#disown(frame),
      [Symbol.dispose]: () => end[Symbol.dispose](),
    };
  }

  #own(frame: Frame): void {
    this.#requireRam(frame);
    const bits = this.#rights.get(frame);
    if ((bits & RIGHTS.userOwned) !== 0) return;
    this.#rights.set(frame, bits | OWNED);
    // The kernel may have run there: its compiled code would be entered without a fetch. What is compiled from now on was fetched at its CPL.
    this.#vmm.jit.forget(frame);
  }

  #disown(frame: Frame): void {
    this.#requireRam(frame);
    if ((this.#rights.get(frame) & RIGHTS.userOwned) === 0) return;
    this.#rights.set(frame, this.#taken.get(frame) ?? 0);
    if (this.#smepFrames.delete(frame)) this.#chooseInterpreter(frame);
  }

  #disownAll(): void {
    for (let frame = 0; frame < this.#rights.frames; frame++) this.#disown(frame as Frame);
  }

  #requireRam(frame: Frame): void {
    if (Number.isInteger(frame) && frame >= 0 && frame < this.#rights.frames) return;
    throw new RangeError(`frame: expected a frame of RAM, 0 to ${this.#rights.frames - 1}; found ${frame}`);
  }

  /** A device is about to write RAM. */
  deviceWrites(address: number, length: number): void {
    if (this.#protections.size === 0 || length <= 0) return;
    const last = frameOf(phys(address + length - 1));
    for (let frame = frameOf(phys(address)); frame <= last; frame = (frame + 1) as Frame) {
      if (!this.#protections.has(frame)) continue;
      const from = phys(Math.max(address, frame * 4096));
      const access = this.#access;
      Object.assign(access, { kind: 'write', by: 'device', address: undefined, physical: from, value: undefined });
      access.size = Math.min(address + length, (frame + 1) * 4096) - from;
      if (this.#ask(frame, RIGHTS.noWrite) !== undefined) this.#vmm.requestStop();
    }
  }

  covers(physical: number): boolean {
    const frame = (physical >>> 12) as Frame;
    return frame < this.#rights.frames && (this.#rights.get(frame) & (RIGHTS.noRead | RIGHTS.noWrite)) !== 0;
  }

  read(physical: number, size: 1 | 4): number {
    this.#decide('read', RIGHTS.noRead, physical, size, undefined);
    const from = this.#vmm.ramBase + physical;
    const copy = this.#vmm.memory.bytes.slice(from, from + size);
    this.onRead?.(phys(physical), copy);
    return size === 1 ? copy[0]! : copy[0]! | (copy[1]! << 8) | (copy[2]! << 16) | (copy[3]! << 24);
  }

  write(physical: number, size: 1 | 2 | 4 | 8 | 16, values: readonly number[]): void {
    this.#decide('write', RIGHTS.noWrite, physical, size, values);
    const { exports, memory, ramBase } = this.#vmm;
    exports.jit_dirty_cache!(physical, physical + size);
    this.#undo.overwrites(phys(physical), size);
    for (let i = 0; i < size; i++) memory.bytes[ramBase + physical + i] = values[i >> 2]! >>> (8 * (i & 3));
    this.onWritten?.(phys(physical), size);
  }

  /** Shown what a guest reads of a protected frame, on its way to the guest. */
  onRead: ((address: PhysAddr, copy: Uint8Array) => void) | undefined;

  /** Told when a guest's write to a protected frame has happened. */
  onWritten: ((address: PhysAddr, size: number) => void) | undefined;

  #decide(kind: 'read' | 'write', right: number, physical: number, size: number, value: readonly number[] | undefined) {
    const frame = frameOf(phys(physical));
    if ((this.#rights.get(frame) & right) === 0) return;
    const page = this.#pages.get(frame) ?? virt(0);
    const address = virt(page | (physical & 0xfff));
    this.#describe(kind, address, physical, size, value);
    if (this.#ask(frame, right) !== 'deny') return;
    const code = FAULT.present | (kind === 'write' ? FAULT.write : 0) | (this.#access.cpl === 3 ? FAULT.user : 0);
    throw new DeniedAccess(address, code, this.#undo.takeBack(address, kind === 'write'));
  }

  #describe(kind: Access['kind'], address: VirtAddr, physical: number, size: number, value?: readonly number[]): void {
    const access = this.#access;
    const { cpu } = this.#vmm;
    access.kind = kind;
    access.by = 'cpu';
    access.address = address;
    access.physical = phys(physical);
    access.size = size;
    access.value = value;
    access.eip = cpu.previousEip;
    access.cpl = cpu.cpl;
  }

  /** Asks every protection of the frame that took the right. */
  #ask(frame: Frame, right: number): AccessDecision {
    let decision: AccessDecision;
    for (const { bits, handler } of this.#protections.get(frame) ?? []) {
      if ((bits & right) === 0) continue;
      decision = this.#combine(decision, handler);
    }
    return decision;
  }

  #combine(decision: AccessDecision, handler: AccessHandler): AccessDecision {
    const one = this.#hub.guarded(() => handler(this.#access), undefined);
    if (one === 'stop') this.#vmm.requestStop();
    return decision === 'deny' ? 'deny' : (one ?? decision);
  }

  /** The guard service: a walk found a protected frame, and the interpreter is about to access it. */
  readonly #guard = (address: number, writing: number, frame: number): number => {
    this.#pages.set(frame as Frame, virt(address & ~0xfff));
    this.#undo.accesses(virt(address), writing !== 0);
    return 0;
  };

  /** The fetch service: the interpreter enters a page that may not be executed. */
  readonly #fetch = (eip: number, physical: number, bits: number): number => {
    const frame = frameOf(phys(physical));
    this.#describe('execute', virt(eip), physical, 1);
    const supervisor = this.#access.cpl === 0;
    const rights = bits & (supervisor ? EXECUTE : RIGHTS.noExecute);
    let decision = rights === 0 ? undefined : this.#ask(frame, rights);
    let fetchFault = 0;
    const userPage = this.#vmm.isUserPage(virt(eip));
    if (this.#smep && supervisor && (userPage || (bits & RIGHTS.userOwned) !== 0)) {
      if (!this.#smepFrames.has(frame)) {
        this.#smepFrames.add(frame);
        this.#chooseInterpreter(frame);
      }
      // The handler may disown the frame.
      decision = this.#combine(decision, this.#smep);
      if (userPage) fetchFault = FAULT.fetch;
    }
    if (decision === 'deny') throw new DeniedAccess(virt(eip), FAULT.present | (supervisor ? fetchFault : FAULT.user));
    return 0;
  };

  /** What a snapshot keeps: protections that others asked for. The rights table is part of the memory image. */
  save(): SavedProtection[] {
    return [...this.#protections].flatMap(([frame, protections]) =>
      protections
        .filter(({ own }) => !own)
        .map(({ bits, name }) => ({ frame, bits, ...(name === undefined ? {} : { name }) })),
    );
  }

  /** Takes up what a snapshot kept, in a machine whose memory image has been put back. Nothing is flushed: the guest must not notice. */
  restore(saved: readonly SavedProtection[], handlers: Readonly<Record<string, AccessHandler>>): void {
    this.#protections.clear();
    this.#taken.clear();
    const unowned = new Map<number, number>();
    for (const { frame, bits } of saved)
      unowned.set(frame, (unowned.get(frame) ?? 0) | (bits & RIGHTS.noSupervisorExecute));
    for (let frame = 0; frame < this.#rights.frames; frame++) {
      let bits = this.#rights.get(frame as Frame);
      if ((bits & RIGHTS.userOwned) !== 0) {
        // Who owned it for SMEP is not there any more, or will say so again.
        bits = (bits & ~OWNED) | (unowned.get(frame) ?? 0);
        this.#rights.set(frame as Frame, bits);
      }
      if (bits !== 0) this.#taken.set(frame as Frame, bits);
    }
    for (const { frame, bits, name } of saved) {
      const handler = (name === undefined ? undefined : handlers[name]) ?? (() => undefined);
      const protection: Protection = { bits, handler, name, own: false };
      this.#protections.set(frame as Frame, [...(this.#protections.get(frame as Frame) ?? []), protection]);
    }
    for (const [frame, bits] of this.#taken) if ((bits & EXECUTE) !== 0) this.#vmm.jit.interpretedFrames.add(frame);
    this.#installHooks();
  }

  #change(frame: Frame, protections: Protection[]): void {
    if (protections.length > 0) this.#protections.set(frame, protections);
    else this.#protections.delete(frame);
    const bits = protections.reduce((all, one) => all | one.bits, 0);
    if (bits === (this.#taken.get(frame) ?? 0)) return;
    if (bits === 0) this.#taken.delete(frame);
    else this.#taken.set(frame, bits);
    this.#rights.set(frame, bits | ((this.#rights.get(frame) & RIGHTS.userOwned) !== 0 ? OWNED : 0));
    this.#chooseInterpreter(frame);
    this.#installHooks();
    this.#flush();
  }

  /** Compiled code is entered without a fetch: code of a frame whose executions are heard of must stay with the interpreter. */
  #chooseInterpreter(frame: Frame): void {
    const { jit } = this.#vmm;
    if (((this.#taken.get(frame) ?? 0) & EXECUTE) !== 0 || this.#smepFrames.has(frame))
      jit.interpretedFrames.add(frame);
    else jit.interpretedFrames.delete(frame);
    jit.forget(frame);
  }

  #installHooks(): void {
    const { hooks, memory } = this.#vmm;
    let all = 0;
    for (const bits of this.#taken.values()) all |= bits;
    if ((all & (RIGHTS.noRead | RIGHTS.noWrite)) !== 0) hooks.set('guard', this.#guard);
    else hooks.clear('guard');
    // A frame without R is fetched through its alias, which the fetch hook maps back.
    if ((all & (EXECUTE | RIGHTS.noRead)) !== 0 || this.#smep) hooks.set('fetch', this.#fetch);
    else hooks.clear('fetch');
    memory.setWord(OURS.smep, this.#smep ? 1 : 0);
  }

  /** Translations made before a change must not outlive it. */
  #flush(): void {
    this.#vmm.hooks.muted(() => this.#vmm.exports.full_clear_tlb!());
  }
}
