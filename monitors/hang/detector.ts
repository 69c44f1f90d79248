// Detects hangs of the guest's kernel. Sources: Zhu et al., "SHFH", ISSRE 2012, for the kinds; Pham et al., DSN 2014, for the absence of
// context switches as the sign; Estrada et al. 2017 for limits that are learnt from the guest itself.
import type { Machine, VirtAddr } from '../../emulator/index.ts';
import { IdentityReader } from '../kernel/identity.ts';
import type { Parameters } from '../parameters.ts';
import {
  type HangLimits,
  IDLE_STRETCHES,
  MARGIN,
  restOf,
  STRETCHES,
  type Stretches,
  stretchLimit,
  waitLimits,
} from './limits.ts';
import { type Pulse, StretchWatch } from './stretches.ts';
import { type Waiting, Waits } from './waits.ts';

/** What hangs: all of the guest; some of its threads; or the kernel is busy and nothing comes of it. */
export type HangKind = 'full' | 'partial' | 'livelock';

/** A hang that was found. Times are virtual milliseconds since power-on. */
export interface Hang {
  readonly kind: HangKind;
  /** When it was found. */
  readonly time: number;
  /** The last sign of life before it: `time - since` is the latency. */
  readonly since: number;
  /** The limit that was exceeded, in virtual milliseconds, margin included. */
  readonly limit: number;
  /** What was seen, in words. */
  readonly why: string;
  /** Interrupts of devices since then: none means that they are off, or lost. For a full hang. */
  readonly interrupts?: number;
  /** The structure of the thread, for a partial hang. */
  readonly thread?: VirtAddr;
  /** Its id and name, where they are known. */
  readonly pid?: number | undefined;
  readonly name?: string | undefined;
  /** Where it waits: return addresses as offsets in the kernel's code, innermost first. */
  readonly place?: string;
}

/** What is told. */
export interface HangListeners {
  readonly hung?: (hang: Hang) => void;
  /** What was called a hang has shown a sign of life: it was none. */
  readonly recovered?: (hang: Hang, time: number) => void;
  /** The CPU waits with interrupts off: the guest was shut down, or gave up. That is no hang. */
  readonly halted?: (time: number) => void;
}

const WHY: Readonly<Record<keyof Stretches, string>> = {
  kernel: 'the kernel computes: no switch, no system call, no program',
  noProgram: 'the kernel switches between threads, and no program runs',
  noInterrupt: 'the CPU computes and no interrupt comes any more',
  silence: 'the CPU waits and no interrupt comes any more',
  stillness: 'the CPU waits and the kernel schedules nobody any more',
};

/** How many of a partial hang's threads are looked for in one go: looking costs time. */
const LOOK_EVERY = 50;

/** What an open hang is known by: a stretch, a thread, or that lines are not read. */
type Key = keyof Stretches | VirtAddr | 'unread';

export class HangDetector implements Disposable {
  /** All that were found, in their order. */
  readonly hangs: Hang[] = [];
  /** Slices that were looked at: the events of this monitor. */
  looks = 0;
  /** Those of `hangs` after which the guest went on. */
  readonly recovered: Hang[] = [];
  readonly #limits: HangLimits;
  readonly #waitLimit: ReturnType<typeof waitLimits>;
  readonly #identity: IdentityReader;
  readonly #listeners: HangListeners;
  readonly #waits: Waits;
  readonly #stretches: StretchWatch;
  readonly #open = new Map<Key, Hang>();
  /** The thread that ran last for a line, and the line that it has to run for. */
  #reader: VirtAddr | undefined;
  #expected: { readonly line: number; readonly waiting: Waiting } | undefined;
  #line: number | undefined;
  /** The last line for which a reader woke. */
  #lineTaken: number | undefined;
  /** The first line that nobody has read yet, and for how long the CPU had idled by then. */
  #unread: { readonly line: number; readonly idle: number } | undefined;
  #halted = false;

  constructor(machine: Machine, parameters: Parameters, limits: HangLimits, listeners: HangListeners = {}) {
    this.#limits = limits;
    this.#waitLimit = waitLimits(limits);
    this.#identity = new IdentityReader(machine, parameters);
    this.#listeners = listeners;
    this.#stretches = new StretchWatch(machine, {
      ended: (name) => this.#alive(name, machine.cpu.time),
      passed: (pulse, now) => this.#passed(pulse, now),
    });
    this.#waits = new Waits(machine, parameters, {
      switched: () => this.#stretches.switched(),
      givenToProgram: () => this.#stretches.givenToProgram(),
      woke: (waiting, now, same) => this.#woke(waiting, now, same),
    });
  }

  /** The hangs that no sign of life has ended. */
  get open(): readonly Hang[] {
    return [...this.#open.values()];
  }

  [Symbol.dispose](): void {
    this.#stretches[Symbol.dispose]();
    this.#waits[Symbol.dispose]();
  }

  #alive(key: Key, now: number): void {
    const hang = this.#open.get(key);
    if (!hang) return;
    this.#open.delete(key);
    this.recovered.push(hang);
    this.#listeners.recovered?.(hang, now);
  }

  #found(key: Key, hang: Hang): void {
    if (this.#open.has(key)) return;
    this.#open.set(key, hang);
    this.hangs.push(hang);
    this.#listeners.hung?.(hang);
  }

  #passed(pulse: Pulse, now: number): void {
    this.looks++;
    if (pulse === 'halted-for-good') {
      if (!this.#halted) this.#listeners.halted?.(now);
      this.#halted = true;
      return;
    }
    for (const name of STRETCHES) if (pulse === 'runs' || IDLE_STRETCHES.has(name)) this.#lookAt(name, now);
    this.#lookAtLines(now);
    if (this.looks % LOOK_EVERY !== 0) return;
    this.#lookAtWaits(now);
    this.#lookAtUnread(now);
  }

  #lookAt(name: keyof Stretches, now: number): void {
    const length = this.#stretches.length(name);
    const limit = stretchLimit(name, this.#limits);
    // A kernel that computes has no program run either: the first is said.
    if (length <= limit || this.#open.size > 0) return;
    const { interrupts } = this.#stretches;
    const kind = name === 'noProgram' ? 'livelock' : 'full';
    this.#found(name, { kind, time: now, since: now - length, limit, why: WHY[name], interrupts });
  }

  /** The end of a line has come: the reader that waits for it has to run. */
  #lookAtLines(now: number): void {
    const { lineEnded } = this.#waits;
    if (lineEnded !== this.#line) {
      this.#line = lineEnded;
      const waiting = [...this.#waits.list()].find(({ thread }) => thread === this.#reader);
      if (lineEnded !== undefined && waiting && waiting.place in this.#limits.readers && waiting.since < lineEnded)
        this.#expected ??= { line: lineEnded, waiting };
      if (lineEnded !== undefined && lineEnded !== this.#lineTaken)
        this.#unread ??= { line: lineEnded, idle: this.#stretches.idle };
    }
    if (!this.#expected) return;
    const { line, waiting } = this.#expected;
    const limit = MARGIN * Math.max(this.#limits.readers[waiting.place]!, this.#limits.longest.kernel);
    if (now - line <= limit) return;
    const why = 'a line has come, and the thread that waits for lines does not run';
    this.#expected = undefined;
    this.#found(waiting.thread, { kind: 'partial', time: now, since: line, limit, why, ...this.#who(waiting) });
  }

  /** Lines that are typed ahead lie there until a program has done. One that has nothing to do for so long has not. */
  #lookAtUnread(now: number): void {
    if (!this.#unread) return;
    const { readers } = this.#limits;
    const { line, idle } = this.#unread;
    // Who begins to wait for lines has taken all that there were.
    for (const { place, since } of this.#waits.list()) if (since >= line && place in readers) this.#taken(now);
    const limit = restOf(this.#limits);
    if (!this.#unread || this.#stretches.idle - idle <= limit || Object.keys(readers).length === 0) return;
    const why = 'a line has come, the CPU waits, and nobody takes it';
    this.#found('unread', { kind: 'partial', time: now, since: line, limit, why });
  }

  #taken(now: number): void {
    this.#unread = undefined;
    this.#alive('unread', now);
  }

  #lookAtWaits(now: number): void {
    if (this.#limits.watched === 0) return;
    for (const { thread, place, since } of this.#waits.list()) {
      const limit = this.#waitLimit(place, this.#waits.programs.has(thread));
      if (now - since <= limit || this.#waits.idlers.has(thread)) continue;
      const why = 'a thread waits where none of a healthy guest waits that long';
      this.#found(thread, { kind: 'partial', time: now, since, limit, why, ...this.#who({ thread, place }) });
    }
  }

  #who({ thread, place }: Pick<Waiting, 'thread' | 'place'>) {
    const { pid, name } = this.#identity.read(thread);
    return { thread, pid, name, place };
  }

  #woke({ thread, place, since }: Waiting, now: number, same: boolean): void {
    this.#alive(thread, now);
    if (this.#expected?.waiting.thread === thread) this.#expected = undefined;
    const { lineEnded } = this.#waits;
    if (
      same &&
      lineEnded !== undefined &&
      since < lineEnded &&
      place in this.#limits.readers &&
      this.#waits.programs.has(thread)
    ) {
      this.#reader = thread;
      this.#lineTaken = lineEnded;
      this.#taken(now);
    }
  }
}
