// The sweep over code: each instruction of each function once, from first to last. WebAssembly has no jumps into the middle of an instruction, so this
// is how the engine reads it too.
import { Forms } from './forms.ts';
import { ABSENT, type Module } from './module.ts';
import { endOf, signedAt, unsignedAt } from './numbers.ts';
import { ANY, EMPTY, FORBIDDEN, isValueType, LEAVES, OP, SPECIAL } from './opcodes.ts';
import { Operands } from './operands.ts';
import type { Rule } from './rules.ts';
import { isSafe } from './safe.ts';
import { each, valueType } from './sections.ts';

/** The code section. A module without one does nothing; that there are as many bodies as functions the engine sees to. */
export function bodies(module: Module): void {
  const [imported, , memories] = module.counts;
  if (memories !== 1) module.refuse('memory', `${memories}`);
  each(module, (_, i) => {
    module.functionIndex = imported! + i;
    const size = module.u32();
    new Sweep(module).to(module.at + size);
  });
  module.functionIndex = -1;
}

/** Of one function: nothing is carried from one to the next. */
class Sweep {
  readonly #module: Module;
  readonly #forms: Forms;
  readonly #operands = new Operands();

  constructor(module: Module) {
    this.#module = module;
    this.#forms = new Forms(module);
  }

  /** From its locals to its end. */
  to(end: number): void {
    const module = this.#module;
    const operands = this.#operands;
    each(module, () => {
      module.u32();
      valueType(module);
    });
    let { at } = module;
    // Offset 0 is no instruction's.
    let [before, earlier] = [0, 0];
    while (at < end) {
      const facts = module.read(at);
      let next = module.end;
      if (next === 0) module.refuse('format', `opcode ${module.bytes[at]}`, at);
      const lowest = operands.take((facts >> 5) & 7);
      if ((facts & LEAVES) !== 0) operands.push(at);
      if ((facts & SPECIAL) !== 0) next = this.#special(at, lowest, before, earlier);
      earlier = before;
      before = at;
      at = next;
    }
    module.at = at;
    if (at !== end) module.refuse('format', 'a function that ends in the middle of an instruction');
  }

  /**
   * @param lowest which instruction pushed its lowest operand
   * @param before the instruction that stands before it, and the one before that
   * @returns offset of what comes next
   */
  #special(at: number, lowest: number, before: number, earlier: number): number {
    const { bytes, end, opcode } = this.#module;
    if (opcode === OP.block && bytes[at + 1] === EMPTY && bytes[end] === OP.localGet) {
      const behind = this.#forms.match(at, this.#operands.depth);
      // What leaves a place leaves it on the stack, too.
      if (this.#forms.place !== ABSENT && this.#forms.placeFrom === behind) this.#operands.push(0);
      if (behind !== 0) return behind;
    }
    const rule = this.#brokenBy(opcode, at, lowest, before, earlier);
    if (rule) this.#module.refuse(rule, `opcode 0x${opcode.toString(16)}`, at);
    return end;
  }

  /** Follows what an instruction does to blocks and locals. @returns the rule that it breaks */
  #brokenBy(opcode: number, at: number, lowest: number, before: number, earlier: number): Rule | undefined {
    const module = this.#module;
    const forms = this.#forms;
    const operands = this.#operands;
    switch (opcode) {
      case OP.block:
      case OP.loop:
      case OP.if: {
        // What comes round a loop has executed all of it, and may have set the local.
        if (opcode === OP.loop) forms.place = ABSENT;
        const type = module.bytes[at + 1]!;
        operands.enter(type === EMPTY ? 0 : isValueType(type) ? 1 : ANY);
        return undefined;
      }
      case OP.else:
      case OP.end:
        // What a form left may not have been executed by who comes out here.
        if (operands.depth === forms.placeDepth) forms.place = ABSENT;
        if (opcode === OP.else) operands.else();
        else operands.leave();
        return undefined;
      case OP.localSet:
      case OP.localTee:
        if (module.index === forms.place) forms.place = ABSENT;
        return undefined;
      case OP.globalGet:
        return module.index === module.ledger ? 'ledger' : undefined;
      case OP.globalSet:
        return module.index === module.stackPointer ? undefined : 'globals';
      case OP.callIndirect: {
        // Table 0 may be v86's own, the gate or the hooks.
        const table = unsignedAt(module.bytes, endOf(module.bytes, at + 1));
        // The gate's slot comes last, and before it, last among the arguments, the number of the site: two constants that stand right before the call, for code
        // is entered at neither. All other arguments are EDM's to check.
        const site = module.bytes[before] === OP.i32Const ? earlier : 0;
        if (table === module.gate) module.count(this.#number(OP.i32Const, site, signedAt), at);
        return table === module.hooks && !module.hookSlots.has(this.#number(OP.globalGet, before))
          ? 'hooks'
          : undefined;
      }
      default:
        return module.width > 0 && this.#isStoreKept(lowest) ? undefined : (FORBIDDEN.get(opcode) ?? 'stores');
    }
  }

  /** The number behind an opcode; NaN where there is another. */
  #number(opcode: number, at: number, read = unsignedAt): number {
    return this.#module.bytes[at] === opcode ? read(this.#module.bytes, at + 1) : Number.NaN;
  }

  /**
   * A store outside a guard: its address is a constant, or the place that a form has left in a local. Whoever executes it has executed that form: since then
   * neither the local was written, nor a loop begun, nor a block left that was open then; and code is entered behind the end of a block or behind an else only,
   * from inside that block. To add the offset the engine uses 33 bits, as is done here.
   * @param by which instruction pushed the address; 0 when that is not known
   */
  #isStoreKept(by: number): boolean {
    const { bytes, offset, width } = this.#module;
    const { place, placeWidth, placeFrom } = this.#forms;
    if (bytes[by] === OP.i32Const) {
      const first = (signedAt(bytes, by + 1) >>> 0) + offset;
      return isSafe(first, first + width);
    }
    const isPlace = bytes[by] === OP.localGet && by >= placeFrom && unsignedAt(bytes, by + 1) === place;
    return isPlace && width === placeWidth && offset === 0;
  }
}
