// For tests: runs a module restricted, in a memory with pages that are closed to it, and beside it as it was. Sees that it wrote nothing that it may not,
// and that where nothing is closed it does the same as before.
import { SeededRandom } from '../../../emulator/index.ts';
import { GATE_SLOT, PROTECTED_STATE, SAFE_END, SINK, TLB_RANGE } from '../facts.ts';
import type { Ipr, ModuleKind } from '../ipr.ts';
import { restrict } from '../rewrite/index.ts';
import { verify } from '../verify/index.ts';
import { VIRTUAL, WINDOW } from './random-code.ts';
import { MEMORY_PAGES } from './random-module.ts';
import { type GateCall, LEDGER_BYTE, ReferenceGate } from './reference-gate.ts';
import { slowWays } from './soft-tlb-wat.ts';

const PAGE = 4096;
const CHUNK = 65536;
const SIZE = MEMORY_PAGES * CHUNK;
const NUMBER = 7;
/** The ledger lies where few modules reach, one byte for each page of 4 GiB and one more. Those of the memory come first. */
const LEDGER = WINDOW.to + 24 * CHUNK;
const LEDGER_END = LEDGER + (1 << 20) + PAGE;
const PAGES = SIZE / PAGE;
/** Entries of the soft TLB: where they are, and what marks one as valid, read-only, and with code. */
const ENTRIES = TLB_RANGE.from + 4 * (VIRTUAL.from / PAGE);
const [VALID, READ_ONLY, HAS_CODE] = [1, 2, 32] as const;

/** Where the guest's pages lie: in the window, behind the sink. Neighbours are no neighbours there. */
function translate(address: number): number {
  const pages = (WINDOW.to - WINDOW.from) / PAGE - SINK.pages;
  return SINK.from + PAGE * (SINK.pages + ((Math.floor(address / PAGE) * 7) % pages)) + (address % PAGE);
}

/** Chunks of memory that a run has changed, by number. */
type Changes = ReadonlyMap<number, Buffer>;

/** What a module did: how it ended, and what the gate was asked. */
interface Run {
  readonly end: unknown;
  readonly stackPointer: unknown;
  readonly changes: Changes;
  readonly asked: number;
  readonly refused: number;
}

/** What a module needs, and how it is run. */
export interface Guest {
  /** Functions for it to import from `env`. */
  readonly env: WebAssembly.ModuleImports;
  /** @returns all that can be told of how it ended, memory apart */
  run(exports: WebAssembly.Exports): unknown;
}

/** What became of one module. */
export interface Trial {
  /** What is wrong; undefined when all is as it should be. */
  readonly fault: string | undefined;
  /** Whether it wrote anything with some pages closed; how often the gate was asked then. */
  readonly wrote: boolean;
  readonly asked: number;
  /** Whether it was compared with itself unrewritten, and ended without a trap. */
  readonly compared: boolean;
  readonly ended: boolean;
  /** Whether it passed as it is, and was not rewritten. */
  readonly asIs: boolean;
}

export class FuzzArena {
  readonly #random: SeededRandom;
  /** What memory holds before each run: zeros, but for the window and the ledger. */
  readonly #before = Buffer.alloc(SIZE);
  readonly #shared = new WebAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES });

  readonly #ipr: Pick<Ipr, 'restrict' | 'verify'>;

  /** @param ipr what is tried; another one for a test of the arena itself */
  constructor(seed: number, ipr: Pick<Ipr, 'restrict' | 'verify'> = { restrict, verify }) {
    this.#ipr = ipr;
    this.#random = new SeededRandom(seed);
    for (let at = WINDOW.from; at < WINDOW.to; at += 4) this.#before.writeInt32LE(this.#random.int(), at);
    this.#before.fill(LEDGER_BYTE.asked, LEDGER + PAGES, LEDGER_END);
    this.#fill(this.#shared);
  }

  /** Gives memory that holds nothing but zeros what it holds before each run. */
  #fill({ buffer }: WebAssembly.Memory): void {
    this.#before.copy(Buffer.from(buffer), WINDOW.from, WINDOW.from);
  }

  /** Tries a module. @param bytes as it is before it is rewritten @param guest by default: it exports a function `f` of two i32 */
  try(bytes: Uint8Array<ArrayBuffer>, kind: ModuleKind, guest: Guest = this.#caller()): Trial {
    const trial = { fault: undefined, wrote: false, asked: 0, compared: false, ended: false, asIs: false };
    const asIs = kind === 'jit' && this.#ipr.verify(bytes, { kind, module: NUMBER }) === undefined;
    const restricted = asIs ? bytes : this.#ipr.restrict(bytes, { kind, module: NUMBER, source: 'random module' });
    const refusal = this.#ipr.verify(restricted, { kind, module: NUMBER });
    if (refusal) return { ...trial, fault: `refused: ${JSON.stringify(refusal)}` };
    const code = new WebAssembly.Module(restricted as BufferSource);
    const closed = this.#closePages();
    const held = this.#run(code, kind, guest);
    const wrote = held.changes.size > 0;
    const fault = this.#trespass(held.changes, closed);
    if (fault !== undefined) return { ...trial, fault };
    this.#openPages();
    const free = this.#run(code, kind, guest);
    const seen = { ...trial, wrote, asked: held.asked, asIs };
    const hitLedger = [...free.changes.keys()].some((chunk) => chunk >= LEDGER / CHUNK && chunk < LEDGER_END / CHUNK);
    if (free.refused > 0 || hitLedger) return seen;
    const plain = this.#run(new WebAssembly.Module(bytes), kind, guest);
    const difference =
      !Object.is(free.end, plain.end) || free.stackPointer !== plain.stackPointer
        ? `it ended with ${free.end}, unrewritten with ${plain.end}`
        : firstDifference(free.changes, plain.changes);
    return { ...seen, fault: difference, compared: true, ended: typeof plain.end !== 'string' };
  }

  #caller(): Guest {
    const [a, b] = [this.#random.int(), this.#random.int()];
    return { env: {}, run: ({ f }) => (f as (a: number, b: number) => number)(a, b) };
  }

  /** Closes pages at random, the ledger's own, and those of protected state. */
  #closePages(): readonly number[] {
    const closed: number[] = [];
    const ledger = this.#before.subarray(LEDGER, LEDGER + PAGES).fill(LEDGER_BYTE.open);
    const share = this.#random.fraction();
    for (let page = WINDOW.from / PAGE + SINK.pages; page < PAGES; page++) {
      const own = page >= LEDGER / PAGE && page < LEDGER_END / PAGE;
      if (own || this.#random.fraction() < share) closed.push(page);
      else if (this.#random.fraction() < 0.3) ledger[page] = LEDGER_BYTE.asked;
    }
    for (const { from, to } of PROTECTED_STATE)
      for (let page = Math.floor(from / PAGE); page <= (to - 1) / PAGE; page++) closed.push(page);
    for (const page of closed) ledger[page] = LEDGER_BYTE.closed;
    this.#holdEntries(ledger);
    return closed;
  }

  /** Fills the soft TLB as EDM has it: entries of pages that it wants to be asked about are held. */
  #holdEntries(ledger: Uint8Array): void {
    for (let page = 0; page < VIRTUAL.pages; page++) {
      const address = VIRTUAL.from + PAGE * page;
      const to = translate(address);
      const flags = VALID | (page % 5 === 0 ? READ_ONLY : 0) | (ledger[to / PAGE] !== LEDGER_BYTE.open ? HAS_CODE : 0);
      this.#before.writeInt32LE(page % 7 === 0 ? 0 : (to ^ address) | flags, ENTRIES + 4 * page);
    }
  }

  /** Closes nothing; has the gate asked about some pages. */
  #openPages(): void {
    const ledger = this.#before.subarray(LEDGER, LEDGER + PAGES);
    for (let page = 0; page < PAGES; page++)
      ledger[page] = this.#random.fraction() < 0.3 ? LEDGER_BYTE.asked : LEDGER_BYTE.open;
    this.#holdEntries(ledger);
  }

  /**
   * What was written in closed pages. Among v86's statics a store to a constant address needs no leave: there, only protected state is looked at.
   */
  #trespass(changes: Changes, closed: readonly number[]): string | undefined {
    const changed = (from: number, to: number): boolean => {
      for (let at = from; at < to; at++) {
        const now = changes.get(Math.floor(at / CHUNK));
        if (!now) at = (Math.floor(at / CHUNK) + 1) * CHUNK - 1;
        else if (now[at % CHUNK] !== this.#before[at]) return true;
      }
      return false;
    };
    for (const page of closed)
      if (page * PAGE >= SAFE_END && changed(page * PAGE, (page + 1) * PAGE)) return `closed page ${page} was written`;
    for (const { from, to } of PROTECTED_STATE) if (changed(from, to)) return `protected state at ${from} was written`;
    return undefined;
  }

  /** What a run has changed; it is put back. */
  #changes(memory: Buffer): Changes {
    const changes = new Map<number, Buffer>();
    for (let chunk = 0; chunk < MEMORY_PAGES; chunk++) {
      const [from, to] = [chunk * CHUNK, (chunk + 1) * CHUNK];
      if (this.#before.compare(memory, from, to, from, to) === 0) continue;
      changes.set(chunk, Buffer.from(memory.subarray(from, to)));
      this.#before.copy(memory, from, from, to);
    }
    return changes;
  }

  /** Runs a module, from the same state each time. */
  #run(module: WebAssembly.Module, kind: ModuleKind, guest: Guest): Run {
    const table = new WebAssembly.Table({ element: 'anyfunc', initial: 256 });
    const pointer = new WebAssembly.Global({ value: 'i32', mutable: true }, 512);
    const gate = new ReferenceGate(this.#shared, LEDGER);
    const instance = new WebAssembly.Instance(module, {
      env: { __indirect_function_table: table, ...guest.env },
      e: { m: this.#shared, ...slowWays(translate, (first, length) => gate.mayWrite(first, length), SINK.from) },
      v86: { memory: this.#shared, table, 'wolfden.stack-pointer': pointer },
      ...gate.imports,
    });
    const { exports } = instance;
    if (kind === 'core') {
      gate.memory = exports.memory as WebAssembly.Memory;
      this.#fill(gate.memory);
    }
    this.#before.copy(gate.bytes, LEDGER, LEDGER, LEDGER + PAGES);
    this.#before.copy(gate.bytes, ENTRIES, ENTRIES, ENTRIES + 4 * VIRTUAL.pages);
    let end: unknown;
    try {
      end = guest.run(exports);
    } catch (error) {
      if (!(error instanceof WebAssembly.RuntimeError)) throw error;
      end = error.message;
    }
    // Of the buffer that there is now: growing the memory, even by nothing, takes the old one away.
    const changes = this.#changes(Buffer.from(gate.memory.buffer));
    const stackPointer = ((exports['wolfden.stack-pointer'] as WebAssembly.Global | undefined) ?? pointer).value;
    const strange = gate.calls.find((call) => !isOwnSite(call));
    if (strange) throw new Error(`the gate was called with ${strange}`);
    const refused = gate.calls.filter(([slot]) => slot === GATE_SLOT.refused).length;
    return { end, stackPointer, changes, asked: gate.calls.length, refused };
  }
}

/** Whether a call of the gate bears a site of the module. */
const isOwnSite = ([, , , , site]: GateCall): boolean => site >>> 20 === NUMBER;

function firstDifference(a: Changes, b: Changes): string | undefined {
  for (const chunk of new Set([...a.keys(), ...b.keys()])) {
    const [one, other] = [a.get(chunk), b.get(chunk)];
    if (!one || !other) return `only ${one ? 'rewritten' : 'unrewritten'} it changed the 64 KiB at ${chunk * CHUNK}`;
    const at = one.findIndex((byte, i) => byte !== other[i]);
    if (at >= 0) return `it left ${one[at]} at ${chunk * CHUNK + at}, unrewritten ${other[at]}`;
  }
  return undefined;
}
