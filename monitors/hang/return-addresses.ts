// Names the place at which a thread left the CPU by the return addresses on its stack, innermost first. Frame pointers are not needed:
// a word of the stack is taken for a return address when it points into the kernel's code behind a call.
import { type Machine, type VirtAddr, virt } from '../../emulator/index.ts';
import type { Range } from '../parameters.ts';

/** Words of the stack that are looked at. */
const DEPTH = 72;
/** Return addresses that name a place: so many are the same whenever a thread waits there; further ones may be left from earlier calls. */
const NAMED_BY = 3;
/** Bytes before a return address that a CALL may have: opcode, ModRM, SIB and displacement. */
const LONGEST_CALL = 7;

/** Whether a call ends at the end of some bytes (SDM vol. 2, CALL: E8 rel32, FF /2). */
export function endsInCall(bytes: Uint8Array): boolean {
  const at = (back: number): number => bytes[bytes.length - back] ?? 0;
  if (at(5) === 0xe8) return true;
  // FF /2 with no displacement, with one of 8 bits, with one of 32 bits; each with a SIB byte or without.
  for (const [back, modes] of [
    [2, 'r'],
    [3, 'b'],
    [4, 's'],
    [6, 'd'],
    [7, 'x'],
  ] as const) {
    if (at(back) !== 0xff) continue;
    const modrm = at(back - 1);
    if (((modrm >> 3) & 7) !== 2) continue;
    const [mode, memory] = [modrm >> 6, modrm & 7];
    if (modes === 'r' && (mode === 3 || (mode === 0 && memory !== 4 && memory !== 5))) return true;
    if (modes === 'b' && ((mode === 1 && memory !== 4) || (mode === 0 && memory === 4))) return true;
    if (modes === 's' && mode === 1 && memory === 4) return true;
    if (modes === 'd' && ((mode === 2 && memory !== 4) || (mode === 0 && memory === 5))) return true;
    if (modes === 'x' && (mode === 2 || mode === 0) && memory === 4) return true;
  }
  return false;
}

/** Reads places off stacks. */
export class ReturnAddresses {
  readonly #machine: Machine;
  readonly #text: Range;
  /** Whether an address is one that a call returns to. Code of a kernel hardly changes. */
  readonly #known = new Map<number, boolean>();

  constructor(machine: Machine, text: Range) {
    this.#machine = machine;
    this.#text = text;
  }

  /** The key of the place at which the running thread is, on whose stack the CPU is: offsets in the kernel's code, the same in each boot. */
  place(): string {
    const { cpu, memory } = this.#machine;
    const stack = cpu.esp & ~3;
    let key = '';
    for (let index = 0, found = 0; index < DEPTH && found < NAMED_BY; index++) {
      const word = memory.readWord(virt(stack + 4 * index));
      if (word === undefined) break;
      if (word <= this.#text.from || word >= this.#text.to || !this.#isReturn(virt(word))) continue;
      key += `${found > 0 ? ' ' : ''}${(word - this.#text.from).toString(16)}`;
      found++;
    }
    return key;
  }

  #isReturn(address: VirtAddr): boolean {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const bytes = this.#machine.memory.read(virt(address - LONGEST_CALL), LONGEST_CALL);
    const is = bytes instanceof Uint8Array && endsInCall(bytes);
    this.#known.set(address, is);
    return is;
  }
}
