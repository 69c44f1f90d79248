// Hears of the end of address spaces: watches the frames of top-level tables for the write that takes their last user page.
import { type Access, type Frame, frameOf, type Machine, type Subscription } from '../../emulator/index.ts';
import { entryAddress, hasUserPage, mayBeUser, type TopTable } from './top-table.ts';

/** The tables in one frame (PAE tables have 32 bytes, many share a frame) and the protection that reports writes to it. */
interface WatchedFrame {
  readonly tables: Map<number, Watch>;
  readonly protection: Subscription;
}

interface Watch {
  readonly table: TopTable;
  readonly emptied: () => void;
}

export class TableWatch implements Disposable {
  readonly #machine: Machine;
  readonly #frames = new Map<Frame, WatchedFrame>();

  constructor(machine: Machine) {
    this.#machine = machine;
  }

  /**
   * Watches a table.
   * @param emptied called before the write that leaves no page that CPL 3 may access.
   */
  add(table: TopTable, emptied: () => void): void {
    const frame = frameOf(table.base);
    const watched = this.#frames.get(frame) ?? this.#protect(frame);
    watched?.tables.set(table.base, { table, emptied });
  }

  /** Watches a table no more. Not to be called while the guest writes to it. */
  remove(table: TopTable): void {
    const frame = frameOf(table.base);
    const watched = this.#frames.get(frame);
    watched?.tables.delete(table.base);
    if (!watched || watched.tables.size > 0) return;
    watched.protection[Symbol.dispose]();
    this.#frames.delete(frame);
  }

  [Symbol.dispose](): void {
    for (const { protection } of this.#frames.values()) protection[Symbol.dispose]();
    this.#frames.clear();
  }

  /** @returns undefined for a table outside RAM, which nobody can write to. */
  #protect(frame: Frame): WatchedFrame | undefined {
    if (frame >= this.#machine.memory.size >>> 12) return undefined;
    const tables = new Map<number, Watch>();
    const protection = this.#machine.protect(frame, { write: true }, (access) => {
      for (const watch of tables.values()) this.#written(watch, access);
    });
    const watched = { tables, protection };
    this.#frames.set(frame, watched);
    return watched;
  }

  #written({ table, emptied }: Watch, access: Access): void {
    const first = Math.max(0, Math.floor((access.physical - table.base) / table.entrySize));
    const last = Math.min(
      table.entries - 1,
      Math.floor((access.physical + access.size - 1 - table.base) / table.entrySize),
    );
    const read = this.#machine.memory.wordAt;
    let takes = false;
    for (let index = first; index <= last; index++) {
      const old = read(entryAddress(table, index)) ?? 0;
      takes ||= mayBeUser(table, old) && !mayBeUser(table, this.#after(table, index, access));
    }
    if (!takes) return;
    const inside = (index: number) => index >= first && index <= last;
    const entryAt = (index: number) =>
      inside(index) ? this.#after(table, index, access) : (read(entryAddress(table, index)) ?? 0);
    if (!hasUserPage(read, table, entryAt)) emptied();
  }

  /** The low word of an entry as an access is about to leave it. What a device writes is not known: no device writes page tables. */
  #after(table: TopTable, index: number, { physical, size, value }: Access): number {
    if (value === undefined) return 0;
    const address = entryAddress(table, index);
    const old = this.#machine.memory.wordAt(address) ?? 0;
    if (physical === address && size >= 4) return value[0]!;
    let word = 0;
    for (let byte = 0; byte < 4; byte++) {
      const offset = address + byte - physical;
      const source = offset >= 0 && offset < size ? value[offset >> 2]! >>> (8 * (offset & 3)) : old >>> (8 * byte);
      word |= (source & 0xff) << (8 * byte);
    }
    return word;
  }
}
