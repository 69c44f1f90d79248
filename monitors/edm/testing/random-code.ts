// For tests: random code of WebAssembly, made to strain what keeps stores in bounds. Valid, ends, and says the same each time it runs.
import { wasm } from '../../../emulator/index.ts';
import type { SeededRandom } from '../../../emulator/v86/random.ts';
import { FAST_ENTRY, SAFE_END, TLB_RANGE } from '../facts.ts';
import { BINARY, F32, F64, HUGE, I32, I64, LOADS, OFFSETS, STORES, TYPES, V128 } from './random-operations.ts';

const { assembler: a } = wasm;

/** A function has as locals three of each type, and then one counter for each loop around. */
const EACH = 3;
export const LOOPS = 3;
/** Parameters: two i32, which are the first two locals. */
export const LOCALS: readonly wasm.ValueType[] = [
  ...TYPES.flatMap((type) => Array(EACH).fill(type) as wasm.ValueType[]),
  ...Array(LOOPS).fill('i32'),
];

/** The memory above v86's statics, which the code aims at. */
export const WINDOW = { from: SAFE_END, to: SAFE_END + 16 * 65536 } as const;

/** Virtual pages that the soft TLB has entries for. */
export const VIRTUAL = { from: 0x40000000, pages: 256 } as const;

/** Where code may go wrong in particular: below the general registers and behind them, protected state, the soft TLB, and the ends of statics. */
export const PLACES = [
  0,
  60,
  64,
  92,
  93,
  96,
  560,
  564,
  580,
  596,
  612,
  636,
  680,
  756,
  760,
  2072,
  4092,
  TLB_RANGE.from - 4,
  TLB_RANGE.from,
  TLB_RANGE.to - 4,
  TLB_RANGE.to,
  SAFE_END - 8,
  SAFE_END,
];

export class RandomCode {
  readonly random: SeededRandom;
  /** How many of a thousand operations are such that they may well trap: code that always traps at once would show little. */
  #danger = 0;
  /** Labels around, and loops among them. */
  #labels = 0;
  #loops = 0;
  /** How much more may be made. */
  #budget = 0;
  /** Index of the function being made, and of the one past the last: calls go upwards only, so that they end. */
  #function = 0;
  #functions = 0;
  readonly #stackPointer: number;
  readonly #table: boolean;
  /** Imported functions: the slow ways of the soft TLB, or none. */
  readonly #slowWays: readonly string[];
  /** Whether the code writes as v86's JIT does: through the soft TLB and to constant safe addresses only. */
  readonly #tame: boolean;

  /**
   * @param stackPointer global to set; -1 for none
   * @param table whether there is a table 0
   * @param slowWays imported functions, by name: of compiled code, half of which is tame
   */
  constructor(random: SeededRandom, stackPointer: number, table: boolean, slowWays: readonly string[] = []) {
    this.random = random;
    this.#tame = slowWays.length > 0 && this.below(2) === 0;
    this.#stackPointer = stackPointer;
    this.#table = table;
    this.#slowWays = slowWays;
  }

  /** A number from 0 on, below `limit`. */
  below(limit: number): number {
    return (this.random.int() >>> 0) % limit;
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)]!;
  }

  #isDangerous(): boolean {
    return this.below(1000) < this.#danger;
  }

  /** Code of a function that takes two i32 and leaves one. */
  body(index: number, functions: number): number[] {
    this.#function = index;
    this.#functions = functions;
    this.#budget = 40;
    this.#danger = this.pick([0, 0, 5, 20, 100]);
    const out: number[] = [];
    while (this.#budget > 0) out.push(...this.#statement(0));
    return [...out, ...this.#expression(I32, 0)];
  }

  #statement(depth: number): number[] {
    this.#budget--;
    const kind = this.below(depth < 4 ? 24 : 17);
    if (kind < 5 && this.#slowWays.length > 0) return this.#softTlb(depth);
    if (this.#tame && (kind < 11 || kind === 14)) return this.#safeStore(depth);
    if (kind < 9) return this.#store(depth);
    if (kind < 11) return this.#bulk(depth);
    if (kind < 14) {
      const type = this.below(TYPES.length);
      return [...this.#expression(type, depth), ...a.localSet(this.#local(type))];
    }
    if (kind === 14) return this.#rare(depth);
    if (kind === 15)
      return this.#labels === 0 ? [] : [...this.#expression(I32, depth), ...a.brIf(this.below(this.#labels))];
    if (kind === 16) {
      if (this.#function + 1 >= this.#functions) return [];
      const callee = this.#function + 1 + this.below(this.#functions - this.#function - 1);
      return [
        ...this.#address(depth),
        ...this.#address(depth),
        ...a.call(this.#slowWays.length + callee),
        ...a.localSet(this.#local(I32)),
      ];
    }
    if (kind < 20) return [0x02, 0x40, ...this.#inside(depth), 0x0b];
    if (kind < 22) {
      const then = [...this.#expression(I32, depth), 0x04, 0x40, ...this.#inside(depth)];
      return this.below(2) === 0 ? [...then, 0x0b] : [...then, 0x05, ...this.#inside(depth), 0x0b];
    }
    if (kind === 22 || this.#loops >= LOOPS) return [0x02, 0x40, ...this.#inside(depth), ...this.#jump(), 0x0b];
    return this.#loop(depth);
  }

  /** Statements in a block of their own. */
  #inside(depth: number): number[] {
    this.#labels++;
    const out: number[] = [];
    for (let count = this.below(4); count >= 0; count--) out.push(...this.#statement(depth + 1));
    this.#labels--;
    return out;
  }

  /** At the end of a block: a jump, and code behind it that never runs. */
  #jump(): number[] {
    this.#labels++;
    const labels = [this.below(this.#labels), this.below(this.#labels), this.below(this.#labels)];
    this.#labels--;
    const kind = this.below(3);
    const jump = kind === 0 ? a.br(labels[0]!) : kind === 1 ? [...this.#expression(I32, 3), 0x0e, 2, ...labels] : [];
    return kind === 2 || this.#tame
      ? jump
      : [...jump, ...a.i32Const(this.below(1 << 24)), ...a.i32Const(7), 0x36, 2, ...leb(this.pick(OFFSETS))];
  }

  /** A loop that goes round twice at most: a jump to it from inside comes back to the test of its counter. */
  #loop(depth: number): number[] {
    const counter = EACH * TYPES.length + this.#loops++;
    const head = [
      ...a.localGet(counter),
      ...a.i32Const(1),
      ...a.i32Add,
      ...a.localTee(counter),
      ...a.i32Const(2),
      ...a.i32GtU,
    ];
    this.#labels++; // the block around, left when the counter is full
    const out = [0x02, 0x40, 0x03, 0x40, ...head, ...a.brIf(1), ...this.#inside(depth), ...a.br(0), 0x0b, 0x0b];
    this.#labels--;
    this.#loops--;
    return out;
  }

  /** A write through the soft TLB, as v86 emits it; now and then with a local taken for another. */
  #softTlb(depth: number): number[] {
    const isRead = this.below(2) === 0;
    const width = this.pick(isRead ? [1, 2, 4, 8] : [1, 2, 4, 8, 16]);
    const name = `safe_${isRead ? 'read_' : ''}write${8 * width}${isRead && width === 4 ? 's' : ''}_slow_jit`;
    const type = width > 4 ? I64 : I32;
    const shift = this.below(EACH);
    const [address, entry, other] = [0, 1, 2].map((i) => EACH * I32 + ((i + shift) % EACH)) as [number, number, number];
    const place = this.below(10) === 0 ? entry : other;
    const [value, second] = [this.#local(type), this.#local(type)];
    const inPage = [...a.localGet(address), ...a.i32Const(0xfff), ...a.i32And, ...a.i32Const(0x1000 - width)];
    const offset = this.below(2) === 0 ? this.below(4096) : this.pick([4079, 4081, 4088, 4089, 4092, 4093, 4094, 4095]);
    const out = [
      ...a.i32Const(VIRTUAL.from + 4096 * this.below(VIRTUAL.pages + 2) + offset),
      ...[...a.localSet(address), 0x02, 0x40, 0x02, 0x40, ...a.localGet(address), ...a.i32Const(12), ...a.i32ShrU],
      ...[...a.i32Const(2), ...a.i32Shl, 0x28, 2, ...leb(TLB_RANGE.from), ...a.localTee(entry)],
      ...[...a.i32Const(this.pick(FAST_ENTRY.masks)), ...a.i32And, ...a.i32Const(FAST_ENTRY.value), ...a.i32Eq],
      ...(width === 1 ? [] : [...inPage, ...a.i32LeS, ...a.i32And]),
      ...(isRead ? a.localTee(other) : []),
      ...[...a.brIf(0), ...a.localGet(address), ...(isRead ? [] : a.localGet(value))],
      ...[...(width === 16 ? a.localGet(second) : []), ...a.i32Const(this.below(4096))],
      ...[...a.call(this.#slowWays.indexOf(name)), ...a.localTee(entry), ...a.i32Const(1), ...a.i32And, ...a.brIf(1)],
      ...[0x0b, ...a.localGet(entry), ...a.i32Const(-4096), ...a.i32And, ...a.localGet(address), ...a.i32Xor],
    ];
    const store = [...a.localGet(value), width === 1 ? 0x3a : width === 2 ? 0x3b : width === 4 ? 0x36 : 0x37, 0, 0];
    if (width === 16) out.push(...a.localTee(other), ...store, ...a.localGet(other), ...a.localGet(second), 0x37, 0, 8);
    else if (!isRead) out.push(...store);
    else {
      this.#labels++; // the block around
      const between = this.below(3) > 0 ? [] : this.#tame ? this.#safeStore(depth) : this.#statement(depth + 1);
      this.#labels--;
      out.push(...a.localTee(place), 0x1a, ...between, ...a.localGet(place), ...store);
    }
    return [...out, 0x0b];
  }

  /** A store to a constant address among v86's statics, mostly one that nothing else is done with. */
  #safeStore(depth: number): number[] {
    const [opcode, type] = this.pick(STORES.slice(0, 9));
    const at = this.below(300) === 0 ? this.pick(PLACES) : this.pick([64, 100, 120, 832, 1152, 2100, 4096, 70000]);
    return [...a.i32Const(at), ...this.#expression(type, depth + 2), ...opcode, 0, ...leb(this.below(8))];
  }

  #store(depth: number): number[] {
    const [opcode, type, width, lane] = this.pick(STORES);
    const address = this.#address(depth);
    return [
      ...address,
      ...this.#expression(type, depth + 2),
      ...opcode,
      ...this.#argument(width),
      ...(lane ? [this.below(16 / width)] : []),
    ];
  }

  /** Alignment and offset. */
  #argument(width: number): number[] {
    const offset = this.#isDangerous() ? this.pick(HUGE) : this.below(3) === 0 ? this.pick(OFFSETS) : 0;
    const natural = Math.log2(width);
    return [this.below(natural + 1), ...leb(offset)];
  }

  /** An address: mostly of the window, often at the edge of a page. */
  #address(depth: number): number[] {
    if (this.#isDangerous())
      return this.below(2) === 0 ? this.#expression(I32, depth + 1) : a.i32Const(-1 - this.below(32));
    const kind = this.below(10);
    const { from, to } = WINDOW;
    const page = from + 4096 * (1 + this.below((to - from) / 4096 - 1));
    if (kind < 3) return a.i32Const(page - 16 + this.below(32));
    if (kind < 4) return a.i32Const(this.pick(PLACES) + this.below(8));
    const [mask, base] = kind < 7 ? [0x1f, page - 16] : kind < 9 ? [to - from - 1, from] : [7, this.pick(PLACES)];
    return [...this.#expression(I32, depth + 2), ...a.i32Const(mask), ...a.i32And, ...a.i32Const(base), ...a.i32Add];
  }

  #bulk(depth: number): number[] {
    const kind = this.below(4);
    const length = this.#isDangerous()
      ? this.#expression(I32, depth + 2)
      : a.i32Const(this.below(3) === 0 ? this.below(20000) : this.below(24));
    const address = this.#address(depth);
    if (kind < 2) return [...address, ...this.#expression(I32, depth + 2), ...length, 0xfc, 11, 0];
    if (kind === 2) return [...address, ...this.#address(depth), ...length, 0xfc, 10, 0, 0];
    const part = this.#isDangerous() ? length : a.i32Const(this.below(5));
    return [...address, ...a.i32Const(this.below(4)), ...part, 0xfc, 8, 0, 0];
  }

  #rare(depth: number): number[] {
    const kind = this.below(3);
    if (kind === 0) return [...a.i32Const(this.below(3)), 0x40, 0, ...a.localSet(this.#local(I32))]; // memory.grow
    if (kind === 1 && this.#stackPointer >= 0)
      return [...this.#expression(I32, depth), ...a.globalSet(this.#stackPointer)];
    return this.#isDangerous() ? this.#trap(depth) : [];
  }

  /** What ends in a trap at once, or later; or when it is rewritten. */
  #trap(depth: number): number[] {
    const kind = this.below(5);
    if (kind === 0) return [0xfc, 9, 0]; // data.drop
    if (kind === 1) return [...this.#address(depth), ...a.i32Const(1), 0xfe, 0x1e, 2, 0, 0x1a]; // i32.atomic.rmw.add
    if (kind === 2 && this.#table) return [...a.i32Const(this.below(8)), 0xd0, 0x70, 0x26, 0]; // table.set
    if (kind === 3 && this.#table) return [0xd0, 0x70, ...a.i32Const(1), 0xfc, 15, 0, 0x1a]; // table.grow
    return [...this.#expression(I32, depth), 0x04, 0x40, 0x00, 0x0b];
  }

  #expression(type: number, depth: number): number[] {
    const kind = this.below(depth > 4 || this.#budget < 0 ? 6 : 14);
    if (kind < 3) return a.localGet(this.#local(type));
    if (kind < 6) return this.#constant(type);
    this.#budget -= 0.2;
    if (kind < 8) {
      const [opcode, width] = this.pick(LOADS[type]!);
      return [...this.#address(depth + 1), ...opcode, ...this.#argument(width)];
    }
    if (kind === 8) {
      const set = [...this.#expression(type, depth + 1), ...a.localTee(this.#local(type))];
      return set;
    }
    if (kind === 9)
      return [
        ...this.#expression(type, depth + 1),
        ...this.#expression(type, depth + 1),
        ...this.#expression(I32, depth + 1),
        ...(type === V128 ? [0x1c, 1, 0x7b] : [0x1b]),
      ];
    if (kind === 10) {
      const code = wasm.VALUE_TYPE_CODE[TYPES[type]!];
      return [
        ...this.#expression(I32, depth + 1),
        0x04,
        code,
        ...this.#expression(type, depth + 1),
        0x05,
        ...this.#expression(type, depth + 1),
        0x0b,
      ];
    }
    const operations = BINARY[type]!;
    if (operations.length === 0)
      return [...this.#expression(type === F32 ? I32 : I64, depth + 1), type === F32 ? 0xbe : 0xbf];
    if (type === I32 && kind === 11) return [...this.#expression(I64, depth + 1), 0xa7];
    return [...this.#expression(type, depth + 1), ...this.#expression(type, depth + 1), ...this.pick(operations)];
  }

  #constant(type: number): number[] {
    const word = this.below(3) === 0 ? this.random.int() : this.below(300) - 20;
    if (type === I32) return a.i32Const(word);
    if (type === I64) return a.i64Const(BigInt(word) * 0x10001n);
    const bytes = Array.from({ length: type === F32 ? 4 : type === F64 ? 8 : 16 }, () => this.below(256));
    return type === F32 ? [0x43, ...bytes] : type === F64 ? [0x44, ...bytes] : [0xfd, 12, ...bytes];
  }

  #local(type: number): number {
    return EACH * type + this.below(EACH);
  }
}

const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]);
