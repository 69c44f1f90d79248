// Measures the stretches of virtual time without a sign of life. It is driven by the machine's time, for a guest that hangs causes no event.
import type { Machine, Subscription } from '../../emulator/index.ts';
import { IDLE_STRETCHES, STRETCHES, type Stretches } from './limits.ts';

const USER_LEVEL = 3;
/** EFLAGS.IF */
const INTERRUPT_FLAG = 1 << 9;

/** What the CPU was found to do between two slices. */
export type Pulse = 'runs' | 'idles' | 'halted-for-good';

/** What is told. */
export interface StretchListener {
  /** A stretch is over, by its sign of life or by the guest's going idle. */
  ended?(name: keyof Stretches, milliseconds: number): void;
  /** Time has passed. */
  passed(pulse: Pulse, now: number): void;
}

export class StretchWatch implements Disposable {
  /** Interrupts since the last context switch or idling. */
  interrupts = 0;
  /** Virtual milliseconds for which the CPU idled, by slices. */
  idle = 0;
  /** Context switches since a program was last seen to run. */
  switchesWithoutProgram = 0;
  readonly #machine: Machine;
  readonly #listener: StretchListener;
  readonly #since: { -readonly [Name in keyof Stretches]: number };
  readonly #subscriptions: readonly Subscription[];
  #looked: number;
  #halted = false;
  #program = false;
  #interrupted = false;
  #switched = false;
  #given = false;

  constructor(machine: Machine, listener: StretchListener) {
    this.#machine = machine;
    this.#listener = listener;
    const now = machine.cpu.time;
    this.#looked = now;
    this.#since = { kernel: now, noProgram: now, noInterrupt: now, silence: now, stillness: now };
    this.#subscriptions = [
      machine.on('halt', () => {
        this.#halted = true;
      }),
      machine.on('syscall', () => {
        this.#program = true;
      }),
      // A program that touches new memory is found in the kernel most of the time.
      machine.on('page-fault', ({ user }) => {
        this.#program ||= user;
      }),
      // Slices end in the kernel more often than by chance, for timers end them: a program that computes is found where it is interrupted.
      machine.on('interrupt', () => {
        this.#program ||= machine.cpu.cpl === USER_LEVEL;
        this.#interrupted = true;
        this.interrupts++;
      }),
      machine.afterSlice(() => this.#look()),
    ];
  }

  /** A context switch: to be told by who watches them. */
  switched(): void {
    this.#switched = true;
    this.interrupts = 0;
    this.switchesWithoutProgram++;
  }

  /** A program's thread has been given the CPU: it may go on in the kernel for long, in a call that it made, while others come between. */
  givenToProgram(): void {
    this.#given = true;
  }

  /** How long a stretch has lasted, in virtual milliseconds. */
  length(name: keyof Stretches): number {
    return this.#machine.cpu.time - this.#since[name];
  }

  /** The longest stretches, with those that last still. */
  upTo(longest: Stretches): Stretches {
    const lengths = STRETCHES.map((name) => [name, Math.max(longest[name], this.length(name))]);
    return Object.fromEntries(lengths) as unknown as Stretches;
  }

  [Symbol.dispose](): void {
    for (const one of this.#subscriptions) one[Symbol.dispose]();
  }

  #look(): void {
    const { cpu } = this.#machine;
    const now = cpu.time;
    const program = this.#program || cpu.cpl === USER_LEVEL;
    const idles = this.#halted || cpu.halted;
    const dead = cpu.halted && (cpu.eflags & INTERRUPT_FLAG) === 0;
    const alive = {
      kernel: this.#switched || program,
      noProgram: program || this.#given,
      noInterrupt: this.#interrupted,
      silence: this.#interrupted,
      stillness: this.#switched || program,
    };
    for (const name of STRETCHES) {
      if (!alive[name] && !(idles && !IDLE_STRETCHES.has(name))) continue;
      this.#listener.ended?.(name, now - this.#since[name]);
      this.#since[name] = now;
    }
    if (program || idles) this.switchesWithoutProgram = 0;
    if (idles) {
      this.interrupts = 0;
      this.idle += now - this.#looked;
    }
    this.#looked = now;
    this.#halted = this.#program = this.#interrupted = this.#switched = this.#given = false;
    this.#listener.passed(dead ? 'halted-for-good' : idles ? 'idles' : 'runs', now);
  }
}
