// The accepted forms that begin with a block, as data: a store behind its guard, a bulk operation behind the gate's leave, and two ways to write through the
// soft TLB in compiled code.
//
// Why each is sound, given that the engine validates the module too. From `block` to the last `end` the instructions follow each other without a gap.
// Code is entered from a branch behind an `end`, at a `loop` or behind an `else` only. The one `end` inside is that of the guard's own `if`, whose label
// nobody can name but code inside that `if`, and there none does (`br_if 1` leaves the block, past the store). So whoever executes the store has executed
// all before it, with the same locals: nothing between sets any. What the locals held before, and how it came there, does not matter.
//
// Writes through the soft TLB are as v86 emits them. Address and entry are two locals, and the entry comes from one of two places. One is the soft TLB, when
// the entry has the flags of FAST_ENTRY and all bytes lie in its page: EDM alone writes the soft TLB, and gives those flags to no entry that leads
// elsewhere than to guest RAM, or to a frame that EDM wants to be asked about. The other is the slow way, for which EDM stands in: it asks as a guard does. The
// second form leaves the place in a local, to be written later (`code.ts`); what may be written can't become EDM's in between.
import { ASK_BITS, FAST_ENTRY, GATE_SLOT, TLB_RANGE } from '../facts.ts';
import { ABSENT, type Module } from './module.ts';
import { endOf, signed, signedAt, unsigned, unsignedAt } from './numbers.ts';
import { BULK, hasLane, OP, plainWidth, prefixedWidth } from './opcodes.ts';
import { isSafe } from './safe.ts';

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
  /** `local.tee` of the entry, another local than the address; once more; `local.get` of it. */
  entry: -12,
  sameEntry: -13,
  getEntry: -14,
  /** `local.tee` of another local than those two. */
  other: -15,
  /** `i32.const` of the flags that are looked at: a mask of FAST_ENTRY. */
  mask: -16,
  /** That all bytes are in one page, when there are several. */
  inPage: -17,
  /** The values, and `i32.const` of what else the slow way is told. */
  values: -18,
  /** A store of a local to a constant safe address, or nothing. */
  note: -19,
  /** `call` of the slow way of a write, or of a read before a write, of that many bytes. */
  slowWrite: -20,
  slowReadWrite: -21,
  /** A branch that leaves the form. */
  leave: -22,
  /** A store of that many bytes from a local, or two of eight bytes each. */
  stores: -23,
  /** `local.tee` of the place. */
  place: -24,
  /** `i32.const` of where a range begins, `i32.sub`, and `i32.const` of how far behind that a store may begin. */
  range: -25,
} as const;

type Form = readonly number[];

const constant = (value: number): Form => [OP.i32Const, ...signed(value)];

const IN_PAGE = [...constant(0xfff), OP.i32And];
const AT_MOST = [OP.i32LeS, OP.i32And];

export class Forms {
  /** Body of the check that guards call: the gate's to say. */
  readonly check: Form;
  /** The local in which the last write through the soft TLB left a place that may be written, ABSENT if it left none or that is gone; how many bytes. */
  place = ABSENT;
  placeWidth = 0;
  /** As told when it was matched. */
  placeDepth = 0;
  /** Whether the form at hand left a place. */
  leaves = false;
  readonly #guard: Form;
  readonly #rangeGuard: Form;
  readonly #bulk: Form;
  readonly #lookUp: Form;
  readonly #write: Form;
  readonly #readWrite: Form;
  readonly #module: Module;
  readonly #bytes: Uint8Array;
  /** What the parts of the form at hand say: offsets of bytes, and of the bytes behind them. */
  #address = 0;
  #addressEnd = 0;
  #offset = 0;
  #offsetEnd = 0;
  #length = 0;
  #lengthEnd = 0;
  #place = ABSENT;
  #width = 0;
  /** First and last address at which a store may begin. */
  #first = 0;
  #last = 0;
  #site = 0;
  #entry = 0;
  #entryEnd = 0;

  constructor(module: Module) {
    this.#module = module;
    this.#bytes = module.bytes;
    const callGate = [OP.callIndirect, ...unsigned(module.gateType), ...unsigned(module.gate)];
    const block = [OP.block, OP.empty];
    const store = [
      ...[
        OP.if,
        OP.empty,
        PART.sameAddress,
        PART.sameOffset,
        PART.width,
        PART.site,
        OP.call,
        ...unsigned(module.check),
      ],
      ...[OP.i32Eqz, OP.brIf, 1, OP.end, PART.sameAddress, PART.local, PART.store, OP.end],
    ];
    // The 16-bit load asks about the page of the address and about the one behind it: no store is wider than 16 bytes. Where address + offset reaches 2^32,
    // what is asked is of no use, but the engine adds them in 33 bits and traps before it writes.
    this.#guard = [
      ...[...block, PART.address, PART.offset, ...constant(12), OP.i32ShrU, OP.globalGet, ...unsigned(module.ledger)],
      ...[OP.i32Add, OP.i32Load16U, 0, 0, ...constant(ASK_BITS), OP.i32And, ...store],
    ];
    // Without a look at the ledger, for what lies in a range that is safe.
    this.#rangeGuard = [...block, PART.address, PART.offset, PART.range, OP.i32GtU, ...store];
    // The engine checks the whole range of a bulk operation before it writes the first byte.
    this.#bulk = [
      ...[...block, PART.address, PART.length, PART.site, ...constant(0), ...constant(GATE_SLOT.bulk), ...callGate],
      ...[OP.i32Eqz, OP.brIf, 0, PART.sameAddress, PART.local, PART.sameLength, PART.bulk, OP.end],
    ];
    this.#lookUp = [
      ...[...block, PART.address, ...constant(12), OP.i32ShrU, ...constant(2), OP.i32Shl],
      ...[OP.i32Load, 2, ...unsigned(TLB_RANGE.from), PART.entry, PART.mask, OP.i32And],
      ...[...constant(FAST_ENTRY.value), OP.i32Eq, PART.inPage],
    ];
    const place = [
      ...[PART.sameEntry, ...constant(1), OP.i32And, PART.leave, OP.end],
      ...[PART.getEntry, ...constant(-4096), OP.i32And, PART.sameAddress, OP.i32Xor],
    ];
    const ask = [OP.brIf, 0, PART.sameAddress, PART.values, PART.note];
    this.#write = [...ask, PART.slowWrite, ...place, PART.stores];
    this.#readWrite = [PART.other, ...ask, PART.slowReadWrite, ...place, PART.place];
    this.check = [
      ...[0, OP.localGet, 0, OP.localGet, 1, OP.localGet, 2],
      ...[...constant(0), ...constant(GATE_SLOT.check), ...callGate, OP.end],
    ];
  }

  /**
   * Matches a form at its `block`.
   * @param depth stands for the block around it
   * @returns offset behind it; 0 when there is none
   */
  match(at: number, depth: number): number {
    this.leaves = false;
    if (this.#module.kind === 'jit') {
      const next = this.#match(this.#lookUp, at);
      const isRead = this.#bytes[next] === OP.localTee;
      const end = next && this.#match(isRead ? this.#readWrite : this.#write, next);
      if (end !== 0) {
        // Either form may have set the local in which an earlier one left its place.
        this.leaves = isRead;
        this.place = isRead ? this.#place : ABSENT;
        this.placeWidth = this.#width;
        this.placeDepth = depth;
        return end;
      }
    }
    if (!this.#module.knowsEdm) return 0;
    const end = this.#match(this.#guard, at) || this.#inRange(at) || this.#match(this.#bulk, at);
    if (end !== 0) this.#module.count(this.#site);
    return end;
  }

  /** A guard by a range is one of a range that is safe. */
  #inRange(at: number): number {
    const end = this.#match(this.#rangeGuard, at);
    return end !== 0 && isSafe(this.#first, this.#last + this.#width) ? end : 0;
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
      case PART.range:
        return this.#range(at);
      case PART.bulk:
        return this.#bulkOperation(at);
      default:
        return this.#writePart(part, at);
    }
  }

  /** A part of a write through the soft TLB. @returns offset behind it; 0 when something else is there */
  #writePart(part: number, at: number): number {
    const bytes = this.#bytes;
    const opcode = bytes[at];
    const number = unsignedAt(bytes, at + 1);
    const end = endOf(bytes, at + 1);
    switch (part) {
      case PART.entry:
        this.#entry = at + 1;
        this.#entryEnd = end;
        return opcode === OP.localTee && this.#isOther(number, this.#address) ? end : 0;
      case PART.sameEntry:
        return opcode === OP.localTee ? this.#same(this.#entry, this.#entryEnd, at + 1) : 0;
      case PART.getEntry:
        return opcode === OP.localGet ? this.#same(this.#entry, this.#entryEnd, at + 1) : 0;
      case PART.other:
        return opcode === OP.localTee && this.#isOther(number, this.#address, this.#entry - 1) ? end : 0;
      case PART.mask:
        return opcode === OP.i32Const && FAST_ENTRY.masks.includes(signedAt(bytes, at + 1)) ? end : 0;
      case PART.inPage:
        return this.#inPage(at);
      case PART.values:
        if (opcode === OP.localGet) return this.#writePart(part, end);
        return opcode === OP.i32Const ? end : 0;
      case PART.note:
        return opcode === OP.i32Const ? this.#note(at) : at;
      case PART.slowWrite:
        return opcode === OP.call && this.#module.writes.get(number) === this.#width ? end : 0;
      case PART.slowReadWrite:
        return opcode === OP.call && this.#module.readWrites.get(number) === this.#width ? end : 0;
      case PART.leave:
        return opcode === OP.brIf && number !== 0 ? end : 0;
      case PART.place:
        this.#place = number;
        return opcode === OP.localTee ? end : 0;
      default:
        return this.#stores(at);
    }
  }

  /** Whether a local is none of those that the instructions at these offsets name. */
  #isOther(local: number, ...instructions: readonly number[]): boolean {
    return instructions.every((at) => unsignedAt(this.#bytes, at + 1) !== local);
  }

  /** Notes how many bytes are written: one, when nothing is checked. */
  #inPage(at: number): number {
    const bytes = this.#bytes;
    this.#width = 1;
    if (bytes[at] !== OP.localGet) return at;
    const last = this.#exactly(IN_PAGE, this.#same(this.#address, this.#addressEnd, at));
    if (last === 0 || bytes[last] !== OP.i32Const) return 0;
    this.#width = 0x1000 - signedAt(bytes, last + 1);
    return this.#exactly(AT_MOST, endOf(bytes, last + 1));
  }

  #exactly(code: Form, at: number): number {
    return at > 0 && code.every((byte, i) => this.#bytes[at + i] === byte) ? at + code.length : 0;
  }

  #note(at: number): number {
    const bytes = this.#bytes;
    const store = endOf(bytes, endOf(bytes, at + 1) + 1);
    const offset = unsignedAt(bytes, store + 2);
    const first = (signedAt(bytes, at + 1) >>> 0) + offset;
    const width = plainWidth(bytes[store]!);
    return isSafe(first, first + width) ? this.#storeOfLocal(endOf(bytes, at + 1), width, offset) : 0;
  }

  #stores(at: number): number {
    const bytes = this.#bytes;
    if (bytes[at] !== OP.localTee) return this.#storeOfLocal(at, this.#width, 0);
    const both = endOf(bytes, at + 1);
    const second = this.#storeOfLocal(both, 8, 0);
    if (this.#width !== 16 || second === 0 || bytes[second] !== OP.localGet) return 0;
    const value = this.#same(at + 1, both, second + 1);
    return value && this.#storeOfLocal(value, 8, 8);
  }

  #storeOfLocal(at: number, width: number, offset: number): number {
    const bytes = this.#bytes;
    const store = endOf(bytes, at + 1);
    if (width <= 0 || bytes[at] !== OP.localGet || plainWidth(bytes[store]!) !== width) return 0;
    // From 0x40 on the alignment says that it is of another memory.
    if (bytes[store + 1]! >= 0x40) return 0;
    return unsignedAt(bytes, store + 2) === offset ? endOf(bytes, store + 2) : 0;
  }

  /** The bytes from `start` to `end` once more. */
  #same(start: number, end: number, at: number): number {
    const bytes = this.#bytes;
    let p = at;
    for (let i = start; i < end; i++) if (bytes[p++] !== bytes[i]) return 0;
    return p;
  }

  #range(at: number): number {
    const bytes = this.#bytes;
    const [minus, last] = [endOf(bytes, at + 1), endOf(bytes, at + 1) + 1];
    if (bytes[at] !== OP.i32Const || bytes[minus] !== OP.i32Sub || bytes[last] !== OP.i32Const) return 0;
    this.#first = signedAt(bytes, at + 1) >>> 0;
    this.#last = this.#first + (signedAt(bytes, last + 1) >>> 0);
    return endOf(bytes, last + 1);
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
