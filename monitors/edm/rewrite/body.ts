// Rewrites function bodies: each store becomes a guarded store, a store to a constant safe address, or a call of the gate; what VMM code has no business
// doing becomes an alarm and a trap. The forms are those that `../verify` accepts, to the byte.
import { wasm } from '../../../emulator/index.ts';
import { ASK_BITS, GATE_SLOT, type LinearRange, PROTECTED_STATE, SAFE } from '../facts.ts';
import { BodyWalk } from './body-walk.ts';
import { CodeBuffer } from './code-buffer.ts';
import type { Frame } from './frame.ts';
import { isRefused, isStore } from './interest.ts';

const OP = {
  block: 0x02,
  if: 0x04,
  end: 0x0b,
  brIf: 0x0d,
  call: 0x10,
  callIndirect: 0x11,
  drop: 0x1a,
  localGet: 0x20,
  localSet: 0x21,
  globalGet: 0x23,
  globalSet: 0x24,
  memoryGrow: 0x40,
  eqz: 0x45,
  greater: 0x4b,
  add: 0x6a,
  sub: 0x6b,
  and: 0x71,
  shiftRight: 0x76,
  load16: 0x2f,
  wrap: 0xa7,
  memoryInit: 0xfc08,
  memoryFill: 0xfc0b,
} as const;

const EMPTY = 0x40;
/** The value types of stored values, in the order of the temporary locals that hold them. */
const VALUES: readonly wasm.ValueType[] = ['i32', 'i64', 'f32', 'f64', 'v128'];

/** Whether a store from `from` to `to` - 1 needs no guard. */
const isSafe = (from: number, to: number): boolean => SAFE.some((range) => from >= range.from && to <= range.to);

const isState = (from: number, to: number): boolean =>
  PROTECTED_STATE.some((range) => from >= range.from && to <= range.to);

/** One for all modules, since it grows to the size of the largest function: nothing else runs between filling and taking it. */
const buffer = new CodeBuffer();

export class BodyRewriter {
  /** Operations that lead to the gate, so far. */
  sites = 0;
  /** Byte offsets, in the source, of those of the function at hand. */
  offsets: number[] = [];
  readonly #module: wasm.WasmModule;
  readonly #frame: Frame;
  readonly #walk: BodyWalk;
  readonly #out = buffer;
  /** Index of the next local to append, and the types of those appended. */
  #nextLocal = 0;
  #added: number[] = [];
  /** Temporaries of the function at hand: address, length, and one for each value type; -1 where not used yet. */
  #address = -1;
  #length = -1;
  readonly #values = new Int32Array(VALUES.length);

  constructor(module: wasm.WasmModule, frame: Frame) {
    this.#module = module;
    this.#frame = frame;
    this.#walk = new BodyWalk(module, frame);
  }

  /**
   * The new body of a function, with its locals; undefined when the old one may stay.
   * @throws WasmFormatError when it does not decode
   */
  rewrite(functionIndex: number): wasm.ByteWriter | undefined {
    const { code, importedFunctionCount, bytes } = this.#module;
    const { start, end } = code[functionIndex - importedFunctionCount]!;
    const out = this.#out;
    out.clear();
    const walk = this.#walk;
    walk.enter(functionIndex);
    const instructions = walk.start;
    this.#nextLocal = walk.localCount;
    this.#added = [];
    this.offsets = [];
    this.#address = this.#length = -1;
    this.#values.fill(-1);
    let copied = instructions;
    let changed = false;
    while (walk.next()) {
      out.copy(bytes, copied, walk.offset);
      copied = walk.offset;
      if (!this.#instruction()) continue;
      copied = walk.end;
      changed = true;
    }
    if (!changed) return undefined;
    out.copy(bytes, copied, end);
    return this.#withLocals(bytes.subarray(start, instructions));
  }

  /** Writes what stands for the instruction at hand. @returns whether it was replaced */
  #instruction(): boolean {
    const { opcode, index } = this.#walk;
    if (isStore(opcode)) return this.#store();
    if (opcode === OP.globalGet) return this.#global();
    if (opcode === OP.globalSet && index === this.#frame.stackPointer) return this.#global();
    if (opcode === OP.memoryGrow) {
      this.#gate(GATE_SLOT.grow, 0, 0);
      return true;
    }
    if (opcode >= OP.memoryInit && opcode <= OP.memoryFill) return this.#bulk();
    return isRefused(opcode) && this.#refuse(opcode);
  }

  /** Globals that the module defines have moved up by one. */
  #global(): boolean {
    const { opcode, index } = this.#walk;
    if (index < this.#frame.ledger) return false;
    this.#out.indexed(opcode, index + 1);
    return true;
  }

  #store(): true {
    const walk = this.#walk;
    const { memOffset, opcode, base, near } = walk;
    const width = wasm.accessWidth(opcode);
    const first = base + memOffset;
    const type = VALUES.indexOf(wasm.storeValueType(opcode)!);
    const out = this.#out;
    out.indexed(OP.localSet, this.#value(type));
    // The verifier follows constants to stores of one byte of opcode.
    if (base >= 0 && opcode < 0x100 && isSafe(first, first + width)) {
      out.op(OP.drop);
      out.constant(base);
      out.indexed(OP.localGet, this.#value(type));
      this.#original();
      return true;
    }
    out.indexed(OP.localSet, this.#addressLocal());
    if (this.#frame.kind === 'core' && opcode < 0x100 && width <= 4 && type <= VALUES.indexOf('i64')) {
      // The gate stores whole words.
      if (walk.inTlb && width === 4) return this.#gatedStore(GATE_SLOT.tlb, type, width);
      if (base >= 0 && isState(first, first + width)) return this.#gatedStore(GATE_SLOT.state, type, width);
    }
    out.op(OP.block, EMPTY);
    this.#effectiveAddress();
    const range = SAFE.find(({ from, to }) => near >= from && near + width <= to);
    if (range) this.#isOutside(range, width);
    else this.#isAsked();
    out.op(OP.if, EMPTY);
    this.#effectiveAddress();
    out.constant(width);
    out.constant(this.#site());
    out.indexed(OP.call, this.#frame.check);
    out.op(OP.eqz, OP.brIf, 1, OP.end);
    out.indexed(OP.localGet, this.#addressLocal());
    out.indexed(OP.localGet, this.#value(type));
    this.#original();
    out.op(OP.end);
    return true;
  }

  /** Whether the ledger asks about the address. */
  #isAsked(): void {
    const out = this.#out;
    out.constant(12);
    out.op(OP.shiftRight);
    out.indexed(OP.globalGet, this.#frame.ledger);
    out.op(OP.add);
    out.op(OP.load16, 0, 0);
    out.constant(ASK_BITS);
    out.op(OP.and);
  }

  /** Whether the store would not lie in a safe range. */
  #isOutside({ from, to }: LinearRange, width: number): void {
    const out = this.#out;
    out.constant(from);
    out.op(OP.sub);
    out.constant(to - from - width);
    out.op(OP.greater);
  }

  /** EDM does the store itself. */
  #gatedStore(slot: number, type: number, width: number): true {
    const out = this.#out;
    this.#effectiveAddress();
    out.indexed(OP.localGet, this.#value(type));
    if (VALUES[type] === 'i64') out.op(OP.wrap);
    if (slot === GATE_SLOT.state) {
      out.constant(width);
      this.#gate(slot);
    } else this.#gate(slot, 0);
    out.op(OP.drop);
    return true;
  }

  #bulk(): true {
    const out = this.#out;
    if (this.#length < 0) this.#length = this.#local('i32');
    const [address, source, length] = [this.#addressLocal(), this.#value(0), this.#length];
    out.indexed(OP.localSet, length);
    out.indexed(OP.localSet, source);
    out.indexed(OP.localSet, address);
    out.op(OP.block, EMPTY);
    out.indexed(OP.localGet, address);
    out.indexed(OP.localGet, length);
    this.#gate(GATE_SLOT.bulk, 0);
    out.op(OP.eqz, OP.brIf, 0);
    for (const local of [address, source, length]) out.indexed(OP.localGet, local);
    this.#original();
    out.op(OP.end);
    return true;
  }

  /** An alarm and a trap in place of the instruction. */
  #refuse(opcode: number): true {
    this.#out.constant(opcode);
    this.#gate(GATE_SLOT.refused, 0, 0);
    this.#out.op(OP.drop, 0x00);
    return true;
  }

  /** Calls the gate with the site, after the arguments that are on the stack and before those given. */
  #gate(slot: number, ...after: readonly number[]): void {
    const out = this.#out;
    out.constant(this.#site());
    for (const argument of after) out.constant(argument);
    out.constant(slot);
    out.indexed(OP.callIndirect, this.#frame.gateType);
    out.u32(this.#frame.gate);
  }

  /** The linear address of the store at hand, modulo 2^32. */
  #effectiveAddress(): void {
    const { memOffset } = this.#walk;
    this.#out.indexed(OP.localGet, this.#addressLocal());
    if (memOffset === 0) return;
    this.#out.constant(memOffset);
    this.#out.op(OP.add);
  }

  #original(): void {
    const { offset, end } = this.#walk;
    this.#out.copy(this.#module.bytes, offset, end);
  }

  #site(): number {
    this.offsets.push(this.#walk.offset);
    return (this.#frame.module << 20) | this.sites++;
  }

  #addressLocal(): number {
    if (this.#address < 0) this.#address = this.#local('i32');
    return this.#address;
  }

  #value(type: number): number {
    if (this.#values[type]! < 0) this.#values[type] = this.#local(VALUES[type]!);
    return this.#values[type]!;
  }

  #local(type: wasm.ValueType): number {
    this.#added.push(wasm.VALUE_TYPE_CODE[type]);
    return this.#nextLocal++;
  }

  /** The body after its declaration of locals, the appended ones last. */
  #withLocals(declaration: Uint8Array): wasm.ByteWriter {
    let at = 0;
    let groups = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = declaration[at++]!;
      groups |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return new wasm.ByteWriter()
      .u32(groups + this.#added.length)
      .bytes(declaration.subarray(at))
      .bytes(this.#added.flatMap((type) => [1, type]))
      .bytes(this.#out.take());
  }
}
