// Places where a kernel may keep a pointer to the running thread's structure, read off its code.
import type { VirtAddr } from '../../emulator/index.ts';
import type { CurrentPlace } from '../parameters.ts';
import type { Instruction, KernelCode } from './kernel-code.ts';

/** A place, and how many instructions that ran use it. */
export interface UsedPlace {
  readonly place: CurrentPlace;
  readonly users: number;
}

/** Masks that round a stack pointer down: stacks of 4 KiB to 64 KiB. */
const STACK_MASKS: ReadonlySet<number> = new Set([0xfffff000, 0xffffe000, 0xffffc000, 0xffff8000, 0xffff0000]);

/** Instructions after the rounding in which the pointer is fetched. */
const FETCH_WITHIN = 6;

/** Registers by name, of those that hold pointers. */
const POINTER_SIZE = 4;

const keyOf = (place: CurrentPlace): string => JSON.stringify(place);

/**
 * Places that code uses: a word at a fixed address, a word at a fixed offset in a segment of the kernel's own, and what the stack pointer
 * rounded down leads to.
 * @param executed addresses of instructions that ran at CPL 0.
 * @param split operands below are no addresses of the kernel.
 */
export function usedPlaces(code: KernelCode, executed: Iterable<number>, split: VirtAddr): UsedPlace[] {
  const found = new Map<string, { place: CurrentPlace; users: number }>();
  const note = (place: CurrentPlace): void => {
    const key = keyOf(place);
    const known = found.get(key);
    if (known) known.users++;
    else found.set(key, { place, users: 1 });
  };
  for (const address of executed) {
    const instruction = code.at(address);
    if (!instruction) continue;
    for (const place of fixedPlaces(instruction, split)) note(place);
    for (const place of stackPlaces(code, instruction)) note(place);
  }
  return [...found.values()].sort((a, b) => b.users - a.users);
}

/** A load of a pointer from a fixed place. */
function fixedPlaces({ mnemonic, operands }: Instruction, split: VirtAddr): CurrentPlace[] {
  const source = operands[1];
  if (mnemonic !== 'mov' || source?.kind !== 'memory' || source.size !== POINTER_SIZE) return [];
  if (source.base !== undefined || source.index !== undefined) return [];
  const { segment, displacement } = source;
  if (segment === 'fs' || segment === 'gs') return [{ how: 'segment', segment, offset: displacement }];
  return displacement >= split ? [{ how: 'global', address: displacement as VirtAddr }] : [];
}

/** The rounding of the stack pointer, and the load after it. */
function stackPlaces(code: KernelCode, instruction: Instruction): CurrentPlace[] {
  const [to, by] = instruction.operands;
  if (instruction.mnemonic !== 'and' || to?.kind !== 'register') return [];
  const mask = roundingMask(code, instruction, to.register, by);
  if (mask === undefined) return [];
  const places: CurrentPlace[] = [{ how: 'stack', mask, offset: 0, indirect: false }];
  let at: number = instruction.address + instruction.length;
  for (let count = 0; count < FETCH_WITHIN; count++) {
    const next = code.at(at);
    if (next?.flow !== 'next') break;
    const [target, source] = next.operands;
    if (
      source?.kind === 'memory' &&
      source.base === to.register &&
      source.index === undefined &&
      next.mnemonic === 'mov'
    )
      places.push({ how: 'stack', mask, offset: source.displacement, indirect: true });
    if (target?.kind === 'register' && target.register === to.register) break;
    at += next.length;
  }
  return places;
}

/** The mask, if what is rounded is the stack pointer: `mov r, esp; and r, mask` or `mov r, mask; and r, esp`. */
function roundingMask(
  code: KernelCode,
  { address }: Instruction,
  register: string,
  by: Instruction['operands'][number] | undefined,
): number | undefined {
  for (let back = 2; back <= 16; back++) {
    const before = code.at(address - back);
    if (before?.mnemonic !== 'mov' || address - back + before.length > address) continue;
    const [to, from] = before.operands;
    if (to?.kind !== 'register' || to.register !== register) continue;
    if (by?.kind === 'immediate' && STACK_MASKS.has(by.value) && from?.kind === 'register' && from.register === 'esp')
      return by.value;
    if (by?.kind === 'register' && by.register === 'esp' && from?.kind === 'immediate' && STACK_MASKS.has(from.value))
      return from.value;
  }
  return undefined;
}

/** Reads a place. */
export interface PlaceReader {
  /** @param stack the kernel's stack pointer; of a place in a segment, the segment's base must be the kernel's. */
  read(place: CurrentPlace, stack: number, segmentBase: (segment: 'fs' | 'gs') => number): number | undefined;
}

/** A reader of places in a guest's memory. */
export const placeReader = (readWord: (address: number) => number | undefined): PlaceReader => ({
  read(place, stack, segmentBase) {
    if (place.how === 'global') return readWord(place.address);
    if (place.how === 'segment') return readWord((segmentBase(place.segment) + place.offset) >>> 0);
    const bottom = ((stack & place.mask) + place.offset) >>> 0;
    return place.indirect ? readWord(bottom) : bottom;
  },
});
