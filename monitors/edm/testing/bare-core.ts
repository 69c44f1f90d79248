// For tests: EDM's core in a memory laid out as v86's, without v86. What a wolf does through the gate, a test does by calling it.
import { VMM_STATE, VMM_STATICS } from '../../../emulator/index.ts';
import { AuditLog } from '../audit-log.ts';
import { type FailureHandler, instantiateCore } from '../core.ts';
import { SLOW_WAYS } from '../facts.ts';
import { EdmFailure } from '../failure.ts';
import { POLICY } from '../kinds.ts';
import { ARENA_SIZE } from '../layout.ts';
import { Ledger } from '../ledger.ts';
import { loadCore } from '../node/assets.ts';
import { ARENA_START, place } from '../placement.ts';

const PAGE = 4096;
const WASM_PAGE = 65536;

/** RAM of a bare core in bytes. */
export const RAM = 4 << 20;

const wasm = await loadCore();

/** Site numbers of operations in v86.wasm, in compiled code and in an extension. */
export const SITE = { v86: 7, compiled: (1 << 20) | 8, extension: (0x800 << 20) | 9 } as const;

const ALL = Object.values(POLICY).reduce((all, bit) => all | bit, 0);

const throwFailure: FailureHandler = (reason, a, b) => {
  throw new EdmFailure(reason, a, b);
};

/** v86's slow ways of writes, which all give back the same entry. */
const slowWays = (v86: { readonly entry: number }): WebAssembly.Exports =>
  Object.fromEntries(
    Object.values(SLOW_WAYS).flatMap((way) => Object.keys(way).map((name) => [name, () => v86.entry])),
  );

/**
 * A core that is armed, with guest RAM, before the guest runs.
 * @param fail what the host does when EDM fails; it should throw
 */
export function bareCore(fail: FailureHandler | (() => void) = throwFailure, policies: number = ALL) {
  const memory = new WebAssembly.Memory({ initial: VMM_STATICS.initialEnd / WASM_PAGE });
  memory.grow(ARENA_SIZE / WASM_PAGE);
  const placement = place(RAM, true, 1);
  const v86 = { entry: 1 };
  const core = instantiateCore(wasm, memory, slowWays(v86), placement.base, fail as FailureHandler);
  core.initialise(ARENA_START / PAGE, (ARENA_START + ARENA_SIZE) / PAGE, placement.size);
  const ramBase = core.grow(RAM / WASM_PAGE, 0, 0, SITE.v86) * WASM_PAGE;
  core.ramAllocated(ramBase, RAM);
  core.arm(policies);
  const bytes = (): Uint8Array => new Uint8Array(memory.buffer);
  const log = new AuditLog(
    core,
    bytes,
    placement.base,
    () => undefined,
    () => undefined,
  );
  const ledger = new Ledger(bytes, placement);
  ledger.ram = { base: ramBase, size: RAM };
  let seen = 0;
  const view = (): DataView => new DataView(memory.buffer);
  return {
    core,
    /** What v86's slow ways answer. */
    v86,
    memory,
    placement,
    log,
    ledger,
    ramBase,
    word: (address: number): number => view().getUint32(address, true),
    setWord: (address: number, value: number): void => view().setUint32(address, value, true),
    /** Sets a word of guest RAM. */
    setGuest: (physical: number, value: number): void => view().setUint32(ramBase + physical, value, true),
    /** Kinds of the alarms since the last call. */
    alarms(): string[] {
      const all = log.alarms.map(({ kind }) => kind);
      const news = all.slice(seen);
      seen = all.length;
      return news;
    },
  };
}

/** A bare core. */
export type BareCore = ReturnType<typeof bareCore>;

/** Places of the page tables that `turnOnPaging` makes. */
export const TABLES = { directory: 0x1000, table: 0x2000 } as const;

/** Turns 32-bit paging on, as a guest does before it runs: the first 4 MiB by the entries given, by page number. */
export function turnOnPaging(bare: BareCore, entries: Readonly<Record<number, number>>, writeProtect = true): void {
  const { core } = bare;
  bare.setGuest(TABLES.directory, TABLES.table | 7);
  for (const [page, entry] of Object.entries(entries)) bare.setGuest(TABLES.table + 4 * Number(page), entry);
  core.state(VMM_STATE.cr3, TABLES.directory, 4, SITE.v86);
  core.state(VMM_STATE.cr0, 0x80000001 | (writeProtect ? 0x10000 : 0), 4, SITE.v86);
}

/** The soft TLB's word for a translation, as v86 makes it. */
export const tlbWord = (bare: BareCore, virtual: number, physical: number, flags: number): number =>
  ((bare.ramBase + physical) ^ virtual) | flags;

/** Linear address of the word of a virtual page. */
export const tlbAddress = (virtual: number): number => VMM_STATICS.tlbData + 4 * (virtual >>> 12);
