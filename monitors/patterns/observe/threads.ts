// Watches threads at a known switch: who runs when, what each calls, and what lies where its kernel may keep its structure.
import { type Machine, type Subscription, virt } from '../../../emulator/index.ts';
import type { CurrentPlace } from '../../parameters.ts';
import { placeReader } from '../places.ts';

/** One return from the kernel. */
export interface CallReturn {
  readonly order: number;
  readonly value: number;
  readonly cr3: number;
}

/** A text of the program's that is an argument: a register has its address, or the word at an offset from a register does. */
export interface GivenText {
  readonly register: number;
  readonly offset: number | undefined;
  readonly text: string;
}

/** One system call. */
export interface Call {
  readonly thread: number;
  readonly order: number;
  readonly number: number;
  /** The eight general registers. */
  readonly registers: readonly number[];
  /** Texts to which registers point, by register number, and those to which words point to which registers point. */
  readonly texts: readonly GivenText[];
  readonly cr3: number;
  returned: CallReturn | undefined;
}

/** What a place led to in one thread. */
export interface Sample {
  /** Pointer that the place held. */
  readonly pointer: number;
  /** What it points to, at first and at last. */
  readonly first: Uint8Array;
  last: Uint8Array;
  /** What pointers in the structure point to, by offset, at last. */
  inner: ReadonlyMap<number, Uint8Array>;
  /** Words that changed, by index. */
  readonly changed: Uint8Array;
  count: number;
}

/** A thread. */
export interface Thread {
  readonly id: number;
  /** Order of the event at which it was first seen. */
  readonly born: number;
  /** Whether it was seen to come to life, and was not there before. */
  readonly fresh: boolean;
  /** By place. */
  readonly samples: Map<number, Sample>;
  readonly calls: Call[];
  lastSeen: number;
  cr3: number;
}

/** One switch. */
export interface Switch {
  readonly time: number;
  readonly to: number;
}

/** When a place is read: a kernel names the next thread before it switches stacks, or after. */
export type Phase = 'leaving' | 'arriving';

/** A place as it is read. */
export interface SampledPlace {
  readonly place: CurrentPlace;
  readonly phase: Phase;
}

export interface ThreadLog {
  /** What is sampled, by the numbers under which threads have their samples. */
  readonly places: readonly SampledPlace[];
  readonly threads: Thread[];
  readonly switches: Switch[];
  readonly calls: Call[];
  /** Highest and lowest stack pointer of each thread at the switch. */
  readonly stacks: Map<number, number>;
}

/** Bytes that are looked at of a structure, and of what it points to. */
export const SAMPLE_BYTES = 4096;
export const INNER_BYTES = 256;
/** Pointers among the first words of a structure are followed. */
const INNER_WORDS = 512;
const LEAST_SIZES = [4096, 2048, 1024, 512, 256];

const ESP = 4;
const [FS, GS] = [4, 5];
const PAGE = ~0xfff;

/** Longest text that an argument is taken for. */
const LONGEST_TEXT = 128;
/** Arguments are in these: EBX ECX EDX ESI EDI EBP. */
const ARGUMENT_REGISTERS = [3, 1, 2, 6, 7, 5];

export interface WatchOptions {
  /** Number of the register with the number of a system call. */
  readonly numberRegister: number;
  /** Addresses below are the program's. */
  readonly split: number;
  /** Whether structures are copied at each switch. @default true */
  readonly sampling?: boolean;
  /** Where in the structure lies a pointer to the one that is to be copied in its place. */
  readonly via?: number | undefined;
}

/** How a switch is seen. */
export interface SwitchPoint {
  readonly at: number;
  readonly length: number;
}

/** Watches while it lives. */
export class ThreadWatch implements Disposable {
  readonly log: ThreadLog;
  readonly #machine: Machine;
  readonly #numberRegister: number;
  readonly #split: number;
  readonly #parts: Subscription[];
  readonly #reader;
  /** Who was left with which stack pointer. */
  readonly #left = new Map<number, Thread>();
  /** Sampled only then: structures are copied. */
  readonly #sampling: boolean;
  readonly #via: number | undefined;
  readonly #tasks = new Map<number, Thread>();
  /** Places that are no thread's own: their pointer changed, or two threads had it by turns. */
  readonly #common = new Set<number>();
  /** By place: who had a pointer last, and before. */
  readonly #owners: Map<number, { last: number; readonly before: Set<number> }>[];
  /** Bases of the segments while the kernel runs. */
  #bases: { readonly fs: number; readonly gs: number } | undefined;
  #running: Thread | undefined;
  #arrived = true;
  #order = 0;
  #byTask: number | undefined;

  constructor(
    machine: Machine,
    { at, length }: SwitchPoint,
    places: readonly CurrentPlace[],
    { numberRegister, split, sampling = true, via }: WatchOptions,
  ) {
    this.#via = via;
    this.#machine = machine;
    this.#numberRegister = numberRegister;
    this.#split = split;
    this.#sampling = sampling;
    this.#reader = placeReader((address) => machine.memory.readWord(virt(address)));
    const sampledPlaces = (['leaving', 'arriving'] as const).flatMap((phase) =>
      // The stack pointer leads to the thread that it belongs to, whenever it is read.
      places.filter(({ how }) => phase === 'leaving' || how !== 'stack').map((place) => ({ place, phase })),
    );
    this.#owners = sampledPlaces.map(() => new Map());
    this.log = { places: sampledPlaces, threads: [], switches: [], calls: [], stacks: new Map() };
    this.#parts = [
      machine.probe(virt(at), () => this.#leaves()),
      machine.probe(virt(at + length), () => this.#arrives()),
      machine.on('task-register', ({ base, cause }) => void (cause === 'task-switch' && this.#switchesTask(base))),
      machine.on('syscall', (event) => this.#calls(event.cpu.register(this.#numberRegister), event.cr3)),
      machine.on('syscall-return', (event) => this.#returns(event.entry, event.value, event.cr3)),
    ];
  }

  [Symbol.dispose](): void {
    for (const part of this.#parts) part[Symbol.dispose]();
  }

  /** The thread that runs. */
  get running(): Thread | undefined {
    return this.#running;
  }

  #thread(fresh: boolean): Thread {
    const thread: Thread = {
      ...{ id: this.log.threads.length, born: this.#order, fresh, samples: new Map(), calls: [] },
      ...{ lastSeen: this.#order, cr3: this.#machine.cpu.cr3 },
    };
    this.log.threads.push(thread);
    return thread;
  }

  /** The thread that runs now; one that never arrived at the switch began elsewhere. */
  #current(): Thread {
    this.#order++;
    if (!this.#arrived && this.#byTask !== undefined) {
      this.#running = this.#thread(true);
      this.#tasks.set(this.#byTask, this.#running);
    }
    this.#arrived = true;
    this.#running ??= this.#thread(false);
    this.#running.lastSeen = this.#order;
    this.#running.cr3 = this.#machine.cpu.cr3;
    return this.#running;
  }

  #leaves(): void {
    const { cpu } = this.#machine;
    const thread = this.#current();
    const esp = cpu.register(ESP);
    // Two threads never share a page of stack: whoever was left there before is gone.
    for (const [stack, other] of this.#left)
      if (((stack ^ esp) & PAGE) === 0 && other !== thread) this.#left.delete(stack);
    this.#left.set(esp, thread);
    this.log.stacks.set(thread.id, Math.max(this.log.stacks.get(thread.id) ?? 0, esp));
    if (this.#sampling) this.#sample(thread, esp, 'leaving');
  }

  #arrives(): void {
    const { cpu } = this.#machine;
    this.#order++;
    if (this.#byTask === undefined) {
      const esp = cpu.register(ESP);
      this.#running = this.#left.get(esp) ?? this.#thread(true);
      this.#left.delete(esp);
    }
    this.#arrived = true;
    if (this.#sampling && this.#running) this.#sample(this.#running, cpu.register(ESP), 'arriving');
    this.log.switches.push({ time: cpu.time, to: this.#running?.id ?? -1 });
  }

  #switchesTask(base: number): void {
    this.#byTask = base;
    this.#arrived = false;
    // A task that never was left was there before the watch began, or begins now: it shows by where it goes on.
    this.#running = this.#tasks.get(base);
    if (!this.#running) {
      this.#running = this.#thread(false);
      this.#tasks.set(base, this.#running);
    }
  }

  #calls(number: number, cr3: number): void {
    const thread = this.#current();
    const { cpu } = this.#machine;
    const registers = Array.from({ length: 8 }, (_, index) => cpu.register(index));
    const call: Call = {
      ...{ thread: thread.id, order: this.#order, number: number | 0, registers, texts: this.#texts(registers) },
      ...{ cr3, returned: undefined },
    };
    thread.calls.push(call);
    this.log.calls.push(call);
    if (this.#sampling) this.#sample(thread, 0, undefined);
  }

  #returns(entry: string, value: number, cr3: number): void {
    const thread = this.#current();
    const call = thread.calls.at(-1);
    if (entry !== 'syscall' && entry !== 'unknown') return;
    if (call && !call.returned) call.returned = { order: this.#order, value, cr3 };
  }

  #texts(registers: readonly number[]): Call['texts'] {
    const texts: GivenText[] = [];
    for (const register of [...ARGUMENT_REGISTERS, ESP]) {
      const pointer = registers[register]!;
      const text = this.#text(pointer);
      if (text !== undefined) texts.push({ register, offset: undefined, text });
      for (let word = 0; word < 4 && text === undefined; word++) {
        const inner = this.#userWord(pointer + 4 * word);
        const innerText = inner === undefined ? undefined : this.#text(inner);
        if (innerText !== undefined) texts.push({ register, offset: 4 * word, text: innerText });
      }
    }
    return texts;
  }

  #userWord(address: number): number | undefined {
    return address < 4096 || address >= this.#split ? undefined : this.#machine.memory.readWord(virt(address));
  }

  #text(address: number): string | undefined {
    if (address < 4096 || address >= this.#split) return undefined;
    const text = this.#machine.memory.readString(virt(address), LONGEST_TEXT);
    return typeof text === 'string' && /^[\x20-\x7e]{2,}$/.test(text) ? text : undefined;
  }

  /** @param phase undefined for a thread that runs its program: then its stack is not to be had, and all else is true in both. */
  #sample(thread: Thread, stack: number, phase: Phase | undefined): void {
    const { cpu } = this.#machine;
    if (phase !== undefined) this.#bases = { fs: cpu.segment(FS).base, gs: cpu.segment(GS).base };
    const bases = this.#bases;
    if (!bases) return;
    const base = (segment: 'fs' | 'gs') => bases[segment];
    this.log.places.forEach((sampled, index) => {
      const { place } = sampled;
      if (this.#common.has(index) || (phase === undefined ? place.how === 'stack' : sampled.phase !== phase)) return;
      const pointer = this.#followed(this.#reader.read(place, stack, base));
      if (pointer === undefined || pointer < this.#split || (pointer & 3) !== 0) return;
      const known = thread.samples.get(index);
      if ((known && known.pointer !== pointer) || this.#isShared(index, pointer, thread.id)) {
        this.#common.add(index);
        for (const { samples } of this.log.threads) samples.delete(index);
        return;
      }
      const bytes = this.#bytes(pointer);
      if (!bytes) return;
      if (!known) {
        const changed = new Uint8Array(SAMPLE_BYTES / 4);
        const inner = this.#inner(bytes);
        thread.samples.set(index, { pointer, first: bytes, last: bytes, inner, changed, count: 1 });
        return;
      }
      const [old, now] = [new Uint32Array(known.last.buffer), new Uint32Array(bytes.buffer)];
      for (let word = 0; word < Math.min(old.length, now.length); word++)
        if (old[word] !== now[word]) known.changed[word] = 1;
      known.last = bytes;
      known.inner = this.#inner(bytes);
      known.count++;
    });
  }

  /** Memory of a thread that is gone may become another's; but who had a pointer does not get it back. */
  #isShared(place: number, pointer: number, thread: number): boolean {
    const owner = this.#owners[place]!.get(pointer);
    if (!owner) this.#owners[place]!.set(pointer, { last: thread, before: new Set() });
    else if (owner.last !== thread) {
      if (owner.before.has(thread)) return this.#via === undefined;
      owner.before.add(owner.last);
      owner.last = thread;
    }
    return false;
  }

  #followed(pointer: number | undefined): number | undefined {
    if (pointer === undefined || this.#via === undefined) return pointer;
    return this.#machine.memory.readWord(virt(pointer + this.#via));
  }

  #bytes(pointer: number): Uint8Array | undefined {
    for (const size of LEAST_SIZES) {
      const bytes = this.#machine.memory.read(virt(pointer), size);
      if (bytes instanceof Uint8Array) return bytes;
    }
    return undefined;
  }

  #inner(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
    const inner = new Map<number, Uint8Array>();
    const words = new Uint32Array(bytes.buffer);
    for (let word = 0; word < Math.min(INNER_WORDS, words.length); word++) {
      const pointer = words[word]!;
      if (pointer < this.#split || (pointer & 3) !== 0 || pointer >= 0xfffff000) continue;
      const found = this.#machine.memory.read(virt(pointer), INNER_BYTES);
      if (found instanceof Uint8Array) inner.set(4 * word, found);
    }
    return inner;
  }
}
