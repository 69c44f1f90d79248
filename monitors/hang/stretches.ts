// Measures the stretches of virtual time without a sign of life. It is driven by the machine's time, for a guest that hangs causes no event.
import type { Machine, Subscription } from '../../emulator/index.ts';
import { STRETCHES, type Stretches } from './limits.ts';

const USER_LEVEL = 3;
/** EFLAGS.IF */
const INTERRUPT_FLAG = 1 << 9;

/** What the CPU was found to do between two slices. */
export type Pulse = 'runs' | 'idles' | 'halted-for-good';

/** What is told. */
export interface StretchListener {
  /** A stretch is over, by its sign of life or by the guest's going idle. @param preempted whether an interrupt came last */
  ended?(name: keyof Stretches, milliseconds: number, preempted: boolean): void;
  /** Time has passed. */
  passed(pulse: Pulse, now: number): void;
}

export class StretchWatch implements Disposable {
  /** Interrupts since the last context switch or idling. */
  interrupts = 0;
  /** Context switches since a program was last seen to run. */
  switchesWithoutProgram = 0;
  readonly #machine: Machine;
  readonly #listener: StretchListener;
  readonly #since: { -readonly [Name in keyof Stretches]: number };
  readonly #subscriptions: readonly Subscription[];
  #halted = false;
  #called = false;
  #interrupted = false;
  #switched = false;
  #lastWasInterrupt = false;
  #preempted = false;

  constructor(machine: Machine, listener: StretchListener) {
    this.#machine = machine;
    this.#listener = listener;
    const now = machine.cpu.time;
    this.#since = { kernel: now, sameThread: now, noProgram: now, noInterrupt: now };
    this.#subscriptions = [
      machine.on('halt', () => {
        this.#halted = true;
      }),
      machine.on('syscall', () => {
        this.#called = true;
        this.#lastWasInterrupt = false;
      }),
      // A program that touches new memory is found in the kernel most of the time.
      machine.on('page-fault', ({ user }) => {
        this.#called ||= user;
      }),
      machine.on('interrupt', () => {
        this.#interrupted = true;
        this.#lastWasInterrupt = true;
        this.interrupts++;
      }),
      machine.afterSlice(() => this.#look()),
    ];
  }

  /** A context switch: to be told by who watches them. */
  switched(): void {
    this.#switched = true;
    this.#preempted = this.#lastWasInterrupt;
    this.interrupts = 0;
    this.switchesWithoutProgram++;
  }

  /** How long a stretch has lasted, in virtual milliseconds. */
  length(name: keyof Stretches): number {
    return this.#machine.cpu.time - this.#since[name];
  }

  [Symbol.dispose](): void {
    for (const one of this.#subscriptions) one[Symbol.dispose]();
  }

  #look(): void {
    const { cpu } = this.#machine;
    const now = cpu.time;
    const program = this.#called || cpu.cpl === USER_LEVEL;
    const idles = this.#halted || cpu.halted;
    const dead = cpu.halted && (cpu.eflags & INTERRUPT_FLAG) === 0;
    const alive = {
      kernel: this.#switched || program,
      sameThread: this.#switched,
      noProgram: program,
      noInterrupt: this.#interrupted,
    };
    for (const name of STRETCHES) {
      if (!alive[name] && !idles) continue;
      this.#listener.ended?.(name, now - this.#since[name], name === 'sameThread' && this.#preempted);
      this.#since[name] = now;
    }
    if (program || idles) this.switchesWithoutProgram = 0;
    if (idles) this.interrupts = 0;
    this.#halted = this.#called = this.#interrupted = this.#switched = this.#preempted = false;
    this.#listener.passed(dead ? 'halted-for-good' : idles ? 'idles' : 'runs', now);
  }
}
