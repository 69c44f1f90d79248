// Finds out by which way threads end. Not all ask for it: a signal, a fault or another thread ends them as well. But their last turn
// ends at one place in the kernel, whatever brought them there, and no thread that lives leaves the CPU at it.
//
// Pattern: look at the words on the stack of each thread that leaves the CPU. Of the threads that made a call to end, the last
// departures agree in a return address that no other departure has at that distance. Refuted by a thread that runs again after it.
import { type Machine, type VirtAddr, virt } from '../../emulator/index.ts';
import type { Range } from '../parameters.ts';

/** Words of the stack that are looked at: the switching function and its callers have small frames. */
const DEPTH = 64;
/** Threads whose last departures must agree. */
const ENOUGH = 3;

/** The return address, and its distance from the stack pointer in bytes, by which a last departure is known. */
export interface EndingPlace {
  readonly distance: number;
  readonly returns: VirtAddr;
}

/** Learns the place, and then knows last departures by it. */
export class Endings {
  readonly #machine: Machine;
  readonly #text: Range | undefined;
  /** By distance: the words that departures of living threads had there. */
  readonly #living: Set<number>[] = Array.from({ length: DEPTH }, () => new Set());
  /** The words of the last departure of each thread that has called to end, by the record's id. */
  readonly #lastOfEnding = new Map<number, Uint32Array>();
  readonly #words = new Uint32Array(DEPTH);
  #refuted = 0;
  /** What has been learnt. */
  place: EndingPlace | undefined;

  /** @param text the kernel's code, to which return addresses point; any nonzero word will do where it is not known. */
  constructor(machine: Machine, text: Range | undefined) {
    this.#machine = machine;
    this.#text = text;
  }

  /** A thread leaves the CPU. @returns whether it is known to do so for the last time */
  leaves(id: number, ending: boolean): boolean {
    const { cpu, memory } = this.#machine;
    if (this.place) return memory.readWord(virt(cpu.esp + this.place.distance)) === this.place.returns;
    for (let index = 0; index < DEPTH; index++) this.#words[index] = memory.readWord(virt(cpu.esp + 4 * index)) ?? 0;
    if (ending) this.#lastOfEnding.set(id, this.#words.slice());
    else for (let index = 0; index < DEPTH; index++) this.#living[index]!.add(this.#words[index]!);
    return false;
  }

  /** Looks whether enough is known. @returns those whose departure was the last, when the place has been learnt now */
  learn(): readonly number[] {
    if (this.place || this.#lastOfEnding.size < ENOUGH + this.#refuted) return [];
    const departures = [...this.#lastOfEnding];
    for (let index = 0; index < DEPTH; index++) {
      const votes = new Map<number, number[]>();
      for (const [id, words] of departures) {
        const word = words[index]!;
        if (this.#isReturn(word) && !this.#living[index]!.has(word)) votes.set(word, [...(votes.get(word) ?? []), id]);
      }
      for (const [word, ids] of votes) {
        // One or the other may be on its way still.
        if (ids.length < ENOUGH + this.#refuted || ids.length * 4 < departures.length * 3) continue;
        this.place = { distance: 4 * index, returns: virt(word) };
        this.#lastOfEnding.clear();
        return ids;
      }
    }
    return [];
  }

  /** A thread that was said to have ended runs: what was learnt is wrong. */
  refute(): void {
    this.place = undefined;
    this.#refuted++;
    this.#lastOfEnding.clear();
  }

  #isReturn(word: number): boolean {
    return this.#text === undefined ? word !== 0 : word > this.#text.from && word < this.#text.to;
  }
}
