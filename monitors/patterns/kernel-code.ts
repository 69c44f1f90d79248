// The kernel's code in memory: instructions, functions and the code that calls them, found without symbols.
import { type Machine, PAGE_SIZE, type VirtAddr, virt, type x86 } from '../../emulator/index.ts';
import type { Range } from '../parameters.ts';

export type Instruction = x86.AnalysedInstruction;

const LONGEST_INSTRUCTION = 15;
const CALL_RELATIVE = 0xe8;
const PAGE_MASK = PAGE_SIZE - 1;

/** Bytes after which a function may begin: RET, NOP, INT3, the end of a longer NOP, the end of an unconditional jump's padding. */
const BEFORE_FUNCTION: ReadonlySet<number> = new Set([0xc3, 0x90, 0xcc, 0x00, 0xf4]);
const FUNCTION_ALIGNMENT = 16;

/** Offsets below take one byte in an instruction, and can't be searched for. */
export const LEAST_LONG_OFFSET = 0x80;

/** No function is that long that was written by hand; the search for an end stops there. */
const LONGEST_FUNCTION = 0x10000;
/** Addresses before an instruction that are tried as the first of its function. */
const MOST_STARTS = 8;

export class KernelCode {
  #machine: Machine;
  readonly #decoder: x86.InstructionDecoder;
  readonly #instructions = new Map<number, Instruction | undefined>();
  /** Addresses that CALL was seen to reach, with how often. */
  readonly called = new Map<number, number>();
  /** Addresses that JMP was seen to reach behind the end of something: functions that end by calling another jump to it. */
  readonly jumped = new Set<number>();
  /** Targets of JMP that are none of those, with where it is. */
  readonly #jumps = new Map<number, number>();
  #starts: number[] | undefined;
  #text: Range | undefined;

  constructor(machine: Machine, decoder: x86.InstructionDecoder) {
    this.#machine = machine;
    this.#decoder = decoder;
  }

  /** Reads from another machine of the same guest, in the same boot. */
  set machine(machine: Machine) {
    this.#machine = machine;
  }

  /** The instruction at an address; undefined where there is none. Decoded once. */
  at(address: number): Instruction | undefined {
    if (this.#instructions.has(address)) return this.#instructions.get(address);
    const bytes = this.#bytes(address);
    const found = bytes && this.#decoder.analyse(bytes, virt(address));
    const instruction = found?.kind === 'instruction' ? found : undefined;
    this.#instructions.set(address, instruction);
    return instruction;
  }

  /** Takes note of a call that was executed. */
  noteCall(target: number): void {
    this.called.set(target, (this.called.get(target) ?? 0) + 1);
    this.#starts = undefined;
  }

  /**
   * Takes note of a jump that was executed, if it may have been to a function.
   * @param endsCaller whether the caller's frame was gone.
   */
  noteJump(from: number, target: number, endsCaller: boolean): void {
    if (this.jumped.has(target) || this.called.has(target) || this.#jumps.has(target)) return;
    if (endsCaller || this.#followsAnEnd(target)) this.jumped.add(target);
    else this.#jumps.set(target, from);
  }

  /** Sets the range in which functions are looked for. */
  set text(range: Range) {
    this.#text = range;
    this.#starts = undefined;
  }

  /**
   * The function that holds an instruction: from the last called address before it to where its control flow ends. Functions that are
   * only jumped to are thought of where none that is called leads to the instruction.
   */
  functionOf(address: VirtAddr): Range | undefined {
    const called = this.#functionStarts();
    const jumped = [...this.jumped].sort((a, b) => a - b);
    return (
      this.#functionFrom(called, address) ??
      this.#functionFrom(jumped, address) ??
      this.#functionFrom(this.#jumpedFar(called), address)
    );
  }

  /** Targets of jumps out of a function: another begins between where the jump is and where it leads. */
  #jumpedFar(starts: readonly number[]): number[] {
    const far = [...this.#jumps].filter(([target, from]) => {
      const [low, high] = from < target ? [from, target] : [target, from];
      return upperBound(starts, low) < upperBound(starts, high);
    });
    return far.map(([target]) => target).sort((a, b) => a - b);
  }

  #functionFrom(starts: readonly number[], address: VirtAddr): Range | undefined {
    const above = upperBound(starts, address);
    for (let index = above - 1; index >= 0 && index >= above - MOST_STARTS; index--) {
      const from = starts[index]!;
      if (address - from > LONGEST_FUNCTION) return undefined;
      const end = this.#extent(from, starts[above] ?? from + LONGEST_FUNCTION, address);
      if (end !== undefined) return { from: virt(from), to: virt(end) };
    }
    return undefined;
  }

  /** Targets of relative calls in a range, each with the number of places that call it. */
  callTargets({ from, to }: Range): Map<number, number> {
    const targets = new Map<number, number>();
    this.eachPage({ from, to }, (page, bytes) => {
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      for (let at = bytes.indexOf(CALL_RELATIVE); at >= 0; at = bytes.indexOf(CALL_RELATIVE, at + 1)) {
        if (at + 5 > PAGE_SIZE) break;
        const target = (page + at + 5 + view.getInt32(at + 1, true)) >>> 0;
        targets.set(target, (targets.get(target) ?? 0) + 1);
      }
    });
    return targets;
  }

  /** Instructions in a range of code that have a constant of 32 bits; what is found by its bytes alone may not be one that ever runs. */
  withConstant(range: Range, constant: number): Instruction[] {
    const wanted = [0, 8, 16, 24].map((shift) => (constant >>> shift) & 0xff);
    const found: Instruction[] = [];
    this.eachPage(range, (page, bytes) => {
      for (let at = bytes.indexOf(wanted[0]!); at >= 0; at = bytes.indexOf(wanted[0]!, at + 1)) {
        if (!wanted.every((byte, index) => bytes[at + index] === byte)) continue;
        // An opcode of one byte, then as a rule one of addressing or none before the constant.
        for (const before of [2, 1, 3]) {
          const instruction = this.at(page + at - before);
          if (instruction?.constants.some(({ offset, size }) => offset === before && size === 4))
            found.push(instruction);
        }
      }
    });
    return found;
  }

  /** Visits the pages of a range that are mapped. */
  eachPage({ from, to }: Range, visit: (page: number, bytes: Uint8Array) => void): void {
    for (let page = from & ~PAGE_MASK; page >>> 0 < to; page += PAGE_SIZE) {
      const bytes = this.#machine.memory.read(virt(page), PAGE_SIZE);
      if (bytes instanceof Uint8Array) visit(page >>> 0, bytes);
    }
  }

  /** Whether an address looks like the first of a function: what lies before it can't run into it. */
  beginsFunction(address: number): boolean {
    return address % FUNCTION_ALIGNMENT === 0 || this.#followsAnEnd(address);
  }

  #followsAnEnd(address: number): boolean {
    const before = this.#machine.memory.read(virt(address - 1), 1);
    return before instanceof Uint8Array && BEFORE_FUNCTION.has(before[0]!);
  }

  #functionStarts(): number[] {
    if (this.#starts) return this.#starts;
    const starts = new Set(this.called.keys());
    if (this.#text)
      for (const [target, count] of this.callTargets(this.#text))
        if (target >= this.#text.from && target < this.#text.to && (count > 1 || this.beginsFunction(target)))
          starts.add(target);
    this.#starts = [...starts].sort((a, b) => a - b);
    return this.#starts;
  }

  /** The first address behind a function's code; undefined when its control flow does not reach `wanted`. */
  #extent(from: number, limit: number, wanted: number): number | undefined {
    const seen = new Set<number>();
    const open = [from];
    let end = from;
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      for (let at = next; !seen.has(at) && at >= from && at < limit; ) {
        seen.add(at);
        const instruction = this.at(at);
        if (!instruction) break;
        const { flow, target, length } = instruction;
        end = Math.max(end, at + length);
        if (target !== undefined && flow !== 'call') open.push(target);
        if (flow === 'jump' || flow === 'indirect-jump' || flow === 'return' || flow === 'exception') break;
        at += length;
      }
    }
    return seen.has(wanted) ? end : undefined;
  }

  #bytes(address: number): Uint8Array | undefined {
    const { memory } = this.#machine;
    const whole = memory.read(virt(address), LONGEST_INSTRUCTION);
    if (whole instanceof Uint8Array) return whole;
    const rest = PAGE_SIZE - (address & PAGE_MASK);
    const part = memory.read(virt(address), Math.min(rest, LONGEST_INSTRUCTION));
    return part instanceof Uint8Array ? part : undefined;
  }
}

/** The index of the first element above a value. */
function upperBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
