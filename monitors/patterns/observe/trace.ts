// Follows the kernel instruction by instruction from where it is entered to where it leaves, for as many entries as time allows.
import type { Machine } from '../../../emulator/index.ts';
import type { Instruction, KernelCode } from '../kernel-code.ts';

/** How the kernel was entered. */
export type EntryKind =
  | { readonly kind: 'syscall'; readonly gate: string }
  | { readonly kind: 'interrupt' | 'exception'; readonly vector: number };

/** A load from a table by an index, `[table + index * 4]`, of an address that is then called or jumped to. */
export interface IndexedLoad {
  readonly at: number;
  readonly table: number;
  readonly index: number;
  readonly loaded: number;
}

/** A comparison of a register with a constant. */
export interface Comparison {
  readonly at: number;
  readonly value: number;
  readonly constant: number;
}

/** One way through the kernel. */
export interface Window {
  readonly entry: EntryKind;
  /** General registers of the program at the gate. */
  readonly registers: readonly number[];
  /** Functions that were called, in the order of their first call. */
  readonly called: readonly number[];
  readonly loads: readonly IndexedLoad[];
  readonly comparisons: readonly Comparison[];
  /** The byte that each IN gave, and where. */
  readonly inputs: readonly { readonly at: number; readonly value: number }[];
  /** Places outside the stack where the wanted byte was stored, in order. */
  readonly stores: readonly number[];
  /** ESP at the first instruction of the kernel's. */
  readonly stack: number;
  readonly steps: number;
}

/** Where the stack pointer moved by more than a stack frame, with how often. */
export interface StackJump {
  readonly at: number;
  readonly length: number;
  count: number;
}

/** All that was traced. */
export interface Trace {
  readonly windows: Window[];
  /** Addresses of instructions that ran at CPL 0, with how often. */
  readonly executed: Map<number, number>;
  readonly stackJumps: Map<number, StackJump>;
  steps: number;
}

/** Limits: of one window, of all, and of windows of the same interrupt or exception. */
const WINDOW_STEPS = 40_000;
const ALL_STEPS = 1_500_000;
const SAME_VECTOR = 12;

/** A stack frame is shorter than this. */
const FRAME = 2048;

/** Loads and comparisons are only of interest on the way to the function that does the call. */
const DISPATCH_STEPS = 600;

const ESP = 4;
const EAX = 0;
const REGISTERS = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'];

/** What is to be looked at before or after an instruction. */
interface Look {
  readonly length: number;
  readonly calls: boolean;
  readonly jumps: 'direct' | 'indirect' | undefined;
  /** Register number of the index of a load from a table, or -1. */
  readonly index: number;
  readonly table: number;
  /** Register number of what is compared, or -1. */
  readonly compared: number;
  readonly constant: number;
  readonly input: boolean;
  /** Register number of what is stored to memory other than the stack, or -1; 8 and up for AH CH DH BH. */
  readonly stored: number;
}

const LOW_BYTES = ['al', 'cl', 'dl', 'bl', '', '', '', '', 'ah', 'ch', 'dh', 'bh'];
const HALVES = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'];

/** The register that an instruction stores to memory other than the stack. */
function storedRegister({ mnemonic, operands: [to, from] }: Instruction): number {
  if (mnemonic === 'stosb') return EAX;
  if (
    mnemonic !== 'mov' ||
    to?.kind !== 'memory' ||
    from?.kind !== 'register' ||
    to.base === 'esp' ||
    to.base === 'ebp'
  )
    return -1;
  const { register } = from;
  return Math.max(REGISTERS.indexOf(register), LOW_BYTES.indexOf(register), HALVES.indexOf(register));
}

export const newTrace = (): Trace => ({ windows: [], executed: new Map(), stackJumps: new Map(), steps: 0 });

/** Runs a machine, single-stepping through the kernel. */
export class Tracer {
  readonly #machine: Machine;
  readonly #code: KernelCode;
  readonly #trace: Trace;
  readonly #looks = new Map<number, Look>();
  readonly #vectors = new Map<number, number>();
  #entry: EntryKind | undefined;
  #registers: readonly number[] = [];
  /** A byte whose stores are of interest. */
  wantedByte: number | undefined;
  /** Which interrupts are followed. */
  wanted: (entry: EntryKind) => boolean = () => true;

  constructor(machine: Machine, code: KernelCode, trace: Trace) {
    this.#machine = machine;
    this.#code = code;
    this.#trace = trace;
  }

  /** Whether all steps have been taken. */
  get spent(): boolean {
    return this.#trace.steps >= ALL_STEPS;
  }

  /** Runs until a condition, asked between windows and slices, or until virtual time has passed. */
  async run(until: () => boolean, milliseconds: number): Promise<void> {
    const machine = this.#machine;
    const end = machine.cpu.time + milliseconds;
    using _syscalls = machine.on('syscall', (event) => {
      const gate = event.gate === 'int' ? `int ${event.vector}` : event.gate;
      return this.#entered({ kind: 'syscall', gate });
    });
    using _interrupts = machine.on('interrupt', ({ vector }) => this.#enteredBy('interrupt', vector));
    using _exceptions = machine.on('exception', ({ vector }) => this.#enteredBy('exception', vector));
    while (!until() && machine.cpu.time < end) {
      this.#entry = undefined;
      const why = await machine.run({ until, for: end - machine.cpu.time });
      if (why === 'halted') return;
      if (this.#entry) this.#follow(this.#entry);
    }
  }

  #entered(entry: EntryKind): 'stop' | undefined {
    // While a window is followed, what happens in it belongs to it.
    if (this.#entry || this.spent || !this.wanted(entry)) return undefined;
    this.#entry = entry;
    const { cpu } = this.#machine;
    this.#registers = REGISTERS.map((_, index) => cpu.register(index));
    return 'stop';
  }

  #enteredBy(kind: 'interrupt' | 'exception', vector: number): 'stop' | undefined {
    const key = vector + (kind === 'interrupt' ? 0 : 256);
    const seen = this.#vectors.get(key) ?? 0;
    if (seen >= SAME_VECTOR) return undefined;
    const decision = this.#entered({ kind, vector });
    if (decision) this.#vectors.set(key, seen + 1);
    return decision;
  }

  #follow(entry: EntryKind): void {
    const machine = this.#machine;
    const { cpu } = machine;
    if (cpu.cpl !== 0) return;
    const called = new Set<number>();
    const loads: IndexedLoad[] = [];
    const comparisons: Comparison[] = [];
    const inputs: { at: number; value: number }[] = [];
    const { executed, stackJumps } = this.#trace;
    const stores: number[] = [];
    /** The last load from a table, until something is called. */
    let pending: IndexedLoad | undefined;
    /** Where each function that runs finds its return address. */
    const frames: number[] = [];
    const stack = cpu.esp;
    let steps = 0;
    let before = cpu.esp;
    let at: number = cpu.eip;
    let look = this.#lookAt(at);
    const prepare = (): void => {
      executed.set(at, (executed.get(at) ?? 0) + 1);
      if (look.stored >= 0 && this.wantedByte !== undefined && this.#storedByte(look.stored) === this.wantedByte)
        stores.push(at);
      if (steps > DISPATCH_STEPS) return;
      if (look.index >= 0) {
        const index = cpu.register(look.index);
        const loaded = machine.memory.readWord(((look.table + index * 4) >>> 0) as never);
        if (loaded !== undefined) pending = { at, table: look.table, index, loaded };
      }
      if (look.compared >= 0) comparisons.push({ at, value: cpu.register(look.compared), constant: look.constant });
    };
    const enter = (target: number): void => {
      called.add(target);
      if (pending && pending.loaded === target) loads.push(pending);
      pending = undefined;
    };
    prepare();
    machine.step(WINDOW_STEPS, () => {
      steps++;
      const esp = cpu.register(ESP);
      const next: number = cpu.eip;
      const inKernel = cpu.cpl === 0;
      const moved = esp - before;
      if (inKernel && (moved > FRAME || moved < -FRAME)) {
        const jump = stackJumps.get(at);
        if (jump) jump.count++;
        else stackJumps.set(at, { at, length: look.length, count: 1 });
      }
      while (frames.length > 0 && frames.at(-1)! < esp) frames.pop();
      if (look.calls && next !== at + look.length) {
        this.#code.noteCall(next);
        frames.push(esp);
        enter(next);
      } else if (look.jumps) {
        // A function that ends by jumping to another has nothing of its own left on the stack.
        const ends = look.jumps === 'indirect' && frames.at(-1) === esp;
        this.#code.noteJump(at, next, ends);
        if (ends) enter(next);
      }
      if (look.input) inputs.push({ at, value: cpu.register(EAX) & 0xff });
      if (!inKernel || cpu.halted) return false;
      before = esp;
      at = next;
      look = this.#lookAt(at);
      prepare();
      return true;
    });
    this.#trace.steps += steps;
    const seen = { called: [...called], loads, comparisons, inputs, stores, stack, steps };
    this.#trace.windows.push({ entry, registers: this.#registers, ...seen });
  }

  #storedByte(register: number): number {
    const { cpu } = this.#machine;
    return register < 8 ? cpu.register(register) & 0xff : (cpu.register(register - 8) >>> 8) & 0xff;
  }

  #lookAt(address: number): Look {
    const known = this.#looks.get(address);
    if (known) return known;
    const instruction = this.#code.at(address);
    const [first, second] = instruction?.operands ?? [];
    const table = [first, second].find((one) => one?.kind === 'memory' && one.base === undefined && one.scale === 4);
    const indexed = table?.kind === 'memory' && table.index !== undefined ? table : undefined;
    const compares =
      instruction?.mnemonic === 'cmp' && first?.kind === 'register' && second?.kind === 'immediate'
        ? first.register
        : '';
    const look: Look = {
      length: instruction?.length ?? 1,
      calls: instruction?.flow === 'call' || instruction?.flow === 'indirect-call',
      jumps: instruction?.flow === 'jump' ? 'direct' : instruction?.flow === 'indirect-jump' ? 'indirect' : undefined,
      index: indexed ? REGISTERS.indexOf(indexed.index!) : -1,
      table: indexed?.displacement ?? 0,
      compared: REGISTERS.indexOf(compares),
      constant: second?.kind === 'immediate' ? second.value : 0,
      input: instruction?.mnemonic === 'in',
      stored: instruction ? storedRegister(instruction) : -1,
    };
    this.#looks.set(address, look);
    return look;
  }
}
