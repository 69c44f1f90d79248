// Policy "code": only verified modules run, and v86's table changes by the install path only.
import { JIT_TABLE_OFFSET } from '../../../emulator/index.ts';
import { POLICY } from '../kinds.ts';
import type { Policy } from './policy.ts';

export const code: Policy = {
  bit: POLICY.CODE,
  about: 'only verified modules run; slots of compiled code change through the install path only',
  events: [],
};

/** FNV-1a over a module: names it in the log. Not against forgery: what runs is what was verified, wherever the number is. */
export function fingerprint(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
  return hash;
}

/** Remembers what belongs into each slot of v86's table. */
export class TableWatch {
  readonly #table: WebAssembly.Table;
  readonly #expected: unknown[];

  constructor(table: WebAssembly.Table) {
    this.#table = table;
    this.#expected = Array.from({ length: table.length }, (_, slot) => table.get(slot) as unknown);
  }

  /** A function was put into a slot by the install path. */
  installed(slot: number, code: unknown): void {
    this.#expected[slot] = code;
  }

  /**
   * The slots that hold anything else than what was put there; the length, if the table grew. A slot of compiled code may be empty: v86 clears those
   * that it has dropped.
   */
  changed(): number[] {
    const slots: number[] = this.#table.length === this.#expected.length ? [] : [this.#table.length];
    for (let slot = 0; slot < this.#expected.length; slot++) {
      const found: unknown = this.#table.get(slot);
      if (found !== this.#expected[slot] && !(found === null && slot >= JIT_TABLE_OFFSET)) slots.push(slot);
    }
    return slots;
  }
}
