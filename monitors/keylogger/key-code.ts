// Which of the kernel's functions run in the keyboard's interrupt: a hook there belongs to no process, and may do nothing but store.
//
// Pattern: the kernel reads a key from its controller in an interrupt, and does there what must be done at once by calling functions. For
// each key these are the same, so whoever is called now and was not in training is new on the key's way. Some functions run in any
// interrupt when there is work behind it (timers, the scheduler): those are seen in interrupts that bring no key. Refuted by a function that is
// called for keys only, and only in some states of an untouched kernel.
import { type Machine, type Subscription, type VirtAddr, virt } from '../../emulator/index.ts';
import { known, type Parameters } from '../parameters.ts';
import { CONTROLLER_DATA } from './controller.ts';

/** Interrupts of each sort that are followed, and instructions of each: it costs some milliseconds of the host. */
const MOST_WINDOWS = 64;
const MOST_STEPS = 20_000;
/** The longest instruction (SDM vol. 2, 2.3.11): whoever goes on within it did not jump. */
const LONGEST = 15;
/** Bytes from which on a jump leads to another function: tail calls, and functions that were patched to go elsewhere. */
const FAR = 4096;

/** Functions seen in followed interrupts, by address less the start of the kernel's code where that is known. */
export interface CalledCode {
  /** Interrupts that brought a key, and were followed. */
  readonly windows: number;
  /** In how many of them each function ran, and who called it first. */
  readonly functions: ReadonlyMap<number, { readonly windows: number; readonly from: number }>;
  /** Functions that ran in interrupts without a key. */
  readonly others: ReadonlySet<number>;
  /** What is to be added to the addresses for those of this boot. */
  readonly base: number;
}

/** Follows interrupts, by single steps between slices, from `begin` on. Interrupts wait meanwhile; nothing else changes for the guest. */
export class KeyCode implements Disposable {
  readonly #machine: Machine;
  readonly #base: number;
  readonly #switch: VirtAddr | undefined;
  readonly #subscriptions: readonly Subscription[];
  #functions = new Map<number, { windows: number; from: number }>();
  #others = new Set<number>();
  #counts = { keys: 0, others: 0 };
  #following = false;
  /** The vector of the last interrupt, and of that in which a key was last read. */
  #last = -1;
  #keyVector = -1;
  /** An interrupt that was delivered and is to be followed, with where it goes back to. */
  #entered: { readonly eip: VirtAddr; readonly esp: number } | undefined;
  #keyRead = false;

  constructor(machine: Machine, parameters: Parameters) {
    this.#machine = machine;
    this.#base = known(parameters, 'kernelText')?.from ?? 0;
    this.#switch = known(parameters, 'contextSwitch')?.stackSwitch;
    this.#subscriptions = [
      machine.on('interrupt', ({ vector }) => this.#interrupted(vector)),
      machine.on('port-io', ({ port, write, cpl }) => {
        if (port !== CONTROLLER_DATA || write || cpl !== 0) return;
        this.#keyVector = this.#last;
        this.#keyRead = true;
      }),
      machine.afterSlice(() => {
        if (this.#entered) this.#follow(this.#entered);
      }),
    ];
  }

  /** Forgets what was seen, and follows from now on. */
  begin(): void {
    this.#functions = new Map();
    this.#others = new Set();
    this.#counts = { keys: 0, others: 0 };
    this.#following = true;
  }

  /** What has been seen since. */
  get seen(): CalledCode {
    return { windows: this.#counts.keys, functions: this.#functions, others: this.#others, base: this.#base };
  }

  [Symbol.dispose](): void {
    for (const one of this.#subscriptions) one[Symbol.dispose]();
  }

  #interrupted(vector: number): 'stop' | undefined {
    this.#last = vector;
    if (!this.#following || this.#entered || this.#keyVector < 0) return undefined;
    const { keys, others } = this.#counts;
    // One without a key for each with one, so that both see the guest at the same work.
    if (vector === this.#keyVector ? keys >= MOST_WINDOWS : others >= Math.min(keys, MOST_WINDOWS)) return undefined;
    const { eip, esp } = this.#machine.cpu;
    this.#entered = { eip, esp };
    return 'stop';
  }

  #follow({ eip, esp }: { readonly eip: VirtAddr; readonly esp: number }): void {
    const { cpu } = this.#machine;
    const called = new Map<number, number>();
    const space = cpu.cr3;
    let at: number = cpu.eip;
    let stack = cpu.esp;
    this.#keyRead = false;
    this.#machine.step(MOST_STEPS, () => {
      const next: number = cpu.eip;
      const back = next === eip && cpu.esp === esp;
      if (cpu.cpl !== 0 || cpu.halted || back || next === this.#switch || cpu.cr3 !== space) return false;
      const distance = next - at;
      if (distance <= 0 || distance > LONGEST) {
        const from = (at - this.#base) | 0;
        if (Math.abs(distance) >= FAR || this.#isCall(at, stack)) called.set((next - this.#base) | 0, from);
      }
      at = next;
      stack = cpu.esp;
      return true;
    });
    this.#entered = undefined;
    this.#book(called);
  }

  /** Whether the last step pushed its own return address. */
  #isCall(at: number, stack: number): boolean {
    const { cpu, memory } = this.#machine;
    if (cpu.esp !== stack - 4) return false;
    const word = memory.readWord(virt(cpu.esp));
    return word !== undefined && word > at && word <= at + LONGEST;
  }

  #book(called: ReadonlyMap<number, number>): void {
    if (!this.#keyRead) {
      this.#counts.others++;
      for (const one of called.keys()) this.#others.add(one);
      return;
    }
    this.#counts.keys++;
    for (const [one, from] of called) {
      const entry = this.#functions.get(one);
      if (entry) entry.windows++;
      else this.#functions.set(one, { windows: 1, from });
    }
  }
}
