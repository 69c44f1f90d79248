// Books what each process does, by stretches of the bait: its system calls by number, and its turns on the CPU.
import type { Machine, Subscription, VirtAddr } from '../../emulator/index.ts';
import { IdentityReader } from '../kernel/identity.ts';
import { Switches } from '../kernel/switches.ts';
import { known, type Parameters, type RegisterName } from '../parameters.ts';
import type { Bait } from './bait.ts';
import { CONTROLLER_DATA, CONTROLLER_PORTS } from './controller.ts';
import { KeyCode } from './key-code.ts';

const USER_LEVEL = 3;

/** A process, or all threads of one; without `current`, an address space. */
export interface Unit {
  /** 1 for the first that was seen, and so on. */
  readonly id: number;
  readonly pid: number | undefined;
  readonly parent: number | undefined;
  /** Undefined when the kernel's names are not known. */
  readonly name: string | undefined;
  /** Content of CR3, where that is all that is known. */
  readonly space: number | undefined;
  /** Whether it was seen before the bait was laid. */
  readonly early: boolean;
  /** Whether it makes system calls. One that never does is the kernel's own, or only computes. */
  readonly user: boolean;
  /** By the number of a system call: how often in each stretch. */
  readonly calls: ReadonlyMap<number, Uint32Array>;
  /** The same since the watch began, of its parent, when this one was first seen. */
  readonly parentCalls: ReadonlyMap<number, number>;
  /** Turns on the CPU in each stretch. */
  readonly turns: Uint32Array;
  /** How often it read the keyboard controller itself, at CPL 3. */
  readonly controllerReads: number;
}

type OpenUnit = { -readonly [Field in keyof Unit]: Unit[Field] } & {
  readonly calls: Map<number, Uint32Array>;
  /** By the number of a system call: how often since the watch began. */
  readonly made: Map<number, number>;
};

/** What a thread's structure was last seen to hold. */
interface Known {
  readonly unit: OpenUnit;
  readonly pid: number | undefined;
  /** CR3 at its last system call: another one means that it may have another program. Undefined before the first. */
  space: number | undefined;
}

/** Watches from its construction, books while a bait is laid. */
export class Activity implements Disposable {
  /** What the kernel does in the keyboard's interrupt. */
  readonly code: KeyCode;
  readonly #machine: Machine;
  readonly #identity: IdentityReader;
  readonly #switches: Switches | undefined;
  readonly #numberRegister: RegisterName;
  readonly #subscriptions: Subscription[] = [];
  readonly #threads = new Map<VirtAddr, Known>();
  readonly #units = new Map<string, OpenUnit>();
  readonly #spaces = new Map<number, OpenUnit>();
  /** Who was last seen to have a process id. */
  readonly #byPid = new Map<number, OpenUnit>();
  #bait: Bait | undefined;
  #none = new Uint32Array(0);
  /** System calls and turns that were seen, with or without bait. */
  events = 0;
  /** Bytes that the kernel read from the keyboard controller while the bait was laid. */
  keysRead = 0;

  constructor(machine: Machine, parameters: Parameters) {
    this.#machine = machine;
    this.code = new KeyCode(machine, parameters);
    this.#identity = new IdentityReader(machine, parameters);
    this.#numberRegister = known(parameters, 'systemCallNumber') ?? 'eax';
    if (parameters.current.state === 'known')
      this.#switches = new Switches(machine, parameters, {
        enters: (thread, _instructions, time) => this.#turn(thread, time),
      });
    this.#subscriptions.push(
      machine.on('syscall', ({ cpu }) => this.#call(cpu[this.#numberRegister])),
      machine.on('port-io', ({ port, write, cpl }) => {
        if (!write && CONTROLLER_PORTS.includes(port)) this.#controllerRead(port, cpl);
      }),
    );
  }

  /** Books from now on, what was booked before is dropped. */
  book(bait: Bait): void {
    this.#bait = bait;
    this.#none = new Uint32Array(bait.length);
    this.keysRead = 0;
    this.code.begin();
    for (const unit of this.#all()) {
      unit.calls.clear();
      unit.turns = new Uint32Array(bait.length);
      unit.controllerReads = 0;
      unit.early = true;
    }
  }

  /** Everyone who was seen. */
  units(): readonly Unit[] {
    return [...this.#all()];
  }

  [Symbol.dispose](): void {
    this.code[Symbol.dispose]();
    this.#switches?.[Symbol.dispose]();
    for (const one of this.#subscriptions.splice(0)) one[Symbol.dispose]();
  }

  *#all(): Generator<OpenUnit> {
    yield* this.#units.values();
    yield* this.#spaces.values();
  }

  #call(number: number): void {
    this.events++;
    const { cr3, time } = this.#machine.cpu;
    const unit = this.#running(cr3);
    unit.user = true;
    unit.made.set(number, (unit.made.get(number) ?? 0) + 1);
    const stretch = this.#bait?.stretch(time) ?? -1;
    if (stretch < 0) return;
    let counts = unit.calls.get(number);
    if (!counts) {
      counts = this.#none.slice();
      unit.calls.set(number, counts);
    }
    counts[stretch]!++;
  }

  #turn(thread: VirtAddr, time: number): void {
    this.events++;
    const unit = this.#ofThread(thread);
    const stretch = this.#bait?.stretch(time) ?? -1;
    if (stretch >= 0) unit.turns[stretch]!++;
  }

  #controllerRead(port: number, cpl: number): void {
    if (this.#bait === undefined || this.#bait.stretch(this.#machine.cpu.time) < 0) return;
    if (cpl === USER_LEVEL) this.#running(this.#machine.cpu.cr3).controllerReads++;
    else if (port === CONTROLLER_DATA) this.keysRead++;
  }

  /** Who runs, at CPL 3. */
  #running(space: number): OpenUnit {
    const thread = this.#switches?.running();
    return thread === undefined ? this.#ofSpace(space) : this.#ofThread(thread, space);
  }

  #ofThread(thread: VirtAddr, space?: number): OpenUnit {
    const entry = this.#threads.get(thread);
    const pid = this.#identity.pid(thread);
    if (entry && entry.pid === pid && (space === undefined || space === entry.space)) return entry.unit;
    const { group, name, parent } = this.#identity.read(thread);
    const process = group ?? pid;
    const key = `${process ?? thread}:${name}`;
    const unit = this.#units.get(key) ?? this.#open({ pid: process, parent, name, space: undefined });
    this.#units.set(key, unit);
    this.#threads.set(thread, { unit, pid, space });
    return unit;
  }

  #ofSpace(space: number): OpenUnit {
    let unit = this.#spaces.get(space);
    if (!unit) {
      unit = this.#open({ pid: undefined, parent: undefined, name: undefined, space });
      this.#spaces.set(space, unit);
    }
    return unit;
  }

  #open(who: Pick<Unit, 'pid' | 'parent' | 'name' | 'space'>): OpenUnit {
    const id = this.#units.size + this.#spaces.size + 1;
    const early = this.#bait === undefined;
    const parent = who.parent === undefined ? undefined : this.#byPid.get(who.parent);
    const unit: OpenUnit = {
      ...{ ...who, id, early, user: false, turns: this.#none.slice(), controllerReads: 0 },
      ...{ calls: new Map(), made: new Map(), parentCalls: new Map(parent?.made) },
    };
    if (who.pid !== undefined) this.#byPid.set(who.pid, unit);
    return unit;
  }
}
