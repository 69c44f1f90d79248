// The address spaces of a guest that nothing is known about: when each is first and last current, what time it takes, how often
// it enters the kernel. Needs no symbol and no offset of the guest: only CR3, CPL and the paging structures that the CPU itself reads.
import type { Machine, Subscription } from '../../emulator/index.ts';
import type { AddressSpace, OpenAccount } from './address-space.ts';
import { Lifetimes, type SavedLifetimes } from './lifetimes.ts';

export type { AddressSpace, KernelEntries, Stamp } from './address-space.ts';

/** CR0.PG: without it CR3 names nothing. */
const CR0_PAGING = 2 ** 31;
const USER_LEVEL = 3;

/** What may be told as it happens. The object is live: its numbers go on changing. */
export interface AddressSpaceListeners {
  readonly born?: (space: AddressSpace) => void;
  readonly died?: (space: AddressSpace) => void;
}

/** What a snapshot of the machine holds of this monitor. */
interface SavedSpaces {
  readonly accounts: readonly OpenAccount[];
  readonly current: number | undefined;
  readonly since: number;
  readonly lifetimes: SavedLifetimes;
}

/** Name of this monitor's state in a snapshot: there is one of it on a machine. */
const STATE_NAME = 'address-spaces';

/**
 * Watches from now on. Spaces that are there already are taken note of when they are next loaded into CR3, as if born then; the one that
 * is current is taken note of at once. On a machine restored from a snapshot that was taken while one of these watched, it goes on from
 * there.
 * @throws Error when the machine has one already.
 * @example
 * using monitor = new AddressSpaces(machine);
 * await machine.run({ until: '# ' });
 * for (const { cr3, entries } of monitor.list()) console.log(cr3.toString(16), entries.syscalls);
 */
export class AddressSpaces implements Disposable {
  readonly #machine: Machine;
  readonly #lifetimes: Lifetimes;
  readonly #subscriptions: readonly Subscription[];
  readonly #kept: Subscription;
  #all: OpenAccount[] = [];
  /** Undefined before paging. */
  #current: OpenAccount | undefined;
  #since = 0;

  constructor(machine: Machine, listeners: AddressSpaceListeners = {}) {
    this.#machine = machine;
    this.#lifetimes = new Lifetimes(machine, {
      born: (account) => {
        this.#all.push(account);
        listeners.born?.(account);
      },
      died: (account) => listeners.died?.(account),
    });
    this.#subscriptions = [...this.#switches(), ...this.#entries()];
    if (machine.cpu.cr0 >= CR0_PAGING) this.#load();
    this.#kept = machine.keep(STATE_NAME, {
      save: () => this.#save(),
      restore: (state) => this.#restore(state as SavedSpaces),
    });
  }

  /** Every address space that was seen, in order of birth, the dead ones and the kernel's own among them. */
  list(): readonly AddressSpace[] {
    this.#settle();
    return this.#all;
  }

  /** How many have been born: where the list goes on. */
  get count(): number {
    return this.#all.length;
  }

  [Symbol.dispose](): void {
    this.#settle();
    for (const one of [...this.#subscriptions, this.#kept]) one[Symbol.dispose]();
    this.#lifetimes[Symbol.dispose]();
  }

  #switches(): Subscription[] {
    return [
      this.#machine.on('cr3-write', (event) => {
        if (event.cpu.cr0 >= CR0_PAGING) this.#load(event.value);
      }),
      this.#machine.on('cr0-write', (event) => {
        if (event.old < CR0_PAGING && event.value >= CR0_PAGING) this.#load();
      }),
    ];
  }

  #entries(): Subscription[] {
    const count = (kind: 'syscalls' | 'interrupts' | 'exceptions') => {
      if (this.#current) this.#current.entries[kind]++;
    };
    return [
      this.#machine.on('syscall', () => count('syscalls')),
      this.#machine.on('interrupt', (event) => {
        if (event.cpl === USER_LEVEL) count('interrupts');
      }),
      this.#machine.on('exception', (event) => {
        if (event.cpl === USER_LEVEL) count('exceptions');
      }),
      this.#machine.on('cpl-change', (event) => {
        const current = this.#current;
        if (!current) return;
        if (event.old === USER_LEVEL) current.entries.all++;
        else if (event.value === USER_LEVEL) this.#enterUser(current);
      }),
    ];
  }

  #save(): SavedSpaces {
    this.#settle();
    const accounts = structuredClone(this.#all);
    return { accounts, current: this.#current?.id, since: this.#since, lifetimes: this.#lifetimes.save() };
  }

  #restore({ accounts, current, since, lifetimes }: SavedSpaces): void {
    // JSON leaves out what is undefined.
    this.#all = structuredClone([...accounts]).map((account) => ({ ...account, died: account.died }));
    const byId = new Map(this.#all.map((account) => [account.id, account]));
    this.#current = current === undefined ? undefined : byId.get(current);
    this.#since = since;
    this.#lifetimes.restore(lifetimes, byId);
  }

  #enterUser(current: OpenAccount): void {
    if (current.user && current.died === undefined) return;
    this.#settle();
    this.#current = this.#lifetimes.enterUser(current);
  }

  #load(value = this.#machine.cpu.cr3): void {
    this.#settle();
    this.#current = this.#lifetimes.load(value);
    this.#current.loads++;
    this.#current.seen = this.#now();
  }

  /** Books what has run since the last time. */
  #settle(): void {
    const now = this.#now();
    if (this.#current) {
      const spent = now.instructions - this.#since;
      this.#current.instructions += spent;
      this.#current.cpuTime += spent / (this.#machine.options.mips * 1000);
      this.#current.seen = now;
    }
    this.#since = now.instructions;
  }

  #now() {
    const { instructions, time } = this.#machine.cpu;
    return { instructions, time };
  }
}
