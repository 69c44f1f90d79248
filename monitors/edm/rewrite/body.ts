// Rewrites function bodies: each store becomes a guarded store, a store to a constant safe address, or a call of the gate; what VMM code has no business
// doing becomes an alarm and a trap. The forms are those that `../verify` accepts, to the byte.
import { wasm } from '../../../emulator/index.ts';
import { ASK_BITS, GATE_SLOT, type LinearRange, PROTECTED_STATE, SAFE } from '../facts.ts';
import { BodyWalk } from './body-walk.ts';
import type { Frame } from './frame.ts';
import { isRefused, isStore } from './interest.ts';

const a = wasm.assembler;

const OP = { globalGet: 0x23, globalSet: 0x24, memoryGrow: 0x40, memoryInit: 0xfc08, memoryFill: 0xfc0b } as const;

/** The value types of stored values, in the order of the temporary locals that hold them. */
const VALUES: readonly wasm.ValueType[] = ['i32', 'i64', 'f32', 'f64', 'v128'];

/** Whether a store from `from` to `to` - 1 needs no guard. */
const isSafe = (from: number, to: number): boolean => SAFE.some((range) => from >= range.from && to <= range.to);

const isState = (from: number, to: number): boolean =>
  PROTECTED_STATE.some((range) => from >= range.from && to <= range.to);

/** Whether a store to the address on the stack would not lie in a safe range. */
const isOutside = ({ from, to }: LinearRange, width: number): wasm.Code =>
  wasm.code(a.i32Const(from), a.i32Sub, a.i32Const(to - from - width), a.i32GtU);

export class BodyRewriter {
  /** Operations that lead to the gate, so far. */
  sites = 0;
  /** Byte offsets, in the source, of those of the function at hand. */
  offsets: number[] = [];
  readonly #module: wasm.WasmModule;
  readonly #frame: Frame;
  readonly #walk: BodyWalk;
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
    const out = new wasm.ByteWriter();
    const walk = this.#walk;
    walk.enter(functionIndex);
    const instructions = walk.start;
    this.#nextLocal = walk.localCount;
    this.#added = [];
    this.offsets = [];
    this.#address = this.#length = -1;
    this.#values.fill(-1);
    let copied = instructions;
    while (walk.next()) {
      const instead = this.#instruction();
      if (!instead) continue;
      out.bytes(bytes.subarray(copied, walk.offset)).bytes(instead);
      copied = walk.end;
    }
    if (copied === instructions) return undefined;
    out.bytes(bytes.subarray(copied, end));
    return this.#withLocals(bytes.subarray(start, instructions), out);
  }

  /** What stands for the instruction at hand; undefined when it stays. */
  #instruction(): wasm.Code | undefined {
    const { opcode, index } = this.#walk;
    if (isStore(opcode)) return this.#store();
    if (opcode === OP.globalGet) return this.#global();
    if (opcode === OP.globalSet && index === this.#frame.stackPointer) return this.#global();
    if (opcode === OP.memoryGrow) return this.#gate(GATE_SLOT.grow, 0, 0);
    if (opcode >= OP.memoryInit && opcode <= OP.memoryFill) return this.#bulk();
    return isRefused(opcode) ? this.#refuse(opcode) : undefined;
  }

  /** Globals that the module defines have moved up by one. */
  #global(): wasm.Code | undefined {
    const { opcode, index } = this.#walk;
    if (index < this.#frame.ledger) return undefined;
    return opcode === OP.globalGet ? a.globalGet(index + 1) : a.globalSet(index + 1);
  }

  #store(): wasm.Code {
    const { memOffset, opcode, base, inTlb } = this.#walk;
    const width = wasm.accessWidth(opcode);
    const first = base + memOffset;
    const type = VALUES.indexOf(wasm.storeValueType(opcode)!);
    const value = this.#value(type);
    // The verifier follows constants to stores of one byte of opcode.
    if (base >= 0 && opcode < 0x100 && isSafe(first, first + width))
      return wasm.code(a.localSet(value), a.drop, a.i32Const(base), a.localGet(value), this.#original());
    const operands = wasm.code(a.localSet(value), a.localSet(this.#addressLocal()));
    if (this.#frame.kind === 'core' && opcode < 0x100 && width <= 4 && type <= VALUES.indexOf('i64')) {
      // The gate stores whole words.
      if (inTlb && width === 4) return wasm.code(operands, this.#gatedStore(GATE_SLOT.tlb, type, width));
      if (base >= 0 && isState(first, first + width))
        return wasm.code(operands, this.#gatedStore(GATE_SLOT.state, type, width));
    }
    return wasm.code(operands, this.#guarded(width, value));
  }

  #guarded(width: number, value: number): wasm.Code {
    const { near } = this.#walk;
    const range = SAFE.find(({ from, to }) => near >= from && near + width <= to);
    const ea = this.#effectiveAddress();
    return wasm.code(
      ...[a.block(), ea, range ? isOutside(range, width) : this.#isAsked(), a.if_()],
      ...[ea, a.i32Const(width), this.#gate(GATE_SLOT.check, 0), a.i32Eqz, a.brIf(1), a.end],
      ...[a.localGet(this.#addressLocal()), a.localGet(value), this.#original(), a.end],
    );
  }

  /** Whether the ledger asks about the address. */
  #isAsked(): wasm.Code {
    const byte = wasm.code(a.i32Const(12), a.i32ShrU, a.globalGet(this.#frame.ledger), a.i32Add, a.i32Load16U());
    return wasm.code(byte, a.i32Const(ASK_BITS), a.i32And);
  }

  /** EDM does the store itself. */
  #gatedStore(slot: number, type: number, width: number): wasm.Code {
    const value = wasm.code(a.localGet(this.#value(type)), VALUES[type] === 'i64' ? a.i32WrapI64 : []);
    return wasm.code(this.#effectiveAddress(), value, this.#gate(slot, slot === GATE_SLOT.state ? width : 0), a.drop);
  }

  #bulk(): wasm.Code {
    if (this.#length < 0) this.#length = this.#local('i32');
    const [address, source, length] = [this.#addressLocal(), this.#value(0), this.#length];
    return wasm.code(
      ...[a.localSet(length), a.localSet(source), a.localSet(address), a.block()],
      ...[a.localGet(address), a.localGet(length), this.#gate(GATE_SLOT.check, 0), a.i32Eqz, a.brIf(0)],
      ...[a.localGet(address), a.localGet(source), a.localGet(length), this.#original(), a.end],
    );
  }

  /** An alarm and a trap in place of the instruction. */
  #refuse(opcode: number): wasm.Code {
    return wasm.code(a.i32Const(opcode), this.#gate(GATE_SLOT.refused, 0, 0), a.drop, a.unreachable);
  }

  /** Calls the gate with the arguments that are on the stack, those given, and the site. */
  #gate(slot: number, ...more: readonly number[]): wasm.Code {
    const { gateType, gate } = this.#frame;
    return wasm.code(...[...more, this.#site(), slot].map(a.i32Const), a.callIndirect(gateType, gate));
  }

  /** The linear address of the store at hand, modulo 2^32. */
  #effectiveAddress(): wasm.Code {
    const { memOffset } = this.#walk;
    const address = a.localGet(this.#addressLocal());
    return memOffset === 0 ? address : wasm.code(address, a.i32Const(memOffset), a.i32Add);
  }

  #original(): wasm.Code {
    const { offset, end } = this.#walk;
    return this.#module.bytes.subarray(offset, end);
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
  #withLocals(declaration: Uint8Array, instructions: wasm.ByteWriter): wasm.ByteWriter {
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
      .append(instructions);
  }
}
