// Traces the threads and processes of a guest from outside: creation, execution of programs, end, and turns on the CPU.
// Sources: Estrada et al. 2017, the guest OS process tracer; Pham et al., "Reliability and Security Monitoring of Virtual Machines Using
// Hardware Architectural Invariants", DSN 2014, for switches as the root of trust: whoever runs is seen, whatever lists say.
import type { Machine, Subscription, VirtAddr } from '../../emulator/index.ts';
import { IdentityReader } from '../kernel/identity.ts';
import { KernelMemory } from '../kernel/kernel-memory.ts';
import { Switches, type SwitchListener } from '../kernel/switches.ts';
import { known, type Parameters } from '../parameters.ts';
import { type CallPurpose, watchCalls } from './calls.ts';
import { type EndingPlace, Endings } from './endings.ts';
import { PendingCalls } from './pending-calls.ts';
import { SwitchNotes } from './switch-notes.ts';
import type { OpenRecord, Process, Stamp, ThreadRecord } from './thread-record.ts';
import { Turns } from './turns.ts';

/** What may be told as it happens. Records are live: their numbers go on changing. */
export interface TracerListeners {
  /** A thread had the first turn that was seen. Its `created` is undefined where it may have been there before. */
  readonly created?: (thread: ThreadRecord) => void;
  /** A thread runs another program now. */
  readonly executed?: (thread: ThreadRecord, at: Stamp) => void;
  /** A thread had its last turn. @param last whether no other thread of its process is known to live */
  readonly ended?: (thread: ThreadRecord, last: boolean) => void;
  /** A thread has got the CPU. */
  readonly switched?: (thread: ThreadRecord, at: Stamp) => void;
}

/** Watches from now on, by what is known of the kernel; `current` must be. */
export class Tracer implements Disposable {
  readonly #counts = { seen: 0, created: 0, executed: 0, ended: 0, switched: 0 };
  readonly #turns = new Turns();
  readonly #machine: Machine;
  readonly #memory: KernelMemory;
  readonly #listeners: TracerListeners;
  readonly #identity: IdentityReader;
  readonly #switches: Switches;
  /** Unless somebody wants to hear of each switch as it happens. */
  #notes: SwitchNotes | undefined;
  readonly #endings: Endings;
  readonly #calls: Subscription | undefined;
  readonly #pending: PendingCalls;
  readonly #all: OpenRecord[] = [];
  /** The youngest thread with a structure at that address, as a signed number: V8 keeps those unboxed. */
  readonly #byStructure = new Map<number, OpenRecord>();
  /** By the id; one that is used again goes on with the same. */
  readonly #processes = new Map<number, Process>();
  #running: OpenRecord | undefined;
  /** Where departures are that are not noted. */
  #notedBut: EndingPlace | undefined;
  #since: number;

  constructor(machine: Machine, parameters: Parameters, listeners: TracerListeners = {}) {
    this.#machine = machine;
    this.#memory = KernelMemory.of(machine);
    this.#listeners = listeners;
    this.#identity = new IdentityReader(machine, parameters);
    this.#endings = new Endings(machine, known(parameters, 'kernelText'));
    this.#since = machine.cpu.instructions;
    const noted = (heard: () => void) => (this.#notes = new SwitchNotes(machine, parameters, heard));
    const switches: SwitchListener = {
      leaves: () => this.#leaves(),
      enters: (thread, instructions, time, noted) => this.#enters(thread, instructions, time, noted),
    };
    this.#switches = new Switches(machine, parameters, switches, listeners.switched ? undefined : noted);
    this.#pending = new PendingCalls(machine, {
      caller: () => this.#caller(),
      running: () => {
        this.#switches.settle();
        return this.#running;
      },
      executed: (thread, path) => this.#executed(thread, path),
    });
    this.#calls = watchCalls(machine, parameters, (purpose, path) => this.#called(purpose, path));
  }

  /** How switches are heard of. */
  get source(): Switches['source'] {
    return this.#switches.source;
  }

  /** The place by which last departures are known, once it is. */
  get endingPlace(): Endings['place'] {
    return this.#endings.place;
  }

  /** Events of each sort so far. */
  get counts(): Readonly<Record<'seen' | 'created' | 'executed' | 'ended' | 'switched', number>> {
    this.#switches.settle();
    return this.#counts;
  }

  /** Who had the CPU when. */
  get turns(): Turns {
    this.#switches.settle();
    return this.#turns;
  }

  /** All threads that were seen, in order of their first turn. */
  list(): readonly ThreadRecord[] {
    this.#switches.settle();
    this.#settle(this.#machine.cpu.instructions);
    // Too few have ended to know the place: those that called to end, and went, are taken at their word.
    if (!this.#endings.place)
      for (const one of this.#all) if (one.ending && one !== this.#running) this.#end(one, one.ending);
    return this.#all;
  }

  /** Those that live. */
  living(): readonly ThreadRecord[] {
    return this.list().filter(({ ended }) => ended === undefined);
  }

  [Symbol.dispose](): void {
    this.#switches.settle();
    this.#settle(this.#machine.cpu.instructions);
    this.#switches[Symbol.dispose]();
    this.#notes?.[Symbol.dispose]();
    this.#calls?.[Symbol.dispose]();
    this.#pending[Symbol.dispose]();
  }

  #now(): Stamp {
    const { instructions, time } = this.#machine.cpu;
    return { instructions, time };
  }

  /** Books what has run until an instant. */
  #settle(until: number): void {
    const spent = until - this.#since;
    if (this.#running && spent > 0) {
      this.#running.instructions += spent;
      this.#running.cpuTime += spent / (this.#machine.options.mips * 1000);
    }
    this.#since = until;
  }

  #leaves(): void {
    const thread = this.#running;
    if (!thread) return;
    const last = this.#endings.leaves(thread.id, thread.ending !== undefined);
    if (last) this.#end(thread, this.#now());
    else if (thread.ending) for (const id of this.#endings.learn()) this.#end(this.#all[id - 1]!, undefined);
    this.#noteFromNowOn();
  }

  #enters(structure: VirtAddr, instructions: number, time: number, noted: boolean): void {
    this.#settle(instructions);
    const known = noted ? this.#byStructure.get(structure | 0) : undefined;
    const thread = known ?? this.#recordOf(structure, instructions, time);
    this.#running = thread;
    thread.turns++;
    this.#turns.add(thread.id, time);
    this.#counts.switched++;
    this.#listeners.switched?.(thread, { instructions, time });
  }

  /** Departures can be told from last ones, or no more. */
  #noteFromNowOn(): void {
    const place = this.#memory.hides ? undefined : this.#endings.place;
    if (place === this.#notedBut) return;
    this.#notedBut = place;
    this.#notes?.except(place);
  }

  #recordOf(structure: VirtAddr, instructions: number, time: number): OpenRecord {
    const known = this.#byStructure.get(structure | 0);
    if (!known) return this.#open(structure, { instructions, time });
    const pid = this.#identity.pid(structure);
    if (pid === known.pid) {
      if (known.ended && this.#endings.place) this.#revive(known);
      if (!known.ended) this.#notes?.admit(structure, pid);
      return known;
    }
    if (known.executing && known.ended === undefined) {
      // The program of a process with several threads is replaced by one that is not the first: it takes that one's id.
      known.pid = pid;
      known.thread = false;
      return known;
    }
    // The kernel has used the structure again: its old owner's end was not seen.
    this.#end(known, undefined);
    return this.#open(structure, { instructions, time });
  }

  #open(structure: VirtAddr, at: Stamp): OpenRecord {
    const { pid, group, name, parent } = this.#identity.read(structure);
    const mate = this.#firstOf(pid);
    const creator = this.#pending.takeCreator(pid);
    // One that nobody is known to have made may have been there before, unless its maker was not.
    const older = this.#firstOf((group ?? pid) === pid ? parent : group);
    const fresh =
      creator !== undefined ||
      this.#pending.creating ||
      this.#byStructure.has(structure | 0) ||
      older?.created !== undefined;
    // One literal without spreads: workloads of many short processes make records often.
    const record: OpenRecord = {
      id: this.#all.length + 1,
      structure,
      pid,
      group: group ?? pid,
      thread: group === undefined ? mate !== undefined && !mate.ended : group !== pid,
      name,
      path: undefined,
      parent: creator ?? parent,
      created: fresh ? at : undefined,
      seen: at,
      ended: undefined,
      turns: 0,
      instructions: 0,
      cpuTime: 0,
      process: this.#processOf(group ?? pid),
      executing: undefined,
      creating: false,
      ending: undefined,
    };
    this.#all.push(record);
    this.#byStructure.set(structure | 0, record);
    this.#notes?.admit(structure, pid);
    const { process } = record;
    if (process) {
      process.living++;
      if (!record.thread) process.first = record.id;
    }
    this.#counts[fresh ? 'created' : 'seen']++;
    this.#listeners.created?.(record);
    return record;
  }

  #end(thread: OpenRecord, at: Stamp | undefined): void {
    if (thread.ended) return;
    thread.ended = at ?? thread.ending ?? this.#now();
    this.#counts.ended++;
    this.#notes?.dismiss(thread.structure);
    this.#pending.drop(thread);
    const { process } = thread;
    this.#listeners.ended?.(thread, process === undefined || --process.living === 0);
  }

  /** The record of the thread that began the youngest process with an id. */
  #firstOf(group: number | undefined): OpenRecord | undefined {
    return group === undefined ? undefined : this.#all[(this.#processes.get(group)?.first ?? 0) - 1];
  }

  #processOf(group: number | undefined): Process | undefined {
    if (group === undefined) return undefined;
    const known = this.#processes.get(group);
    if (known) return known;
    const process: Process = { first: 0, living: 0 };
    this.#processes.set(group, process);
    return process;
  }

  #revive(thread: OpenRecord): void {
    thread.ended = undefined;
    this.#counts.ended--;
    if (thread.process) thread.process.living++;
    this.#endings.refute();
    this.#noteFromNowOn();
  }

  /** The thread that the kernel takes for the running one. */
  #caller(): OpenRecord | undefined {
    const structure = this.#switches.running();
    return structure === undefined ? undefined : this.#byStructure.get(structure | 0);
  }

  #called(purpose: CallPurpose, path: VirtAddr | undefined): void {
    const thread = this.#caller();
    if (!thread || thread.ended) return;
    if (purpose === 'create') this.#pending.creates(thread);
    else if (purpose === 'replace') this.#pending.replaces(thread, path);
    else {
      thread.ending = this.#now();
      // Without a stack to look at, the call is all that is seen of an end.
      if (this.#switches.source !== 'stack-switch') this.#end(thread, thread.ending);
    }
  }

  #executed(thread: OpenRecord, path: string | undefined): void {
    thread.name = this.#identity.name(thread.structure);
    thread.path = path;
    this.#counts.executed++;
    this.#listeners.executed?.(thread, this.#now());
  }
}
