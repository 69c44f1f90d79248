// States of listeners that are saved with the machine's.
import { type Subscription, subscription } from './event-hub.ts';

/** A listener whose state belongs to the machine's: what it has counted so far, say. */
export interface KeptState {
  /** The state as plain data that JSON can hold. */
  save(): unknown;
  /** Takes up a state that `save` gave, perhaps in another process. */
  restore(state: unknown): void;
}

export class ListenerStates {
  readonly #listeners = new Map<string, KeptState>();
  #restored: Readonly<Record<string, unknown>> = {};

  /** @throws Error when the name is taken. */
  add(name: string, listener: KeptState): Subscription {
    if (this.#listeners.has(name)) throw new Error(`keep: expected a name that is not in use, found ${name}`);
    this.#listeners.set(name, listener);
    if (name in this.#restored) listener.restore(this.#restored[name]);
    return subscription(() => this.#listeners.delete(name));
  }

  /** All states by name; those that nobody has asked for since a restore are kept as they are. */
  save(): Record<string, unknown> {
    const saved: Record<string, unknown> = { ...this.#restored };
    for (const [name, listener] of this.#listeners) saved[name] = listener.save();
    return saved;
  }

  restore(states: Readonly<Record<string, unknown>>): void {
    this.#restored = states;
    for (const [name, listener] of this.#listeners) if (name in states) listener.restore(states[name]);
  }
}
