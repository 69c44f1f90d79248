// Rewrites function bodies: each store becomes a guarded store, a store to a constant safe address, or a call of the gate; what VMM code has no business
// doing becomes an alarm and a trap. The forms are those that `../verify` accepts, to the byte.
import { wasm } from '../../../emulator/index.ts';
import { ASK_BITS, GATE_SLOT, PROTECTED_STATE, SAFE_END } from '../facts.ts';
import { CodeBuffer } from './code-buffer.ts';
import type { Frame } from './frame.ts';
import { TlbPointers } from './tlb-pointers.ts';

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
  tableSet: 0x26,
  memoryGrow: 0x40,
  eqz: 0x45,
  add: 0x6a,
  and: 0x71,
  shiftRight: 0x76,
  load16: 0x2f,
  wrap: 0xa7,
  memoryInit: 0xfc08,
  memoryFill: 0xfc0b,
  tableInit: 0xfc0c,
  tableCopy: 0xfc0e,
  tableGrow: 0xfc0f,
  tableFill: 0xfc11,
} as const;

const EMPTY = 0x40;
/** Opcodes of the threads proposal that VMM code may use: fences, loads, and from `firstStore` on stores. All others read and write at once, or wait. */
const ATOMIC = { first: 0xfe00, fence: 0xfe03, firstStore: 0xfe17, lastStore: 0xfe1d, last: 0xfe4e } as const;

/** Operations on tables. */
const TABLE_WRITES: ReadonlySet<number> = new Set([
  OP.tableSet,
  OP.tableInit,
  OP.tableCopy,
  OP.tableGrow,
  OP.tableFill,
]);

/** What VMM code has no business doing; a store to the shadow stack pointer was looked at before. */
const isRefused = (opcode: number): boolean =>
  opcode === OP.globalSet ||
  TABLE_WRITES.has(opcode) ||
  (opcode >= ATOMIC.first && opcode < ATOMIC.fence) ||
  (opcode > ATOMIC.lastStore && opcode <= ATOMIC.last);

/** Whether an instruction may have to be written anew. */
const mayChange = (opcode: number): boolean =>
  wasm.isStore(opcode) || opcode === OP.globalGet || opcode === OP.memoryGrow || isRefused(opcode);

/** The value types of stored values, in the order of the temporary locals that hold them. */
const VALUES: readonly wasm.ValueType[] = ['i32', 'i64', 'f32', 'f64', 'v128'];

const isSafe = (from: number, to: number): boolean =>
  to <= SAFE_END && !PROTECTED_STATE.some((range) => from < range.to && to > range.from);

const isState = (from: number, to: number): boolean =>
  PROTECTED_STATE.some((range) => from >= range.from && to <= range.to);

export class BodyRewriter {
  /** Operations that lead to the gate, so far. */
  sites = 0;
  /** Byte offsets, in the source, of those of the function at hand. */
  offsets: number[] = [];
  readonly #module: wasm.WasmModule;
  readonly #frame: Frame;
  readonly #walk: wasm.FunctionWalk;
  readonly #out = new CodeBuffer();
  readonly #tlb = new TlbPointers();
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
    this.#walk = new wasm.FunctionWalk(module);
  }

  /**
   * The new body of a function, with its locals; undefined when the old one may stay.
   * @throws WasmFormatError when it does not decode
   */
  rewrite(functionIndex: number): Uint8Array | undefined {
    const { code, importedFunctionCount, bytes } = this.#module;
    const { start, end } = code[functionIndex - importedFunctionCount]!;
    const out = this.#out;
    out.clear();
    this.#walk.enter(functionIndex);
    const { cursor } = this.#walk;
    const instructions = cursor.offset;
    this.#nextLocal = this.#walk.localCount;
    this.#added = [];
    this.offsets = [];
    this.#address = this.#length = -1;
    this.#values.fill(-1);
    let copied = instructions;
    let changed = false;
    this.#tlb.enter();
    while (this.#walk.next()) {
      if (this.#frame.kind === 'core') this.#tlb.follow(cursor);
      if (!mayChange(cursor.opcode)) continue;
      out.copy(bytes, copied, cursor.offset);
      copied = cursor.offset;
      if (!this.#instruction()) continue;
      copied = cursor.end;
      changed = true;
    }
    if (!changed) return undefined;
    out.copy(bytes, copied, end);
    return this.#withLocals(bytes.subarray(start, instructions));
  }

  /** Writes what stands for the instruction at hand. @returns whether it was replaced */
  #instruction(): boolean {
    const { cursor } = this.#walk;
    const { opcode } = cursor;
    if (opcode === OP.globalGet) return this.#global();
    if (opcode === OP.globalSet && cursor.imm0 === this.#frame.stackPointer) return this.#global();
    if (opcode === OP.memoryGrow) {
      this.#gate(GATE_SLOT.grow, 0, 0);
      return true;
    }
    if (opcode >= OP.memoryInit && opcode <= OP.memoryFill) return this.#bulk();
    return isRefused(opcode) ? this.#refuse(opcode) : this.#store();
  }

  /** Globals that the module defines have moved up by one. */
  #global(): boolean {
    const { opcode, imm0 } = this.#walk.cursor;
    if (imm0 < this.#frame.ledger) return false;
    this.#out.indexed(opcode, imm0 + 1);
    return true;
  }

  #store(): boolean {
    const walk = this.#walk;
    const { cursor } = walk;
    const { memOffset, opcode } = cursor;
    const width = wasm.accessWidth(opcode)!;
    const base = walk.operandConstant(1);
    const first = base === undefined ? -1 : (base >>> 0) + memOffset;
    const type = VALUES.indexOf(wasm.storeValueType(opcode)!);
    const out = this.#out;
    out.indexed(OP.localSet, this.#value(type));
    if (base !== undefined && isSafe(first, first + width)) {
      out.op(OP.drop);
      out.constant(base);
      out.indexed(OP.localGet, this.#value(type));
      this.#original();
      return true;
    }
    out.indexed(OP.localSet, this.#addressLocal());
    if (this.#frame.kind === 'core' && width <= 4 && type <= VALUES.indexOf('i64')) {
      if (this.#tlb.isEntry(memOffset, base, walk.operandProducer(1)))
        return this.#gatedStore(GATE_SLOT.tlb, type, width);
      if (base !== undefined && isState(first, first + width)) return this.#gatedStore(GATE_SLOT.state, type, width);
    }
    out.op(OP.block, EMPTY);
    this.#effectiveAddress();
    out.constant(12);
    out.op(OP.shiftRight);
    out.indexed(OP.globalGet, this.#frame.ledger);
    out.op(OP.add);
    out.op(OP.load16, 0, 0);
    out.constant(ASK_BITS);
    out.op(OP.and, OP.if, EMPTY);
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
    const { memOffset } = this.#walk.cursor;
    this.#out.indexed(OP.localGet, this.#addressLocal());
    if (memOffset === 0) return;
    this.#out.constant(memOffset);
    this.#out.op(OP.add);
  }

  #original(): void {
    const { offset, end } = this.#walk.cursor;
    this.#out.copy(this.#module.bytes, offset, end);
  }

  #site(): number {
    this.offsets.push(this.#walk.cursor.offset);
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

  /** The body with its declaration of locals, the appended ones last. */
  #withLocals(declaration: Uint8Array): Uint8Array {
    const body = this.#out.take();
    const out = this.#out;
    out.clear();
    let at = 0;
    let groups = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = declaration[at++]!;
      groups |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    out.u32(groups + this.#added.length);
    out.copy(declaration, at, declaration.length);
    for (const type of this.#added) out.op(1, type);
    out.copy(body, 0, body.length);
    return out.take();
  }
}
