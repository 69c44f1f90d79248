// Tells what a return to CPL 3 ends: the kernel must give a program back the stack pointer that it took it from.
import type { EventHub, Subscription } from './event-hub.ts';
import { subscription } from './event-hub.ts';
import type { MachineEvent } from './events/event.ts';
import type { EventMap } from './events/map.ts';

type Entry = EventMap['syscall-return']['entry'];

/**
 * Remembers how each program in the kernel came there, by address space and user stack pointer: threads of one process have stacks of
 * their own, and a signal handler's return to the interrupted place finds its entry again.
 */
export class SyscallPairing {
  readonly #entries = new Map<number, Entry>();

  /** Listens to all ways into the kernel. */
  watch(hub: EventHub): Subscription {
    const remember = (entry: Entry) => (event: Pick<MachineEvent, 'cpl' | 'cr3' | 'cpu'>) => {
      if (event.cpl === 3) this.#entries.set(key(event.cr3, event.cpu.esp), entry);
    };
    const parts = [
      hub.on('syscall', remember('syscall')),
      hub.on('interrupt', remember('interrupt')),
      hub.on('exception', remember('exception')),
    ];
    return subscription(() => {
      for (const part of parts) part[Symbol.dispose]();
      this.#entries.clear();
    });
  }

  /** Fills the entry of a return, and forgets it. */
  readonly complete = (event: EventMap['syscall-return']): void => {
    const at = key(event.cr3, event.stack);
    (event as { entry: Entry }).entry = this.#entries.get(at) ?? 'unknown';
    this.#entries.delete(at);
  };

  /** What a snapshot keeps. */
  save(): readonly (readonly [number, Entry])[] {
    return [...this.#entries];
  }

  /** Puts back what a snapshot kept. */
  restore(entries: readonly (readonly [number, Entry])[]): void {
    this.#entries.clear();
    for (const [at, entry] of entries) this.#entries.set(at, entry);
  }
}

/** One number below 2^53 for an address space and a stack pointer: CR3's flags and PAE's low bits don't name a space. */
const key = (space: number, stack: number): number => (space >>> 12) * 2 ** 32 + stack;
