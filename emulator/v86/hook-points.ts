// The names under which the rewritten v86.wasm exports its hooks: globals, set from outside, that say who is called.
import { EVENT_KINDS, type EventKind } from '../events/kinds.ts';

/** Services that the machine itself needs at a hook, beside events. Their numbers follow those of the kinds. */
export const SERVICES = ['probe', 'guard', 'fetch'] as const;

/** A service of the machine. */
export type Service = (typeof SERVICES)[number];

/** Whoever a hook can call. */
export type HookName = EventKind | Service;

/** All hooks, in the order of their numbers. */
export const HOOKS: readonly HookName[] = [...EVENT_KINDS, ...SERVICES];

/** The number that a hook passes as its first argument. */
export const hookNumber = (name: HookName): number => HOOKS.indexOf(name);

/** The name under which v86.wasm imports, from `env`, the table that hooks call through. */
export const HOOK_TABLE_IMPORT = 'wolfden.hooks';

/** Slots of that table: nobody, the one that leads to JavaScript, and one for each hook. */
export const HOOK_TABLE_SIZE = 2 + HOOKS.length;

/** The exported global with the table slot of a hook's listener; 0 when nobody listens. */
export const slotExport = (name: HookName): string => `wolfden.slot.${name}`;

/**
 * Places where one load stands for several hooks. Each is an exported global, nonzero when any of `hooks` has a listener, so that
 * a place with many hooks costs one load and a branch while nobody listens.
 */
export const WATCHES = {
  /** `call_interrupt_vector`: everything that goes through the IDT. */
  interruptions: ['software-interrupt', 'syscall', 'interrupt', 'page-fault', 'exception', 'probe'],
  /** Stores to CPL. */
  privilege: ['cpl-change', 'syscall', 'syscall-return'],
  /** MOV to a control register. */
  controlRegisters: ['cr3-write', 'cr4-write'],
  /** The end of a page walk. */
  walks: ['tlb-fill', 'guard'],
} as const satisfies Readonly<Record<string, readonly HookName[]>>;

/** The name of a watch. */
export type WatchName = keyof typeof WATCHES;

/** The exported global of a watch. */
export const watchExport = (name: WatchName): string => `wolfden.watch.${name}`;

/** Other exports that the rewriter adds. */
export const ADDED_EXPORTS = {
  /** v86's shadow stack pointer, to be put back when a host exception unwinds it. */
  stackPointer: 'wolfden.stack-pointer',
  /** `step(count)`: runs one instruction in the interpreter, and adds `count` to the instruction counter. */
  step: 'wolfden.step',
  /** `deliver(vector, hasErrorCode, errorCode)`: delivers an exception, hooks included. */
  deliver: 'wolfden.deliver',
} as const;
