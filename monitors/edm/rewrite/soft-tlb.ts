// Finds where compiled code writes guest memory through the soft TLB: v86's emitter has two ways to do so. Both stay as they are, for EDM alone writes entries
// and marks those of frames that it wants to be asked about, and what the slow way gives back comes from EDM (`assembly/slow-way.ts`).
//
//   block                                                               block
//     entry <- tlb_data[address >> 12]                                    the same; `br_if 0` after noting whether
//     br_if 0 when it allows a write, and all bytes are in one page       entry <- safe_read_write_slow_jit(address, ...)
//     entry <- safe_write_slow_jit(address, value, ...)                   br_if N when it faulted
//     br_if N when it faulted                                           end
//   end                                                                 place <- (entry & ~0xFFF) ^ address
//   [(entry & ~0xFFF) ^ address] <- value                               ... and later [place] <- value
import { VMM_OURS, wasm } from '../../../emulator/index.ts';
import { FAST_ENTRY, SLOW_WAYS, TLB_RANGE } from '../facts.ts';

const a = wasm.assembler;

const OP = { localGet: 0x20, localTee: 0x22, i32Const: 0x41, call: 0x10, brIf: 0x0d, end: 0x0b } as const;

/** `address >> 12 << 2`, and the entry there, with its natural alignment. */
const ENTRY = a.i32Load(TLB_RANGE.from).with(1, 2);
const LOOK_UP = wasm.code(a.i32Const(12), a.i32ShrU, a.i32Const(2), a.i32Shl, ENTRY);
const MASKS = FAST_ENTRY.masks.map((mask) =>
  wasm.code(a.i32Const(mask), a.i32And, a.i32Const(FAST_ENTRY.value), a.i32Eq),
);
const IN_PAGE = wasm.code(a.i32Const(0xfff), a.i32And);
const AT_MOST = wasm.code(a.i32LeS, a.i32And);
const FAST = wasm.code(a.brIf(0));
const IS_FAULT = wasm.code(a.i32Const(1), a.i32And);
const PAGE_OF_ENTRY = wasm.code(a.i32Const(-4096), a.i32And);
const XOR = wasm.code(a.i32Xor);
const ZERO = wasm.code(a.i32Const(0));
const PUBLISH = wasm.code(a.i32Store(VMM_OURS.liveInstructions));

/** Bytes by opcode, of stores that v86 emits here. */
const WIDTHS: Readonly<Record<number, number>> = { 54: 4, 55: 8, 58: 1, 59: 2 };
const I64_STORE = 0x37;

export class SoftTlbWrite {
  /** Offset of what comes after it. */
  end = 0;
  /** Offset of the call of the slow way, and what is told there beside address and value: where the guest's instruction is in its page, and from bit 16 on the slot. */
  call = 0;
  where = 0;
  /** Of the second way: the local with the place that may be written, otherwise -1; and how many bytes. */
  place = -1;
  width = 0;
  readonly #bytes: Uint8Array;
  /** By index of an imported function: the bytes that it writes as the slow way, or will; 0 for others. */
  readonly #writes: Uint8Array;
  readonly #readWrites: Uint8Array;
  #at = 0;
  #address = 0;
  #entry = 0;

  constructor({ bytes, imports }: wasm.WasmModule) {
    this.#bytes = bytes;
    const functions = imports.filter(({ kind }) => kind === 'function');
    this.#writes = Uint8Array.from(functions, ({ name }) => SLOW_WAYS.write[name] ?? 0);
    this.#readWrites = Uint8Array.from(functions, ({ name }) => SLOW_WAYS.readWrite[name] ?? 0);
  }

  /** Whether such a write begins with the `block` at an offset. */
  match(at: number): boolean {
    this.#at = at + 2;
    this.#address = this.#local(OP.localGet);
    if (this.#address < 0 || !this.#code(LOOK_UP)) return false;
    this.#entry = this.#local(OP.localTee);
    if (this.#entry < 0 || !MASKS.some((mask) => this.#code(mask)) || !this.#inPage()) return false;
    this.place = -1;
    if (this.#bytes[this.#at] === OP.localTee) {
      const isFast = this.#local(OP.localTee);
      if (isFast === this.#address || isFast === this.#entry) return false;
      return this.#code(FAST) && this.#slowWay(this.#readWrites) && this.#place();
    }
    return this.#code(FAST) && this.#slowWay(this.#writes) && this.#stores();
  }

  /** That all bytes are in one page; left out for a single byte. */
  #inPage(): boolean {
    this.width = 1;
    if (this.#bytes[this.#at] !== OP.localGet) return true;
    if (this.#local(OP.localGet) !== this.#address || !this.#code(IN_PAGE)) return false;
    if (this.#bytes[this.#at++] !== OP.i32Const) return false;
    this.width = 0x1000 - this.#number();
    return this.#code(AT_MOST);
  }

  #slowWay(functions: Uint8Array): boolean {
    if (this.#local(OP.localGet) !== this.#address) return false;
    for (let values = 0; values < 2; values++) if (this.#bytes[this.#at] === OP.localGet) this.#local(OP.localGet);
    if (this.#bytes[this.#at++] !== OP.i32Const) return false;
    this.where = this.#number();
    if (!this.#note()) return false;
    this.call = this.#at;
    if (this.#bytes[this.#at++] !== OP.call || functions[this.#number()] !== this.width) return false;
    if (this.#local(OP.localTee) !== this.#entry || !this.#code(IS_FAULT)) return false;
    if (this.#bytes[this.#at++] !== OP.brIf || this.#number() === 0 || this.#bytes[this.#at++] !== OP.end) return false;
    if (this.#local(OP.localGet) !== this.#entry || !this.#code(PAGE_OF_ENTRY)) return false;
    return this.#local(OP.localGet) === this.#address && this.#code(XOR);
  }

  /** The emulator's note, before a call, of how many instructions have run: for listeners. */
  #note(): boolean {
    if (this.#bytes[this.#at] !== OP.i32Const) return true;
    return this.#code(ZERO) && this.#local(OP.localGet) >= 0 && this.#code(PUBLISH);
  }

  #place(): boolean {
    this.place = this.#local(OP.localTee);
    this.end = this.#at;
    return this.place >= 0;
  }

  /** Of one local, or of two with eight bytes each. */
  #stores(): boolean {
    if (this.#bytes[this.#at] !== OP.localTee) return WIDTHS[this.#store(0)] === this.width;
    const both = this.#local(OP.localTee);
    const halves = this.#store(0) === I64_STORE && this.#local(OP.localGet) === both && this.#store(8) === I64_STORE;
    return halves && this.width === 16;
  }

  /** A store of a local. @returns its opcode; 0 when something else stands there */
  #store(offset: number): number {
    if (this.#local(OP.localGet) < 0) return 0;
    const opcode = this.#bytes[this.#at++]!;
    this.#number(); // alignment
    if (this.#number() !== offset) return 0;
    this.end = this.#at;
    return opcode;
  }

  /** An instruction with a local. @returns its index, -1 when it is another instruction */
  #local(opcode: number): number {
    return this.#bytes[this.#at++] === opcode ? this.#number() : -1;
  }

  /** Whether these bytes come next; passed over if so. */
  #code(code: Uint8Array): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    for (let i = 0; i < code.length; i++) if (bytes[at + i] !== code[i]) return false;
    this.#at = at + code.length;
    return true;
  }

  /** A number that is not negative, of up to 28 bits; of others it is enough that they are passed over. */
  #number(): number {
    const bytes = this.#bytes;
    let value = bytes[this.#at++]!;
    if (value < 0x80) return value;
    value &= 0x7f;
    for (let shift = 7; shift < 28; shift += 7) {
      const byte = bytes[this.#at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    while (bytes[this.#at++]! >= 0x80);
    return 0;
  }
}
