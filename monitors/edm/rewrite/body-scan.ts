// Finds the instructions that the rewriter must look at in modules of the JIT and in extensions, in one pass without an object for each: the guest waits
// while its code is rewritten. It follows constants on the operand stack, so as to know the addresses of stores; not through locals, where the JIT keeps none.
//
// A mistake here can't be exploited: what is made of its answers is verified. It could break v86, which tests show.
import { wasm } from '../../../emulator/index.ts';
import { ACTION, infos, isStoreInfo, PREFIXED } from './opcode-table.ts';
import type { Walk } from './walk.ts';

/** Most operands or open blocks: beyond any real code, below what a hostile module could make us allocate. */
const MOST = 1 << 20;

const I32_CONST = 0x41;
const I64_CONST = 0x42;
const LOCAL_GET = 0x20;
/** What stands before a store that may stay: a constant, then its value, a local or another constant. */
const PUSHED_LOCAL = (I32_CONST << 16) | LOCAL_GET;
const PUSHED_I32 = (I32_CONST << 16) | I32_CONST;
const PUSHED_I64 = (I32_CONST << 16) | I64_CONST;
/** The type of a block that takes and leaves nothing. */
const EMPTY_BLOCK = 0x40;

export class BodyScan implements Walk {
  offset = 0;
  end = 0;
  opcode = 0;
  index = 0;
  isStore = false;
  memOffset = 0;
  base = -1;
  localCount = 0;
  start = 0;
  /** Only v86.wasm has business there. */
  readonly inTlb = false;
  readonly #module: wasm.WasmModule;
  readonly #bytes: Uint8Array;
  /** Whether a store with a constant base may stay when that is pushed directly before `local.get`: from, to. */
  readonly #mayStay: (from: number, to: number) => boolean;
  readonly #params: Int32Array;
  readonly #results: Int32Array;
  #at = 0;
  #bodyEnd = 0;
  #known = new Uint8Array(1 << 10);
  #values = new Int32Array(1 << 10);
  #height = 0;
  /** Open blocks: the height below each, its parameters and results. */
  #floors = new Int32Array(1 << 10);
  #blockTypes = new Int32Array(1 << 10);
  #depth = 0;
  /** The last two instructions, by slot, the newer one in the low half. */
  #last = 0;

  constructor(module: wasm.WasmModule, mayStay: (from: number, to: number) => boolean) {
    this.#module = module;
    this.#bytes = module.bytes;
    this.#mayStay = mayStay;
    this.#params = Int32Array.from(module.types, ({ params }) => params.length);
    this.#results = Int32Array.from(module.types, ({ results }) => results.length);
  }

  enter(functionIndex: number): void {
    const { code, importedFunctionCount, functionTypes } = this.#module;
    const { start, end } = code[functionIndex - importedFunctionCount]!;
    this.#at = start;
    this.#bodyEnd = end;
    let locals = this.#params[functionTypes[functionIndex]!]!;
    for (let groups = this.#u32(start); groups > 0 && this.#at < end; groups--) {
      locals += this.#u32(this.#at);
      this.#at++;
    }
    this.localCount = locals;
    this.start = this.#at;
    this.#height = 0;
    this.#depth = 1;
    this.#floors[0] = 0;
    this.#blockTypes[0] = -1;
    this.#last = 0;
  }

  next(): boolean {
    const bytes = this.#bytes;
    const bodyEnd = this.#bodyEnd;
    let at = this.#at;
    let height = this.#height;
    let floor = this.#depth > 0 ? this.#floors[this.#depth - 1]! : 0;
    let last = this.#last;
    let beforeLast = 0;
    let known = this.#known;
    const table = infos;
    while (at < bodyEnd) {
      const start = at;
      let slot = bytes[at++]!;
      if (slot >= 0xfc) {
        slot = this.#prefixed(slot, at);
        at = this.#at;
      }
      const info = table[slot]!;
      let immediate = 0;
      // Numbers in place of names, here and below, for they are the faster: see the opcode table, and its `infos` for the shifts. Nearly every number takes one byte; longer ones are read apart.
      switch (info & 15) {
        case 0: // none
          break;
        case 1: // index
          immediate = bytes[at++]!;
          if (immediate >= 0x80) {
            immediate = this.#u32(at - 1);
            at = this.#at;
          }
          if ((info & (31 << 14)) !== 0) while (bytes[at++]! >= 0x80);
          break;
        case 2: // i32
          immediate = bytes[at++]!;
          if (immediate < 0x80) immediate = (immediate << 25) >> 25;
          else {
            immediate = this.#s32(at - 1);
            at = this.#at;
          }
          break;
        case 3: // memory
          while (bytes[at++]! >= 0x80);
          immediate = bytes[at++]!;
          if (immediate >= 0x80) {
            immediate = this.#u32(at - 1);
            at = this.#at;
          }
          at += (info >>> 14) & 31;
          break;
        case 4: // blockType
          immediate = bytes[at++]!;
          if (immediate === EMPTY_BLOCK) immediate = -1;
          else {
            // A value type is negative as a number: a block that leaves one.
            immediate = this.#s32(at - 1);
            if (immediate < 0) immediate = -2;
            at = this.#at;
          }
          break;
        case 5: // skip
          at += (info >>> 14) & 31;
          break;
        case 6: // leb
          while (bytes[at++]! >= 0x80);
          break;
        case 7: // labels
          at = this.#labels(at);
          break;
        default:
          this.#fail(start, `opcode 0x${slot.toString(16)}`);
      }
      beforeLast = last;
      last = slot | ((beforeLast & 0xffff) << 16);
      if (height + 1 >= known.length) known = this.#growStack(start);
      switch ((info >>> 4) & 15) {
        case 0: {
          // fixed
          if ((info & (2 << 8)) !== 0) {
            // A store.
            const operand = height - 2;
            const base = operand >= floor && known[operand] === 1 ? this.#values[operand]! >>> 0 : -1;
            height = Math.max(operand, floor);
            if (base >= 0 && (beforeLast === PUSHED_LOCAL || beforeLast === PUSHED_I64 || beforeLast === PUSHED_I32)) {
              const from = base + immediate;
              if (this.#mayStay(from, from + (info >>> 19))) continue;
            }
            this.#at = at;
            this.#height = height;
            this.#last = last;
            this.#found(start, slot, immediate, base);
            return true;
          }
          height -= (info >>> 10) & 7;
          if (height < floor) height = floor;
          if ((info & (1 << 13)) !== 0) known[height++] = 0;
          if ((info & (1 << 8)) !== 0) {
            this.#at = at;
            this.#height = height;
            this.#last = last;
            this.#found(start, slot, immediate, -1);
            return true;
          }
          break;
        }
        case 1: // constant
          known[height] = 1;
          this.#values[height++] = immediate;
          break;
        case 2: // leave
          height = floor;
          break;
        default:
          // `if` and `call_indirect` take one more.
          height = Math.max(floor, height - ((info >>> 10) & 7));
          this.#height = height;
          this.#structure((info >>> 4) & 15, immediate, floor, start);
          known = this.#known;
          height = this.#height;
          floor = this.#depth > 0 ? this.#floors[this.#depth - 1]! : 0;
      }
    }
    this.#at = at;
    if (at !== bodyEnd || this.#depth !== 0)
      this.#fail(bodyEnd, 'the end of the body inside an instruction or a block');
    return false;
  }

  /** Blocks and calls. */
  #structure(action: number, immediate: number, floor: number, at: number): void {
    switch (action) {
      case ACTION.block:
      case ACTION.if:
        this.#open(immediate, floor, at);
        break;
      case ACTION.else:
        if (this.#depth === 0) this.#fail(at, 'an else without an if');
        this.#height = floor;
        this.#push(blockParams(this.#blockTypes[this.#depth - 1]!, this.#params), at);
        break;
      case ACTION.end:
        if (this.#depth === 0) this.#fail(at, 'an end too many');
        this.#height = floor;
        this.#push(blockResults(this.#blockTypes[--this.#depth]!, this.#results), at);
        break;
      case ACTION.call:
        this.#call(this.#module.functionTypes[immediate], floor, at);
        break;
      default:
        this.#call(immediate, floor, at);
    }
  }

  /** Passes over a label table. @returns where it ends */
  #labels(at: number): number {
    const count = this.#u32(at);
    if (count > this.#bodyEnd - this.#at) this.#fail(at, `${count} labels`);
    for (let i = 0; i <= count; i++) this.#u32(this.#at);
    return this.#at;
  }

  #found(start: number, slot: number, immediate: number, base: number): void {
    this.offset = start;
    this.end = this.#at;
    this.opcode =
      slot < 0x100
        ? slot
        : slot < 0x140
          ? slot - 0x100 + 0xfc00
          : slot < 0x280
            ? slot - 0x140 + 0xfd000
            : slot - 0x280 + 0xfe00;
    this.index = immediate;
    this.memOffset = immediate;
    this.isStore = isStoreInfo(infos[slot]!);
    this.base = base;
  }

  /** The slot of a prefixed instruction. */
  #prefixed(prefix: number, at: number): number {
    const range = PREFIXED[prefix];
    const index = this.#u32(at);
    if (!range || index >= range.room) return this.#fail(at, `opcode 0x${prefix.toString(16)} ${index}`);
    return range.slot + index;
  }

  #open(type: number, floor: number, at: number): void {
    if (type >= this.#params.length) this.#fail(at, `a block of type ${type}`);
    const params = blockParams(type, this.#params);
    const below = Math.max(floor, this.#height - params);
    if (this.#depth >= this.#floors.length) {
      if (this.#depth >= MOST) this.#fail(at, 'too many open blocks');
      this.#floors = doubled(this.#floors);
      this.#blockTypes = doubled(this.#blockTypes);
    }
    this.#floors[this.#depth] = below;
    this.#blockTypes[this.#depth++] = type;
    this.#height = below;
    this.#push(params, at);
  }

  #call(type: number | undefined, floor: number, at: number): void {
    if (type === undefined || type >= this.#params.length) this.#fail(at, 'a call of what is not there');
    this.#height = Math.max(floor, this.#height - this.#params[type]!);
    this.#push(this.#results[type]!, at);
  }

  #push(count: number, at: number): void {
    for (let i = 0; i < count; i++) {
      if (this.#height + 1 >= this.#known.length) this.#growStack(at);
      this.#known[this.#height++] = 0;
    }
  }

  #growStack(at: number): Uint8Array<ArrayBuffer> {
    if (this.#known.length >= MOST) this.#fail(at, 'too many operands');
    const known = new Uint8Array(2 * this.#known.length);
    known.set(this.#known);
    this.#known = known;
    this.#values = doubled(this.#values);
    return known;
  }

  /** Reads a number at `at` and leaves `#at` after it. */
  #u32(at: number): number {
    this.#at = at;
    const bytes = this.#bytes;
    let byte = bytes[this.#at++]!;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[this.#at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    return this.#fail(this.#at, 'a number of more than 32 bits');
  }

  #s32(at: number): number {
    this.#at = at;
    const bytes = this.#bytes;
    let byte = bytes[this.#at++]!;
    if (byte < 0x80) return (byte << 25) >> 25;
    let value = byte & 0x7f;
    for (let shift = 7; shift < 35; shift += 7) {
      byte = bytes[this.#at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return shift < 25 ? (value << (25 - shift)) >> (25 - shift) : value;
    }
    return this.#fail(this.#at, 'a number of more than 32 bits');
  }

  #fail(offset: number, found: string): never {
    throw new wasm.WasmFormatError(this.#module.source, offset, 'code of WebAssembly', found);
  }
}

const blockParams = (type: number, params: Int32Array): number => (type < 0 ? 0 : params[type]!);
const blockResults = (type: number, results: Int32Array): number => (type < 0 ? -1 - type : results[type]!);

function doubled(from: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const to = new Int32Array(2 * from.length);
  to.set(from);
  return to;
}
