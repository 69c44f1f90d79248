// Who listens to which kind of event, and how the raw integers of a hook become an event.

import { DECISION, decisionNumber, type EventKind, kindNumber } from './events/kinds.ts';
import { createEvent, type EventMap, type Listener, type WasmListener } from './events/map.ts';
import type { Vmm } from './v86/vmm.ts';

/** Lets a subscription, a probe or a protection go; doing it twice is harmless. */
export interface Subscription extends Disposable {
  [Symbol.dispose](): void;
}

/** Makes a subscription of what is to be done once when it ends. */
export function subscription(end: () => void): Subscription {
  let open = true;
  return {
    [Symbol.dispose]() {
      if (open) end();
      open = false;
    },
  };
}

/** Something that must run while a kind of event is listened to. */
export type Companion = () => Subscription;

type Entry = { readonly call: (a: number, b: number, c: number) => number; readonly wasm: WasmListener | undefined };

const scratch = new WebAssembly.Table({ element: 'anyfunc', initial: 1 });

/** Exported WebAssembly functions are named by their number (WebAssembly JavaScript interface, "name of the WebAssembly function"). */
const NUMBER = /^\d+$/;

/** Whether a function is an exported WebAssembly function: a table takes no other. */
export function isWasm(listener: { readonly name: string }): listener is WasmListener {
  // What a table refuses costs some microseconds, and some listeners come and go often.
  if (!NUMBER.test(listener.name)) return false;
  try {
    scratch.set(0, listener);
    return true;
  } catch {
    return false;
  } finally {
    scratch.set(0, null);
  }
}

export class EventHub {
  readonly #vmm: Vmm;
  readonly #listeners = new Map<EventKind, Entry[]>();
  readonly #companions = new Map<EventKind, Companion>();
  readonly #running = new Map<EventKind, Subscription>();
  #failure: { readonly error: unknown } | undefined;

  constructor(vmm: Vmm) {
    this.#vmm = vmm;
  }

  /** Names what must run while a kind has a listener. */
  accompany(kind: EventKind, companion: Companion): void {
    this.#companions.set(kind, companion);
  }

  /** Adds a listener after those that are there. @param prepare completes an event before the listener sees it. */
  on<Kind extends EventKind>(
    kind: Kind,
    listener: Listener<Kind> | WasmListener,
    prepare?: (event: EventMap[Kind]) => void,
  ): Subscription {
    const entry: Entry = isWasm(listener)
      ? { call: (a, b, c) => listener(kindNumber(kind), a, b, c), wasm: listener }
      : { call: this.#caller(kind, listener as Listener<Kind>, prepare), wasm: undefined };
    const entries = this.#listeners.get(kind) ?? [];
    this.#listeners.set(kind, [...entries, entry]);
    if (entries.length === 0) this.#accompanied(kind);
    this.#install(kind);
    return subscription(() => {
      const rest = this.#listeners.get(kind)!.filter((other) => other !== entry);
      this.#listeners.set(kind, rest);
      this.#install(kind);
      if (rest.length > 0) return;
      this.#running.get(kind)?.[Symbol.dispose]();
      this.#running.delete(kind);
    });
  }

  /** The error that a listener threw since the last call, wrapped to tell it from none. */
  takeFailure(): { readonly error: unknown } | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    return failure;
  }

  /**
   * Runs code of a listener. Its errors must not unwind v86: they are kept for the run loop, and the machine is asked to stop.
   * @returns what the code returned, or the alternative when it threw.
   */
  guarded<Result>(run: () => Result, alternative: Result): Result {
    try {
      return run();
    } catch (error) {
      this.fail(error);
      return alternative;
    }
  }

  /** Keeps an error of a listener for the run loop, and asks the machine to stop. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    this.#vmm.requestStop();
  }

  #caller<Kind extends EventKind>(kind: Kind, listener: Listener<Kind>, prepare?: (event: EventMap[Kind]) => void) {
    const event = createEvent(kind, this.#vmm.cpu);
    const shown = event as unknown as EventMap[Kind];
    return (a: number, b: number, c: number): number => {
      try {
        event.fill(a, b, c);
        prepare?.(shown);
        return decisionNumber(listener(shown));
      } catch (error) {
        this.fail(error);
        return DECISION.allow;
      }
    };
  }

  #accompanied(kind: EventKind): void {
    const companion = this.#companions.get(kind);
    if (companion) this.#running.set(kind, companion());
  }

  #install(kind: EventKind): void {
    const entries = this.#listeners.get(kind)!;
    const [only] = entries;
    if (!only) this.#vmm.hooks.clear(kind);
    else if (entries.length > 1) this.#vmm.hooks.set(kind, this.#all(entries));
    else if (only.wasm) this.#vmm.hooks.setWasm(kind, only.wasm);
    else this.#vmm.hooks.set(kind, only.call);
  }

  /** Calls all: one that suppresses suppresses for all, one that stops stops the machine. */
  #all(entries: readonly Entry[]) {
    return (a: number, b: number, c: number): number => {
      let decision: number = DECISION.allow;
      for (const { call } of entries) {
        const one = call(a, b, c);
        if (one === DECISION.stop) this.#vmm.requestStop();
        if (one === DECISION.suppress) decision = DECISION.suppress;
      }
      return decision;
    };
  }
}
