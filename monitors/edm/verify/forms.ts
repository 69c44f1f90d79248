// The accepted forms that begin with a block, as data: a store behind its guard, and a bulk operation behind the gate's leave.
//
// Why each is sound, given that the engine validates the module too. From `block` to the last `end` the instructions follow each other without a gap.
// Code is entered from a branch behind an `end`, at a `loop` or behind an `else` only. The one `end` inside is that of the guard's own `if`, whose label
// nobody can name but code inside that `if`, and there none does (`br_if 1` leaves the block, past the store). So whoever executes the store has executed
// all before it, with the same locals: nothing between sets any. What the locals held before, and how it came there, does not matter.
import { ASK_BITS, GATE_SLOT, REGISTERS } from '../facts.ts';
import type { Module } from './module.ts';
import { endOf, signed, signedAt, unsigned, unsignedAt } from './numbers.ts';
import { BULK, hasLane, OP, plainWidth, prefixedWidth } from './opcodes.ts';

/** What stands in a form for bytes that are not the same each time. */
const PART = {
  /** `local.get` of the address; once more. */
  address: -1,
  sameAddress: -2,
  /** `i32.const` and `i32.add`, when the store has an offset; once more. */
  offset: -3,
  sameOffset: -4,
  /** `local.get` of the length; once more. */
  length: -5,
  sameLength: -6,
  /** `local.get` of anything. */
  local: -7,
  /** `i32.const` of the bytes that the store writes. */
  width: -8,
  /** `i32.const` of the operation's number. */
  site: -9,
  /** A store of that width and offset. */
  store: -10,
  /** `memory.fill`, `copy` or `init`. */
  bulk: -11,
} as const;

type Form = readonly number[];

const constant = (value: number): Form => [OP.i32Const, ...signed(value)];

export class Forms {
  /** Body of the check that guards call: general registers pass, all else is the gate's to say. */
  readonly check: Form;
  readonly #guard: Form;
  readonly #bulk: Form;
  readonly #module: Module;
  readonly #bytes: Uint8Array;
  /** What the parts of the form at hand say: offsets of bytes, and of the bytes behind them. */
  #address = 0;
  #addressEnd = 0;
  #offset = 0;
  #offsetEnd = 0;
  #length = 0;
  #lengthEnd = 0;
  #width = 0;
  #site = 0;

  constructor(module: Module) {
    this.#module = module;
    this.#bytes = module.bytes;
    const callGate = [OP.callIndirect, ...unsigned(module.gateType), ...unsigned(module.gate)];
    const block = [OP.block, OP.empty];
    // The 16-bit load asks about the page of the address and about the one behind it: no store is wider than 16 bytes. Where address + offset reaches 2^32,
    // what is asked is of no use, but the engine adds them in 33 bits and traps before it writes.
    this.#guard = [
      ...[...block, PART.address, PART.offset, ...constant(12), OP.i32ShrU, OP.globalGet, ...unsigned(module.ledger)],
      ...[OP.i32Add, OP.i32Load16U, 0, 0, ...constant(ASK_BITS), OP.i32And, OP.if, OP.empty],
      ...[PART.sameAddress, PART.sameOffset, PART.width, PART.site, OP.call, ...unsigned(module.check)],
      ...[OP.i32Eqz, OP.brIf, 1, OP.end, PART.sameAddress, PART.local, PART.store, OP.end],
    ];
    // The engine checks the whole range of a bulk operation before it writes the first byte.
    this.#bulk = [
      ...[...block, PART.address, PART.length, PART.site, ...constant(0), ...constant(GATE_SLOT.bulk), ...callGate],
      ...[OP.i32Eqz, OP.brIf, 0, PART.sameAddress, PART.local, PART.sameLength, PART.bulk, OP.end],
    ];
    // Up to 16 bytes at a general register are safe: of what comes behind the last one, nothing is protected.
    this.check = [
      ...[0, OP.localGet, 0, ...constant(REGISTERS.from), OP.i32Sub],
      ...[
        ...constant(REGISTERS.to - REGISTERS.from + 1),
        OP.i32LtU,
        OP.if,
        OP.empty,
        ...constant(1),
        OP.return,
        OP.end,
      ],
      ...[
        OP.localGet,
        0,
        OP.localGet,
        1,
        OP.localGet,
        2,
        ...constant(0),
        ...constant(GATE_SLOT.check),
        ...callGate,
        OP.end,
      ],
    ];
  }

  /**
   * Matches a form at its `block`.
   * @returns offset behind it; 0 when there is none
   */
  match(at: number): number {
    const end = this.#match(this.#guard, at) || this.#match(this.#bulk, at);
    if (end !== 0) this.#module.count(this.#site);
    return end;
  }

  #match(form: Form, at: number): number {
    const bytes = this.#bytes;
    let p = at;
    for (let i = 0; i < form.length; i++) {
      const expected = form[i]!;
      if (expected < 0) {
        p = this.#part(expected, p);
        if (p === 0) return 0;
      } else if (bytes[p++] !== expected) return 0;
    }
    return p;
  }

  /** @returns offset behind the part; 0 when something else is there */
  #part(part: number, at: number): number {
    const bytes = this.#bytes;
    switch (part) {
      case PART.address:
        if (bytes[at] !== OP.localGet) return 0;
        this.#address = at;
        this.#addressEnd = endOf(bytes, at + 1);
        return this.#addressEnd;
      case PART.sameAddress:
        return this.#same(this.#address, this.#addressEnd, at);
      case PART.offset:
        this.#offset = this.#offsetEnd = at;
        if (bytes[at] === OP.i32Const) {
          const end = endOf(bytes, at + 1);
          if (bytes[end] === OP.i32Add) this.#offsetEnd = end + 1;
        }
        return this.#offsetEnd;
      case PART.sameOffset:
        return this.#same(this.#offset, this.#offsetEnd, at);
      case PART.length:
        if (bytes[at] !== OP.localGet) return 0;
        this.#length = at;
        this.#lengthEnd = endOf(bytes, at + 1);
        return this.#lengthEnd;
      case PART.sameLength:
        return this.#same(this.#length, this.#lengthEnd, at);
      case PART.local:
        return bytes[at] === OP.localGet ? endOf(bytes, at + 1) : 0;
      case PART.width:
        this.#width = bytes[at + 1]!; // 16 at most: one byte
        return bytes[at] === OP.i32Const ? at + 2 : 0;
      case PART.site:
        this.#site = at;
        return bytes[at] === OP.i32Const ? endOf(bytes, at + 1) : 0;
      case PART.store:
        return this.#store(at);
      default:
        return this.#bulkOperation(at);
    }
  }

  /** The bytes from `start` to `end` once more. */
  #same(start: number, end: number, at: number): number {
    const bytes = this.#bytes;
    let p = at;
    for (let i = start; i < end; i++) if (bytes[p++] !== bytes[i]) return 0;
    return p;
  }

  #store(at: number): number {
    const bytes = this.#bytes;
    const prefix = bytes[at]!;
    let argument = at + 1;
    let width = plainWidth(prefix);
    let lane = 0;
    if (prefix === OP.vector || prefix === OP.atomic) {
      const opcode = unsignedAt(bytes, argument);
      argument = endOf(bytes, argument);
      width = prefixedWidth(prefix, opcode);
      lane = hasLane(prefix, opcode) ? 1 : 0;
    }
    const offset = this.#offsetEnd > this.#offset ? signedAt(bytes, this.#offset + 1) >>> 0 : 0;
    // From 0x40 on the alignment says that it is of another memory.
    if (width === 0 || width !== this.#width || bytes[argument]! >= 0x40) return 0;
    return unsignedAt(bytes, argument + 1) === offset ? endOf(bytes, argument + 1) + lane : 0;
  }

  #bulkOperation(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== OP.bulk) return 0;
    const operation = bytes[at + 1];
    const memory = operation === BULK.init ? endOf(bytes, at + 2) : at + 2;
    if (bytes[memory] !== 0) return 0;
    if (operation === BULK.fill || operation === BULK.init) return memory + 1;
    return operation === BULK.copy && bytes[memory + 1] === 0 ? memory + 2 : 0;
  }
}
