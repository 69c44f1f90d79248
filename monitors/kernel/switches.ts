// Hears of each context switch: who ran, who runs now, and when it was.
import type { Machine, Subscription, VirtAddr, WasmListener } from '../../emulator/index.ts';
import { known, type Parameters } from '../parameters.ts';
import { CurrentReader } from './current.ts';

/** What is told of switches. Threads are named by the addresses of their structures. */
export interface SwitchListener {
  /** A thread is about to lose the CPU; its stack is still in force. Undefined while it is not known who runs. */
  leaves?(thread: VirtAddr | undefined): void;
  /**
   * A thread has got the CPU. Told when it is known who: some kernels name the new thread only after they switched stacks, then it
   * is told at the next look. Switches are told in their order.
   * @param instructions and @param time at which the switch was. @param noted whether it was noted, and is told later
   */
  enters(thread: VirtAddr, instructions: number, time: number, noted: boolean): void;
}

/** Who keeps notes of switches between threads that are known, of which only `enters` is told, and later. */
export interface NoteKeeper {
  /** Put at the instruction that switches stacks: it calls `heard` for what it does not note. */
  readonly listener: WasmListener;
  /** Gives the notes back in their order, and has none any more. */
  take(each: (named: VirtAddr, instructions: number) => void): void;
}

/** What a switch is heard by. */
export type SwitchSource = 'stack-switch' | 'tss-esp0' | 'task-register' | 'cr3-write';

/** Instructions after which notes are taken, of which they have the lower 32 bits. */
const LONGEST_UNTAKEN = 2 ** 31;

/**
 * Watches switches by the best source that is known. At the instruction that loads the new stack, some kernels' *current* names the
 * old thread still, others' the new one already: which it is shows at the first return to a program after a switch.
 */
export class Switches implements Disposable {
  /** What switches are heard by: with others than `stack-switch`, some may be missed or told late. */
  readonly source: SwitchSource;
  readonly #machine: Machine;
  readonly #current: CurrentReader;
  readonly #listener: SwitchListener;
  readonly #subscriptions: Subscription[] = [];
  #calibration: Subscription | undefined;
  /** Whether *current* names the new thread where the switch is heard of; undefined until it is known. */
  #early: boolean | undefined;
  /** The thread that is known to run; undefined after a switch to one that is not known yet. */
  #running: VirtAddr | undefined;
  /** Whether a switch was not told yet, and when it was. */
  #pending = false;
  #instructions = 0;
  #time = 0;
  /** Before calibration: each switch, with what *current* named then. */
  #heard: { readonly named: VirtAddr | undefined; readonly instructions: number; readonly time: number }[] = [];
  #count = 0;
  readonly #notes: NoteKeeper | undefined;
  /** Idle time while what is noted happened. */
  #idle: number;
  /** When notes were last taken, in instructions. */
  #taken: number;

  /** @param notes makes who keeps notes, and is used with `stack-switch` only; `heard` is what it calls for each other switch */
  constructor(
    machine: Machine,
    parameters: Parameters,
    listener: SwitchListener,
    notes?: (heard: () => void) => NoteKeeper,
  ) {
    const place = known(parameters, 'current');
    if (place === undefined) throw new Error('switches: expected the parameter current to be known, found it unknown');
    this.#machine = machine;
    this.#current = new CurrentReader(machine, place);
    this.#listener = listener;
    this.#idle = machine.cpu.idleTime;
    this.#taken = machine.cpu.instructions;
    const stackSwitch = known(parameters, 'contextSwitch')?.stackSwitch;
    this.#notes = stackSwitch === undefined ? undefined : notes?.(() => this.#switched());
    this.source = this.#listen(parameters);
    this.#calibration = machine.on('cpl-change', ({ value }) => {
      if (value === 3) this.#calibrate();
    });
  }

  /** Switches heard of. */
  get count(): number {
    this.settle();
    return this.#count;
  }

  /**
   * The thread that runs, for listeners of other events: at a system call, or while the CPU goes to CPL 3. Tells of a switch that
   * was not told yet.
   */
  running(): VirtAddr | undefined {
    this.settle();
    if (this.#running === undefined && this.#early !== undefined) this.#resolve(this.#current.atBoundary());
    return this.#early === undefined ? this.#current.atBoundary() : this.#running;
  }

  [Symbol.dispose](): void {
    this.#calibration?.[Symbol.dispose]();
    for (const one of this.#subscriptions.splice(0)) one[Symbol.dispose]();
  }

  #listen(parameters: Parameters): SwitchSource {
    const machine = this.#machine;
    const switched = () => this.#switched();
    const stackSwitch = known(parameters, 'contextSwitch')?.stackSwitch;
    if (stackSwitch !== undefined) {
      const notes = this.#notes;
      if (notes) this.#subscriptions.push(machine.afterSlice(() => this.#sliceEnded()));
      this.#subscriptions.push(
        notes ? machine.probe(stackSwitch, notes.listener) : machine.probe(stackSwitch, switched),
      );
      return 'stack-switch';
    }
    if (known(parameters, 'thread')?.how === 'tss-esp0') {
      this.#subscriptions.push(machine.on('tss-esp0', switched));
      return 'tss-esp0';
    }
    this.#subscriptions.push(
      machine.on('cr3-write', switched),
      machine.on('task-register', ({ cause }) => {
        if (cause === 'task-switch') switched();
      }),
    );
    return 'cr3-write';
  }

  /** Tells of the switches that were noted. */
  settle(): void {
    this.#notes?.take(this.#replay);
  }

  /** Idle time passes between slices: what was noted before belongs to the time before. */
  #sliceEnded(): void {
    const { instructions, idleTime } = this.#machine.cpu;
    if (idleTime === this.#idle && instructions - this.#taken < LONGEST_UNTAKEN) return;
    this.settle();
    this.#idle = idleTime;
    this.#taken = instructions;
  }

  readonly #replay = (named: VirtAddr, instructions: number): void => {
    const time = instructions / (this.#machine.options.mips * 1000) + this.#idle;
    this.#count++;
    if (this.#early === false) this.#resolve(named, true);
    this.#running = undefined;
    this.#await(instructions, time);
    if (this.#early) this.#resolve(named, true);
  };

  #switched(): void {
    this.settle();
    const { instructions, time } = this.#machine.cpu;
    const named = this.#current.inKernel();
    this.#count++;
    if (this.#early === true) {
      this.#listener.leaves?.(this.#running);
      this.#running = undefined;
      this.#await(instructions, time);
      this.#resolve(named);
      return;
    }
    if (this.#early === false) {
      this.#resolve(named);
      this.#listener.leaves?.(this.#running);
    }
    if (this.#early === undefined) this.#heard.push({ named, instructions, time });
    this.#running = undefined;
    this.#await(instructions, time);
  }

  #await(instructions: number, time: number): void {
    this.#pending = true;
    this.#instructions = instructions;
    this.#time = time;
  }

  #resolve(thread: VirtAddr | undefined, noted = false): void {
    if (thread === undefined || this.#running !== undefined) return;
    const pending = this.#pending;
    this.#running = thread;
    this.#pending = false;
    if (pending) this.#listener.enters(thread, this.#instructions, this.#time, noted);
  }

  #calibrate(): void {
    const running = this.#current.atBoundary();
    if (running === undefined) return;
    const { instructions, time } = this.#machine.cpu;
    if (!this.#pending) this.#await(instructions, time);
    const last = this.#heard.at(-1);
    if (last === undefined) {
      this.#resolve(running);
      return;
    }
    this.#early = last.named === running;
    // One that names the old thread tells who the new one of the switch before was.
    const shift = this.#early ? 0 : 1;
    for (const [index, { instructions, time }] of this.#heard.slice(0, -1).entries()) {
      const thread = this.#heard[index + shift]!.named;
      if (thread !== undefined) this.#listener.enters(thread, instructions, time, false);
    }
    this.#heard = [];
    this.#resolve(running);
    this.#calibration?.[Symbol.dispose]();
    this.#calibration = undefined;
  }
}
