// Where EDM lies: at a place in the arena that is drawn anew at each boot.
import { SINK } from './facts.ts';
import { ARENA_SIZE, sizeFor } from './layout.ts';

const PAGE = 4096;

/** The arena begins where the memory that v86.wasm starts with ends, with the sink. Linear address. */
export const ARENA_START = SINK.from;

/** A place for EDM. Linear addresses, in whole pages. */
export interface Placement {
  readonly base: number;
  /** Bytes. */
  readonly size: number;
  /** Places that it was drawn from. */
  readonly places: number;
}

/** A 32-bit number from a seed, well mixed (the finaliser of MurmurHash3). */
function mix(seed: number): number {
  let h = seed | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Chooses EDM's place.
 * @param seed repeats a choice; undefined draws from the host's source of chance
 * @param randomise without it EDM lies at the start of the arena
 */
export function place(ram: number, randomise: boolean, seed: number | undefined): Placement {
  const size = sizeFor(ram);
  const first = ARENA_START + SINK.pages * PAGE;
  const places = randomise ? (ARENA_START + ARENA_SIZE - first - size) / PAGE + 1 : 1;
  const draw = seed === undefined ? globalThis.crypto.getRandomValues(new Uint32Array(1))[0]! : mix(seed + 1);
  return { base: first + PAGE * (draw % places), size, places };
}

/** The chance that one blind write into the arena hits EDM. */
export const hitChance = ({ size, places }: Placement): number => (places === 1 ? 1 : size / ARENA_SIZE);
