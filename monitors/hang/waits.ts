// Who waits where, and since when: a thread that left the CPU waits at the place where it left until it gets the CPU again.
import type { Machine, Subscription, VirtAddr } from '../../emulator/index.ts';
import { IdentityReader } from '../kernel/identity.ts';
import { Switches } from '../kernel/switches.ts';
import { known, type Parameters } from '../parameters.ts';
import { ReturnAddresses } from './return-addresses.ts';

/** A thread that has left the CPU. */
export interface Waiting {
  readonly thread: VirtAddr;
  readonly place: string;
  /** Virtual milliseconds. */
  readonly since: number;
  /** Its id, where that is known. */
  readonly pid: number | undefined;
}

/** What is told. */
export interface WaitListener {
  switched(): void;
  /** A program's thread has been given the CPU. */
  givenToProgram(): void;
  /**
   * A thread has the CPU again. Threads are told apart only where `current` is known.
   * @param same false when its id has changed: the one that left is no more, and another thread has its structure
   */
  woke?(waiting: Waiting, now: number, same: boolean): void;
}

/** Ports at which a PC's keyboard and its first serial port are read. */
const KEYBOARD_DATA = 0x60;
const SERIAL_DATA = 0x3f8;
/** Enter, as scancode set 1 has it, and as a serial line. */
const ENTER_KEY = 0x1c;
const LINE_ENDS: readonly number[] = [0x0a, 0x0d];

export class Waits implements Disposable {
  /** When the guest's kernel last took the end of a line from a console; undefined before. */
  lineEnded: number | undefined;
  /** Threads that have been seen to make a system call. */
  readonly programs = new Set<VirtAddr>();
  /** Threads in which the CPU has waited for an interrupt: they run when there is nothing to do, and wait when there is. */
  readonly idlers = new Set<VirtAddr>();
  readonly #machine: Machine;
  readonly #identity: IdentityReader;
  readonly #listener: WaitListener;
  readonly #places: ReturnAddresses | undefined;
  readonly #switches: Switches | undefined;
  readonly #subscriptions: Subscription[] = [];
  readonly #waiting = new Map<VirtAddr, Waiting>();

  constructor(machine: Machine, parameters: Parameters, listener: WaitListener) {
    this.#machine = machine;
    this.#identity = new IdentityReader(machine, parameters);
    this.#listener = listener;
    const text = known(parameters, 'kernelText');
    const places = text ? new ReturnAddresses(machine, text) : undefined;
    this.#places = places;
    if (known(parameters, 'current')) {
      this.#switches = new Switches(machine, parameters, {
        leaves: (thread) => this.#leaves(thread),
        enters: (thread, _instructions, time) => this.#enters(thread, time),
      });
      this.#subscriptions.push(
        this.#switches,
        machine.on('syscall', () => this.#called()),
        machine.on('halt', ({ halted }) => this.#halts(halted)),
      );
    } else this.#subscriptions.push(...this.#countSwitches(parameters));
    this.#subscriptions.push(
      machine.on('port-io', ({ port, value, write }) => {
        if (write) return;
        const ended = port === KEYBOARD_DATA ? value === ENTER_KEY : port === SERIAL_DATA && LINE_ENDS.includes(value);
        if (ended) this.lineEnded = machine.cpu.time;
      }),
    );
  }

  /** All that wait. */
  list(): Iterable<Waiting> {
    return this.#waiting.values();
  }

  [Symbol.dispose](): void {
    for (const one of this.#subscriptions.splice(0)) one[Symbol.dispose]();
  }

  /** Where it is not known who runs, switches are only counted. */
  #countSwitches(parameters: Parameters): Subscription[] {
    const at = known(parameters, 'contextSwitch');
    const place = at?.stackSwitch ?? at?.from;
    const switched = () => this.#listener.switched();
    return [place === undefined ? this.#machine.on('cr3-write', switched) : this.#machine.probe(place, switched)];
  }

  #halts(halted: boolean): void {
    const thread = halted ? this.#switches?.running() : undefined;
    if (thread !== undefined) this.idlers.add(thread);
  }

  #called(): void {
    const thread = this.#switches?.running();
    if (thread !== undefined) this.programs.add(thread);
  }

  #leaves(thread: VirtAddr | undefined): void {
    this.#listener.switched();
    if (thread === undefined || !this.#places || this.#switches?.source !== 'stack-switch') return;
    const pid = this.#identity.pid(thread);
    this.#waiting.set(thread, { thread, place: this.#places.place(), since: this.#machine.cpu.time, pid });
  }

  #enters(thread: VirtAddr, time: number): void {
    const waiting = this.#waiting.get(thread);
    if (waiting) {
      this.#waiting.delete(thread);
      const same = this.#identity.pid(thread) === waiting.pid;
      if (!same) this.programs.delete(thread);
      this.#listener.woke?.(waiting, time, same);
    }
    if (this.programs.has(thread)) this.#listener.givenToProgram();
  }
}
