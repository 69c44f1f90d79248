// Calls to make a process and to replace a program, from where they enter the kernel to where they return: only then it is known what came of them.
import { type Machine, type VirtAddr, wasm } from '../../emulator/index.ts';
import { pathAt } from './calls.ts';
import { EVENT, Filter, LEVEL } from './filter.ts';
import type { OpenRecord } from './thread-record.ts';

const { i32And, i32Const, i32Eq, i32Ne } = wasm.assembler;

/** Returns to programs, while calls are awaited. */
const AWAITED_RETURN = wasm.code(LEVEL, i32Const(0), i32Ne, EVENT.b, i32Const(3), i32Eq, i32And);

/** Most creators that are remembered of children that had no turn yet. */
const MOST_HINTS = 4096;

/** Who is asked, and told. */
export interface CallParty {
  /** The thread that the kernel takes for the running one now. */
  caller(): OpenRecord | undefined;
  /** The thread that has the CPU by the switches seen until now: while a space is left, the kernel may name another already. */
  running(): OpenRecord | undefined;
  /** A program was replaced: the thread has another space. */
  executed(thread: OpenRecord, path: string | undefined): void;
}

/** Calls that have not returned. What each thread awaits is in its record. */
export class PendingCalls implements Disposable {
  readonly #machine: Machine;
  readonly #party: CallParty;
  /** To filter all returns costs less than to begin and end listening with each call. */
  readonly #returns: Filter;
  /** Departures from address spaces, while programs are being replaced. */
  readonly #departures: Filter;
  #creating = 0;
  #replacing = 0;
  /** Who made the process with an id, by what a call to create returned. */
  readonly #creators = new Map<number, number>();

  constructor(machine: Machine, party: CallParty) {
    this.#machine = machine;
    this.#party = party;
    this.#returns = new Filter(machine, 'cpl-change', AWAITED_RETURN, () => this.#returned());
    this.#departures = new Filter(machine, 'cr3-write', LEVEL, () => this.#leaves(party.running(), machine.cpu.cr3));
  }

  /** Whether somebody is making a process or thread. */
  get creating(): boolean {
    return this.#creating > 0;
  }

  /** Who made the process with an id, if that is known; told once. */
  takeCreator(pid: number | undefined): number | undefined {
    const creator = pid === undefined ? undefined : this.#creators.get(pid);
    if (creator !== undefined) this.#creators.delete(pid!);
    return creator;
  }

  creates(thread: OpenRecord): void {
    if (thread.creating) return;
    thread.creating = true;
    this.#creating++;
    this.#await();
  }

  /** @param path where the call says that the path is */
  replaces(thread: OpenRecord, path: VirtAddr | undefined): void {
    if (!thread.executing) this.#replacing++;
    this.#await();
    thread.executing = { path: pathAt(this.#machine, path), at: path, space: this.#machine.cpu.cr3 };
  }

  /** No call of the thread's will return. */
  drop(thread: OpenRecord): void {
    if (thread.executing) this.#endExecuting(thread);
    if (thread.creating) this.#endCreating(thread);
  }

  [Symbol.dispose](): void {
    this.#returns[Symbol.dispose]();
    this.#departures[Symbol.dispose]();
  }

  #endExecuting(thread: OpenRecord): void {
    thread.executing = undefined;
    this.#replacing--;
    this.#await();
  }

  #endCreating(thread: OpenRecord): void {
    thread.creating = false;
    this.#creating--;
    this.#await();
  }

  #await(): void {
    this.#returns.level = this.#creating + this.#replacing;
    this.#departures.level = this.#replacing;
  }

  /** A path may lie in a page that was not in memory when the call was made; the kernel has fetched it when it leaves the space. */
  #leaves(thread: OpenRecord | undefined, space: number): void {
    const executing = thread?.executing;
    if (executing && executing.path === undefined && executing.space === space)
      executing.path = pathAt(this.#machine, executing.at);
  }

  #returned(): void {
    const thread = this.#party.caller();
    if (!thread) return;
    const { executing } = thread;
    if (executing) {
      this.#endExecuting(thread);
      if (executing.space !== this.#machine.cpu.cr3) this.#party.executed(thread, executing.path);
    }
    if (thread.creating) {
      this.#endCreating(thread);
      const child = this.#machine.cpu.eax;
      if (child > 0 && child < 2 ** 31 && thread.group !== undefined && this.#creators.size < MOST_HINTS)
        this.#creators.set(child, thread.group);
    }
  }
}
