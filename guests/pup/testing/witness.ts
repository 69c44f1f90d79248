// What the machine's hooks say that a pup did, in the terms of the kernel's own truth, so that both can be compared. Events are
// attributed to address spaces by CR3; only which process an address space belongs to is asked of the kernel, by probes on the
// three functions where processes begin, change their program and end.
import { type EventMap, type Machine, phys, virt } from '../../../emulator/index.ts';
import type { PupOptions } from '../options.ts';
import { numberIn, type PupRecord, type TruthSnapshot } from '../records.ts';
import type { SymbolMap } from '../symbols.ts';

/** Counts by number: of vectors, or of system calls. */
type Counts = Readonly<Record<number, number>>;

/** What a process did. */
export interface ProcessAccount {
  readonly pid: number;
  readonly syscalls: number;
  readonly faults: number;
  /** Timer interrupts while it was current. */
  readonly ticks: number;
}

/** What happened from power-on to the instant of a `truth` command. */
export interface Account {
  /** Entries through the IDT. */
  readonly vectors: Counts;
  readonly syscalls: number;
  /** System calls by the way into the kernel. */
  readonly gates: Readonly<Record<SyscallGate, number>>;
  /** System calls by number; those that do not exist are all counted under -1. */
  readonly calls: Counts;
  readonly forks: number;
  readonly threads: number;
  readonly execs: number;
  readonly exits: number;
  readonly switches: number;
  readonly cr3: number;
  readonly faults: number;
  readonly living: readonly ProcessAccount[];
  readonly ended: readonly ProcessAccount[];
}

type SyscallGate = EventMap['syscall']['gate'];

/** The gate of each variant. */
const GATES = { int80: 'int', int2e: 'int', sysenter: 'sysenter', callgate: 'call-gate' } as const;

/**
 * What the kernel told, in the form of an account.
 * @param options that the kernel was built with: it counts system calls, whatever its gate
 */
export function toldAccount(snapshot: TruthSnapshot, options: PupOptions): Account {
  const records = (kind: string) => snapshot.get(kind) ?? [];
  const total = (field: string) => numberIn(records('total')[0]!, field);
  const counts = (kind: string) =>
    Object.fromEntries(records(kind).map((record) => [numberIn(record, 'n'), numberIn(record, 'count')]));
  const accounts = (list: readonly PupRecord[]) =>
    list.map((record) => ({
      pid: numberIn(record, 'pid'),
      syscalls: numberIn(record, 'syscalls'),
      faults: numberIn(record, 'faults'),
      ticks: numberIn(record, 'ticks'),
    }));
  const bad = total('bad');
  return {
    vectors: counts('vector'),
    syscalls: total('syscalls'),
    gates: { ...NO_CALLS, [GATES[options.syscall]]: total('syscalls') },
    calls: { ...counts('call'), ...(bad > 0 ? { [UNKNOWN_CALL]: bad } : {}) },
    forks: total('forks'),
    threads: total('threads'),
    execs: total('execs'),
    exits: total('exits'),
    switches: total('switches'),
    cr3: total('cr3'),
    faults: total('faults'),
    // A zombie has ended and is told of twice.
    living: accounts(records('process').filter((record) => numberIn(record, 'zombie') === 0)),
    ended: accounts(records('ended')),
  };
}

const UNKNOWN_CALL = -1;
const NO_CALLS = { int: 0, sysenter: 0, 'call-gate': 0 } as const;
const POINTER_SIZE = 4;
const TIMER_VECTOR = 0x20;
const USER_LEVEL = 3;
/** Gates that the exploits `ret2usr idt` and `ret2usr gdt` make themselves: they lead to a payload, so the kernel counts no call. */
const STOLEN = { vector: 0x42, selector: 0x43 };
/** Where CALL ptr16:32 has its selector, in bytes from its start. */
const SELECTOR_OFFSET = 5;

type OpenAccount = { -readonly [Field in keyof ProcessAccount]: ProcessAccount[Field] };

/** Watches a machine from before its first instruction. */
export class Witness {
  /** What had happened at each `truth` command. */
  readonly accounts: Account[] = [];
  /** Calls through gates that exploits made, by the kind of gate. */
  readonly stolen: Record<SyscallGate, number> = { ...NO_CALLS };
  /** Executions of INT n by programs, by vector, that no gate admitted: they end as general protection faults. */
  readonly refused: Record<number, number> = {};
  readonly #machine: Machine;
  readonly #map: SymbolMap;
  readonly #vectors: Record<number, number> = {};
  readonly #gates: Record<SyscallGate, number> = { ...NO_CALLS };
  readonly #calls: Record<number, number> = {};
  readonly #totals = { syscalls: 0, forks: 0, threads: 0, execs: 0, switches: 0, cr3: 0, faults: 0 };
  /** The process that each address space belongs to, by CR3. */
  readonly #owners = new Map<number, OpenAccount>();
  readonly #living = new Map<number, OpenAccount>();
  readonly #ended: OpenAccount[] = [];
  /** Tasks that were started: the first process, forks and threads. */
  #started = 0;

  /**
   * @param machine that stands before its first instruction
   * @param map of the kernel that it is about to boot
   */
  constructor(machine: Machine, map: SymbolMap) {
    this.#machine = machine;
    this.#map = map;
    this.#watchEvents();
    this.#watchProcesses();
  }

  #watchEvents(): void {
    const machine = this.#machine;
    const totals = this.#totals;
    const callCount = this.#map.symbols.system_calls!.size / POINTER_SIZE;
    machine.on('exception', ({ vector }) => this.#enter(vector));
    machine.on('interrupt', ({ vector, cr3 }) => {
      this.#enter(vector);
      const owner = this.#owners.get(cr3);
      if (owner && vector === TIMER_VECTOR) owner.ticks++;
    });
    machine.on('software-interrupt', ({ vector, cpl }) => {
      if (cpl < USER_LEVEL) this.#enter(vector);
      // Until the system call that comes of it, if one does.
      else add(this.refused, vector);
    });
    machine.on('syscall', ({ gate, vector, number, cr3, eip }) => {
      if (gate === 'int' && --this.refused[vector]! === 0) delete this.refused[vector];
      const selector = gate === 'call-gate' ? this.#word(eip + SELECTOR_OFFSET) & 0xffff : 0;
      if (vector === STOLEN.vector || selector === STOLEN.selector) {
        this.stolen[gate]++;
        return;
      }
      if (gate === 'int') this.#enter(vector);
      this.#gates[gate]++;
      totals.syscalls++;
      add(this.#calls, number < callCount ? number : UNKNOWN_CALL);
      const owner = this.#owners.get(cr3);
      if (owner) owner.syscalls++;
    });
    machine.on('page-fault', ({ cr3 }) => {
      totals.faults++;
      const owner = this.#owners.get(cr3);
      if (owner) owner.faults++;
    });
    machine.on('cr3-write', () => void totals.cr3++);
    if (this.#map.options.switch === 'tss') {
      machine.on('task-register', ({ cause }) => {
        if (cause === 'task-switch') totals.switches++;
      });
    } else {
      // Each task has a kernel stack of its own.
      machine.on('tss-esp0', () => void totals.switches++);
    }
    machine.on('serial-output', () => {
      if (machine.console.text.endsWith('\n@truth begin')) this.accounts.push(this.#account());
    });
  }

  #watchProcesses(): void {
    const pid = (process: number) => this.#field(process, 'process.pid');
    const space = (process: number) => this.#field(process, 'process.cr3');
    this.#probe('truth_forked', (_parent, child) => {
      this.#totals.forks++;
      this.#begin(pid(child), space(child));
    });
    this.#probe('truth_executed', (process) => {
      this.#totals.execs++;
      const account = this.#living.get(pid(process));
      if (account === undefined) this.#begin(pid(process), space(process));
      else this.#own(account, space(process));
    });
    this.#probe('truth_exited', (process) => {
      const account = this.#living.get(pid(process))!;
      this.#living.delete(account.pid);
      this.#ended.push(account);
    });
    this.#probe('task_start', () => void this.#started++);
  }

  #begin(pid: number, cr3: number): void {
    const account = { pid, syscalls: 0, faults: 0, ticks: 0 };
    this.#living.set(pid, account);
    this.#own(account, cr3);
  }

  #own(account: OpenAccount, cr3: number): void {
    for (const [other, owner] of this.#owners) if (owner === account) this.#owners.delete(other);
    this.#owners.set(cr3, account);
  }

  /** Calls a listener with the first two arguments of a kernel function, whenever the kernel calls it. */
  #probe(symbol: string, listener: (first: number, second: number) => void): void {
    const { address } = this.#map.symbols[symbol]!;
    // Paging is off yet; later the kernel has all RAM at the start of its half.
    this.#machine.probe({ physical: phys(address - this.#map.options.split * 2 ** 30) }, ({ cpu }) => {
      listener(this.#word(cpu.esp + 4), this.#word(cpu.esp + 8));
    });
  }

  #field(process: number, name: string): number {
    return this.#word(process + this.#map.offsets[name]!);
  }

  #word(address: number): number {
    return this.#machine.memory.readWord(virt(address))!;
  }

  #enter(vector: number): void {
    add(this.#vectors, vector);
  }

  #account(): Account {
    const copies = (accounts: Iterable<OpenAccount>) => [...accounts].map((account) => ({ ...account }));
    return {
      ...this.#totals,
      threads: this.#started - this.#totals.forks - 1,
      vectors: { ...this.#vectors },
      gates: { ...this.#gates },
      calls: { ...this.#calls },
      exits: this.#ended.length,
      living: copies(this.#living.values()),
      ended: copies(this.#ended),
    };
  }
}

function add(counts: Record<number, number>, key: number): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
