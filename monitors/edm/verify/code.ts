// The sweep over code: each instruction of each function once, from first to last. WebAssembly has no jumps into the middle of an instruction, so this
// is how the engine reads it too.
import { Forms } from './forms.ts';
import { ABSENT, type Module } from './module.ts';
import { endOf, signedAt, unsignedAt } from './numbers.ts';
import { ANY, EMPTY, FORBIDDEN, Instruction, isValueType, LEAVES, OP, SPECIAL } from './opcodes.ts';
import { Operands } from './operands.ts';
import { isSafe } from './safe.ts';
import { each, valueType } from './sections.ts';

/** The code section. A module without one does nothing. */
export function bodies(module: Module): void {
  if (module.knowsEdm && (module.gate === ABSENT || module.ledger === ABSENT)) module.refuse('edm', 'one of them');
  if (module.memories !== 1) module.refuse('memory', `${module.memories}`);
  const code = new Code(module);
  const count = module.u32();
  if (count === 0 || count !== module.functions.length) module.malformed('not as many bodies as functions');
  for (let i = 0; i < count; i++) {
    module.functionIndex = module.imported[0]! + i;
    const size = module.u32();
    const start = module.at;
    module.skip(size);
    const isCheck = i === count - 1 && module.knowsEdm && code.forms.isCheck(start, module.at);
    if (!isCheck) code.sweep(start, module.at);
  }
  module.functionIndex = -1;
}

class Code {
  readonly #module: Module;
  readonly #bytes: Uint8Array;
  readonly forms: Forms;
  readonly #instruction: Instruction;
  readonly #operands = new Operands();
  /** Where the last `global.get` is. */
  #globalGet = 0;

  constructor(module: Module) {
    this.#module = module;
    this.#bytes = module.bytes;
    this.forms = new Forms(module);
    this.#instruction = new Instruction(module.bytes);
  }

  /** One function, from its locals to its end. */
  sweep(start: number, end: number): void {
    const module = this.#module;
    const bytes = this.#bytes;
    const operands = this.#operands;
    const instruction = this.#instruction;
    operands.clear();
    this.forms.place = ABSENT;
    module.at = start;
    each(module, () => {
      module.u32();
      valueType(module);
    });
    let { at } = module;
    while (at < end) {
      const facts = instruction.read(at);
      const next = instruction.end;
      if (next === 0) module.malformed(`opcode ${bytes[at]}`, at);
      const lowest = operands.take((facts >> 5) & 7);
      if ((facts & LEAVES) !== 0) operands.push(at);
      at = (facts & SPECIAL) === 0 ? next : this.#special(at, lowest, next);
    }
    module.at = at;
    if (module.at !== end) module.malformed('a function that ends in the middle of an instruction');
  }

  /** @param lowest which instruction pushed its lowest operand @param end offset behind it @returns offset of what comes next */
  #special(at: number, lowest: number, end: number): number {
    const module = this.#module;
    const forms = this.forms;
    const instruction = this.#instruction;
    switch (instruction.opcode) {
      case OP.block:
      case OP.loop:
      case OP.if:
        return this.#block(at, end);
      case OP.localSet:
      case OP.localTee:
        if (instruction.index === forms.place) forms.place = ABSENT;
        break;
      case OP.else:
      case OP.end:
        // What a form left may not have been executed by who comes out here.
        if (this.#operands.depth === forms.placeDepth) forms.place = ABSENT;
        if (instruction.opcode === OP.else) this.#operands.else();
        else this.#operands.leave();
        break;
      case OP.globalGet:
        if (instruction.index === module.ledger) module.refuse('ledger', 'another that reads it', at);
        this.#globalGet = at;
        break;
      case OP.globalSet:
        if (instruction.index !== module.stackPointer)
          module.refuse('globals', `a write to global ${instruction.index}`, at);
        break;
      case OP.call:
      case OP.refFunc:
        if (instruction.index === module.check) module.refuse('check', 'something else that calls or names it', at);
        break;
      case OP.callIndirect:
        this.#callIndirect(at, unsignedAt(this.#bytes, endOf(this.#bytes, at + 1)), end);
        break;
      default:
        if (instruction.width > 0) this.#storeTo(lowest, at);
        else module.refuse(FORBIDDEN.get(instruction.opcode)!, `opcode ${this.#bytes[at]}, ${instruction.index}`, at);
    }
    return end;
  }

  /** `block`, `loop` or `if`, or a form that begins with a block. @returns offset of what comes next */
  #block(at: number, end: number): number {
    const bytes = this.#bytes;
    const type = bytes[at + 1]!;
    if (bytes[at] === OP.block && type === EMPTY && bytes[end] === OP.localGet) {
      const behind = this.forms.match(at, this.#operands.depth);
      if (behind !== 0) {
        // What leaves a place leaves it on the stack, too.
        if (this.forms.place !== ABSENT && this.forms.placeFrom === behind) this.#operands.push(0);
        return behind;
      }
    }
    // What comes round a loop has executed all of it, and may have set the local.
    if (bytes[at] === OP.loop) this.forms.place = ABSENT;
    this.#operands.enter(type === EMPTY ? 0 : isValueType(type) ? 1 : ANY);
    return end;
  }

  /**
   * A store outside a guard: its address is a constant, or the place that a form has left in a local. Whoever executes it has executed that form: since then
   * neither the local was written, nor a loop begun, nor a block left that was open then; and code is entered behind the end of a block or behind an else only,
   * from inside that block. To add the offset the engine uses 33 bits, as is done here.
   * @param by which instruction pushed the address; 0 when that is not known
   */
  #storeTo(by: number, at: number): void {
    const bytes = this.#bytes;
    const { place, placeWidth, placeFrom } = this.forms;
    const { width, offset } = this.#instruction;
    const first = (signedAt(bytes, by + 1) >>> 0) + offset;
    const isToPlace = bytes[by] === OP.localGet && by >= placeFrom && unsignedAt(bytes, by + 1) === place;
    const isKept = isToPlace
      ? width === placeWidth && offset === 0
      : bytes[by] === OP.i32Const && isSafe(first, first + width);
    if (!isKept) this.#module.refuse('stores', `another, of ${width} bytes`, at);
  }

  /** Table 0 may be v86's own, the gate or the hooks. Each is called in its own way. */
  #callIndirect(at: number, table: number, end: number): void {
    const { gate, hooks, slots } = this.#module;
    const slot = this.#globalGet + 1;
    const isOwnSlot = endOf(this.#bytes, slot) === at && slots.has(unsignedAt(this.#bytes, slot));
    if (table === gate && !this.forms.isGateCall(end, this.#operands)) this.#module.refuse('gate', 'another call', at);
    if (table === hooks && !isOwnSlot) this.#module.refuse('hooks', 'another call', at);
    this.#operands.take(ANY);
  }
}
