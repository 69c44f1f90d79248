// Tells incarnations of a CR3 value apart. Source: Jones, Arpaci-Dusseau, "Antfarm: Tracking Processes in a Virtual Machine
// Environment", USENIX 2006, section 3.2: an address space is born when its table is first used, and has died when its user part is empty.
import { type Cr3, cr3 as cr3Of, type Machine } from '../../emulator/index.ts';
import { type OpenAccount, openAccount, type Stamp } from './address-space.ts';
import { TableWatch } from './table-watch.ts';
import { hasUserPage, type TopTable, topTable } from './top-table.ts';

interface Incarnation {
  readonly table: TopTable;
  readonly account: OpenAccount;
  /** Whether its table is watched, as it is from its first user page to its death. */
  watched: boolean;
}

/** The incarnations as plain data, for a snapshot: accounts by their ids. */
export interface SavedLifetimes {
  readonly count: number;
  readonly incarnations: readonly { readonly id: number; readonly table: TopTable; readonly watched: boolean }[];
}

/** What is told about births and deaths. */
export interface LifetimeEvents {
  readonly born: (account: OpenAccount) => void;
  readonly died: (account: OpenAccount) => void;
}

export class Lifetimes implements Disposable {
  readonly #machine: Machine;
  readonly #events: LifetimeEvents;
  readonly #watch: TableWatch;
  /** The youngest incarnation at each physical address of a table. */
  readonly #incarnations = new Map<number, Incarnation>();
  /** Dead ones whose frames are still protected: let go at the next load, when no write is under way. */
  #dead: Incarnation[] = [];
  #count = 0;

  constructor(machine: Machine, events: LifetimeEvents) {
    this.#machine = machine;
    this.#events = events;
    this.#watch = new TableWatch(machine);
  }

  /** CR3 is about to be loaded. @returns the account of the address space that becomes current. */
  load(value: Cr3): OpenAccount {
    const table = topTable(value, this.#machine.cpu.cr4);
    this.#release();
    const known = this.#incarnations.get(table.base);
    const same = known !== undefined && known.table.pae === table.pae;
    if (same && known.watched) return known.account;
    const filled = hasUserPage(this.#machine.memory.wordAt, table);
    // The kernel reloads CR3 to flush the TLB while it takes down a space, and may stay in what is left of it for a while.
    if (same && !filled) return known.account;
    return this.#bear(table, value, filled).account;
  }

  /** The CPU goes to CPL 3 in the current address space. @returns its account, a new one if it had died. */
  enterUser(current: OpenAccount): OpenAccount {
    const { base } = topTable(current.cr3, this.#machine.cpu.cr4);
    const known = this.#incarnations.get(base);
    if (known?.account === current && current.died === undefined) {
      this.#observe(known);
      current.user = true;
      return current;
    }
    const { account } = this.#bear(topTable(current.cr3, this.#machine.cpu.cr4), current.cr3, true);
    account.user = true;
    return account;
  }

  save(): SavedLifetimes {
    const all = [...this.#incarnations.values()];
    return {
      count: this.#count,
      incarnations: all.map(({ table, account, watched }) => ({ id: account.id, table, watched })),
    };
  }

  /** Takes up what `save` gave. @param accounts by their ids. */
  restore({ count, incarnations }: SavedLifetimes, accounts: ReadonlyMap<number, OpenAccount>): void {
    this.#watch[Symbol.dispose]();
    this.#dead = [];
    this.#count = count;
    this.#incarnations.clear();
    for (const { id, table, watched } of incarnations) {
      const incarnation: Incarnation = { table, account: accounts.get(id)!, watched: false };
      this.#incarnations.set(table.base, incarnation);
      if (watched) this.#observe(incarnation);
    }
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]();
  }

  #bear(table: TopTable, value: Cr3, filled: boolean): Incarnation {
    const account = openAccount(++this.#count, cr3Of(value), this.#now());
    const incarnation: Incarnation = { table, account, watched: false };
    this.#incarnations.set(table.base, incarnation);
    if (filled) this.#observe(incarnation);
    this.#events.born(account);
    return incarnation;
  }

  #observe(incarnation: Incarnation): void {
    if (incarnation.watched) return;
    incarnation.watched = true;
    this.#watch.add(incarnation.table, () => {
      if (!incarnation.watched) return;
      incarnation.watched = false;
      incarnation.account.died = this.#now();
      this.#dead.push(incarnation);
      this.#events.died(incarnation.account);
    });
  }

  #release(): void {
    for (const { table } of this.#dead) {
      if (!this.#incarnations.get(table.base)?.watched) this.#watch.remove(table);
    }
    this.#dead = [];
  }

  #now(): Stamp {
    const { instructions, time } = this.#machine.cpu;
    return { instructions, time };
  }
}
