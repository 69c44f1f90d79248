// Hears of control at CPL 0 that reaches what is the user's: SMEP for pages that CPL 3 may access, and for frames that it may reach otherwise.
import {
  type Access,
  type AccessDecision,
  type Cr3,
  type Frame,
  frameOf,
  type Machine,
  type Subscription,
  type VirtAddr,
  virt,
  x86,
} from '../../emulator/index.ts';
import { CurrentReader } from '../kernel/current.ts';
import { type Identity, IdentityReader } from '../kernel/identity.ts';
import { known, type Parameters } from '../parameters.ts';
import { openGates } from './gates.ts';
import { FrameOwners, type UserMapping } from './owners.ts';
import { findTransfer, type Transfer, type TransferKind } from './transfer.ts';

/** What is done: the guest gets a page fault in place of the user's code, or is let go on. */
export const MODES = ['block', 'report'] as const;
export type Mode = (typeof MODES)[number];

/** Control at CPL 0 that reached what is the user's. */
export interface Violation extends Transfer {
  /** Virtual milliseconds, and instructions since power-on. */
  readonly time: number;
  readonly instructions: number;
  /** What would have been executed, and the frame that it lies in. */
  readonly to: VirtAddr;
  readonly frame: Frame;
  /** The page itself is the user's, or only its frame is: it was reached through a page of the kernel's. */
  readonly target: 'user-page' | 'user-frame';
  /** The user's page that leads there. */
  readonly mapping: UserMapping;
  /** The address space that was current, and whose: what is known of it. */
  readonly space: Cr3;
  readonly process: Identity | undefined;
  readonly blocked: boolean;
}

/** Why nothing is watched. */
export type Blindness = 'no-user-code-yet' | 'kernel-on-user-pages';

const USER = 3;

/** The kernel's segments are not in force yet behind these. */
const GATES: readonly TransferKind[] = ['interrupt', 'call-gate', 'sysenter'];

/** Watches from the first program on: before, there is no user whose code could be reached. */
export class Ret2UserDetector implements Disposable {
  readonly counts = { violations: 0, repeated: 0, released: 0 };
  readonly #machine: Machine;
  readonly #decoder: x86.InstructionDecoder;
  readonly #mode: Mode;
  readonly #tell: (violation: Violation) => void;
  readonly #current: CurrentReader | undefined;
  readonly #identity: IdentityReader;
  readonly #split: number;
  #armed: { readonly owners: FrameOwners; readonly smep: Subscription } | undefined;
  #start: Subscription[] = [];
  #blind: Blindness | undefined;
  /** The violation whose program has not run since: the guest may try the same again and again. */
  #last: { readonly to: VirtAddr; readonly esp: number } | undefined;
  #ended: Subscription | undefined;

  /** @param decoder of `x86.loadDecoder()` */
  constructor(
    machine: Machine,
    decoder: x86.InstructionDecoder,
    parameters: Parameters,
    mode: Mode,
    tell: (violation: Violation) => void,
  ) {
    this.#machine = machine;
    this.#decoder = decoder;
    this.#mode = mode;
    this.#tell = tell;
    const place = known(parameters, 'current');
    this.#current = place && new CurrentReader(machine, place);
    this.#identity = new IdentityReader(machine, parameters);
    this.#split = known(parameters, 'kernelSplit') ?? 0;
    if ((machine.cpu.cr0 & x86.CR0.PG) !== 0) this.#arm();
    else this.#awaitUser();
  }

  /** Why nothing is watched, if that is so. */
  get blind(): Blindness | undefined {
    return this.#blind;
  }

  /** Pages of the user's that were heard of. */
  get pages(): number {
    return this.#armed?.owners.count ?? 0;
  }

  [Symbol.dispose](): void {
    for (const one of this.#start.splice(0)) one[Symbol.dispose]();
    this.#ended?.[Symbol.dispose]();
    this.#disarm();
  }

  #awaitUser(): void {
    this.#blind = 'no-user-code-yet';
    let seen = false;
    this.#start = [
      this.#machine.on('cpl-change', ({ value }) => {
        if (value === USER) seen = true;
      }),
      // To arm flushes the TLB and drops compiled code, which may be running when the event comes.
      this.#machine.afterSlice(() => {
        if (!seen) return;
        for (const one of this.#start.splice(0)) one[Symbol.dispose]();
        this.#arm();
      }),
    ];
  }

  #arm(): void {
    this.#blind = undefined;
    // Where current is found through a segment, this is when the kernel's is in force.
    if (this.#machine.cpu.cpl === 0) this.#current?.inKernel();
    const smep = this.#machine.smep((access) => this.#reached(access));
    this.#armed = { smep, owners: new FrameOwners(this.#machine, smep) };
  }

  #disarm(): void {
    this.#armed?.owners[Symbol.dispose]();
    this.#armed?.smep[Symbol.dispose]();
    this.#armed = undefined;
  }

  #reached(access: Access): AccessDecision {
    if (this.#blind !== undefined || access.address === undefined) return undefined;
    const found = this.#owner(access);
    if (found === undefined) {
      this.counts.released++;
      return undefined;
    }
    if (this.counts.violations === 0 && this.#isOpen()) return undefined;
    const decision = this.#mode === 'report' ? undefined : 'deny';
    if (this.#isRepeated(access.address)) this.counts.repeated++;
    else this.#report(access, found, decision === 'deny');
    return decision;
  }

  /** Whether it is the user's indeed: a frame may have gone back to the kernel since. */
  #owner(access: Access): Pick<Violation, 'target' | 'mapping'> | undefined {
    const address = access.address!;
    const page = this.#machine.memory.walk(address);
    const space = this.#machine.cpu.cr3;
    if (page.kind === 'page' && page.rights.user)
      return { target: 'user-page', mapping: { space, page: pageOf(address), writable: page.rights.writable } };
    const mapping = this.#armed!.owners.owner(frameOf(access.physical));
    return mapping && { target: 'user-frame', mapping };
  }

  /** A kernel that has its own code on pages of the user's can't be told from an attack on it. */
  #isOpen(): boolean {
    const { open, all } = openGates(this.#machine);
    if (open * 2 <= all) return false;
    this.#blind = 'kernel-on-user-pages';
    const end = this.#machine.afterSlice(() => {
      end[Symbol.dispose]();
      this.#disarm();
    });
    return true;
  }

  #isRepeated(to: VirtAddr): boolean {
    const { esp } = this.#machine.cpu;
    const again = this.#last?.to === to && this.#last.esp === esp;
    this.#last = { to, esp };
    this.#ended ??= this.#machine.on('cpl-change', ({ value }) => {
      if (value !== USER) return;
      this.#last = undefined;
      this.#ended?.[Symbol.dispose]();
      this.#ended = undefined;
    });
    return again;
  }

  #report(access: Access, owner: Pick<Violation, 'target' | 'mapping'>, blocked: boolean): void {
    this.counts.violations++;
    const { cpu } = this.#machine;
    const to = access.address!;
    const code = {
      machine: this.#machine,
      decoder: this.#decoder,
      isKernel: (address: VirtAddr) => address >= this.#split && this.#isSupervisorPage(address),
    };
    const transfer = findTransfer(code, to);
    const current = GATES.includes(transfer.kind) ? this.#current?.atBoundary() : this.#current?.inKernel();
    this.#tell({
      ...transfer,
      ...owner,
      ...{
        time: cpu.time,
        instructions: cpu.instructions,
        to,
        frame: frameOf(access.physical),
        space: cpu.cr3,
        blocked,
      },
      process: current === undefined ? undefined : this.#identity.read(current),
    });
  }

  #isSupervisorPage(address: VirtAddr): boolean {
    const page = this.#machine.memory.walk(address);
    return page.kind === 'page' && !page.rights.user;
  }
}

const pageOf = (address: VirtAddr): VirtAddr => virt(address & ~0xfff);
