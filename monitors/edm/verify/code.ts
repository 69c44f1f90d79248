// The sweep over code: each instruction of each function once, from first to last. WebAssembly has no jumps into the middle of an instruction, so this
// is how the engine reads it too.
import { GATE_SLOT } from '../facts.ts';
import { Forms } from './forms.ts';
import { ABSENT, type Module } from './module.ts';
import { endOf, signedAt, unsignedAt } from './numbers.ts';
import {
  ANY,
  ATOMIC,
  BULK,
  FACTS,
  hasLane,
  isValueType,
  KIND,
  OP,
  plainWidth,
  prefixedWidth,
  VECTOR,
} from './opcodes.ts';
import { Operands } from './operands.ts';
import type { Rule } from './rules.ts';
import { isSafe } from './safe.ts';

/** How the gate is called, by slot: what each constant before the call must be, the last one first; `site` for the operation's number. */
const site = -1;
const any = -2;
const GATE_CALLS: Readonly<Record<number, { readonly constants: readonly number[]; readonly coreOnly: boolean }>> = {
  [GATE_SLOT.state]: { constants: [GATE_SLOT.state, site], coreOnly: true },
  [GATE_SLOT.tlb]: { constants: [GATE_SLOT.tlb, 0, site], coreOnly: true },
  [GATE_SLOT.grow]: { constants: [GATE_SLOT.grow, 0, 0, site], coreOnly: false },
  [GATE_SLOT.refused]: { constants: [GATE_SLOT.refused, 0, 0, site, any], coreOnly: false },
};

/** The code section. A module without one does nothing. */
export function bodies(module: Module): void {
  if (module.knowsEdm && (module.gate === ABSENT || module.ledger === ABSENT))
    module.refuse('edm', module.at, 'gate or ledger is missing');
  if (module.memories !== 1) module.refuse('memory', module.at, `expected one memory, found ${module.memories}`);
  const code = new Code(module);
  const count = module.u32();
  if (count === 0 || count !== module.functions.length) module.malformed('not as many bodies as functions');
  for (let i = 0; i < count; i++) {
    module.functionIndex = module.imported[0]! + i;
    const size = module.u32();
    const start = module.at;
    module.skipTo(start + size);
    if (i < count - 1 || !module.knowsEdm || !code.isCheck(start)) code.sweep(start, module.at);
  }
  module.functionIndex = -1;
}

class Code {
  readonly #module: Module;
  readonly #bytes: Uint8Array;
  readonly #forms: Forms;
  /** Where the last eight `i32.const` are, as a ring, and how many there have been. */
  readonly #constants = new Int32Array(8);
  #count = 0;
  /** Where the last `global.get` is. */
  #globalGet = 0;
  readonly #operands = new Operands();

  constructor(module: Module) {
    this.#module = module;
    this.#bytes = module.bytes;
    this.#forms = new Forms(module);
  }

  /** Whether the last function is the check of guards. */
  isCheck(start: number): boolean {
    const { at, functions, checkType } = this.#module;
    const { check } = this.#forms;
    const exact =
      functions.at(-1) === checkType &&
      at - start === check.length &&
      check.every((byte, i) => this.#bytes[start + i] === byte);
    if (!exact) this.#refuse('check', start, 'expected the check of guards as the last function');
    return exact;
  }

  /** One function, from its locals to its end. */
  sweep(from: number, end: number): void {
    const bytes = this.#bytes;
    const constants = this.#constants;
    const operands = this.#operands;
    const { ledger, check } = this.#module;
    let at = this.#locals(from);
    operands.clear();
    this.#forms.place = ABSENT;
    let [start, before, beforeThat] = [0, 0, 0];
    while (at < end) {
      const opcode = bytes[at]!;
      const facts = FACTS[opcode]!;
      beforeThat = before;
      before = start;
      start = at++;
      const lowest = operands.take((facts >> 5) & 7);
      if (facts >= 1 << 8) operands.push(0);
      switch (facts & 31) {
        case KIND.plain:
          break;
        case KIND.number:
          while (bytes[at++]! >= 0x80);
          break;
        case KIND.i32Const:
          operands.push(start);
          constants[this.#count++ & 7] = start;
          while (bytes[at++]! >= 0x80);
          break;
        case KIND.load:
          if (bytes[at]! >= 0x40) this.#otherMemory(at);
          at++;
          while (bytes[at++]! >= 0x80);
          break;
        case KIND.block:
          at = this.#block(start);
          break;
        case KIND.store:
          if (!this.#isToPlace(start, before, beforeThat)) this.#store(start, at, plainWidth(opcode), lowest);
          at++;
          while (bytes[at++]! >= 0x80);
          break;
        case KIND.localWrite:
          if (unsignedAt(bytes, at) === this.#forms.place) this.#forms.place = ABSENT;
          at = endOf(bytes, at);
          break;
        case KIND.end:
        case KIND.else:
          // What a form left may not have been executed by who comes out here.
          if (operands.depth === this.#forms.placeDepth) this.#forms.place = ABSENT;
          if (opcode === OP.else) operands.else();
          else operands.leave();
          break;
        case KIND.globalGet:
          if (unsignedAt(bytes, at) === ledger)
            this.#refuse('ledger', start, 'the address of the ledger, outside a guard');
          this.#globalGet = start;
          at = endOf(bytes, at);
          break;
        case KIND.function:
          if (unsignedAt(bytes, at) === check) this.#refuse('check', start, 'the check of guards, outside a guard');
          at = endOf(bytes, at);
          break;
        case KIND.f32:
          at += 4;
          break;
        case KIND.f64:
          at += 8;
          break;
        default:
          at = this.#rare(start, opcode);
      }
    }
    if (at !== end) this.#refuse('format', at, 'a function that ends in the middle of an instruction');
  }

  /** @returns offset behind the declaration of locals */
  #locals(start: number): number {
    let p = endOf(this.#bytes, start);
    for (let groups = unsignedAt(this.#bytes, start); groups > 0; groups--) {
      p = this.#valueType(endOf(this.#bytes, p));
    }
    return p;
  }

  #valueType(at: number): number {
    if (!isValueType(this.#bytes[at]!)) this.#unknown(at, 'value type');
    return at + 1;
  }

  /** `block`, `loop` or `if`, or a form that begins with a block. @returns offset of what comes next */
  #block(at: number): number {
    const bytes = this.#bytes;
    const type = bytes[at + 1]!;
    if (type === OP.empty && bytes[at] === OP.block && bytes[at + 2] === OP.localGet) {
      const end = this.#forms.match(at, this.#operands.depth);
      if (end !== 0) {
        // What leaves a place leaves it on the stack, too.
        if (this.#forms.leaves) this.#operands.push(0);
        return end;
      }
    }
    const isSimple = type === OP.empty || isValueType(type);
    this.#operands.enter(isSimple ? Number(type !== OP.empty) : ANY);
    if (isSimple) return at + 2;
    const end = endOf(bytes, at + 1);
    // Types by index are not negative. Of other types of one value, engine and verifier might not agree where they end.
    if ((bytes[end - 1]! & 0x40) !== 0) this.#unknown(at, 'type of a block');
    return end;
  }

  /** @returns offset behind the instruction */
  #rare(at: number, opcode: number): number {
    const bytes = this.#bytes;
    const number = unsignedAt(bytes, at + 1);
    let end = endOf(bytes, at + 1);
    switch (FACTS[opcode]! & 31) {
      case KIND.branchTable:
        for (let labels = number; labels >= 0 && end < bytes.length; labels--) end = endOf(bytes, end);
        return end;
      case KIND.typedSelect:
        for (let i = 0; i < number; i++) end = this.#valueType(end);
        return end;
      case KIND.callIndirect:
        this.#callIndirect(at, opcode, number, unsignedAt(bytes, end));
        return endOf(bytes, end);
      case KIND.globalSet:
        if (number !== this.#module.stackPointer) this.#refuse('globals', at, `global.set of global ${number}`);
        return end;
      case KIND.tableGet:
        this.#tableRead(at, number);
        return end;
      case KIND.tableSet:
        this.#refuse('table-writes', at, 'table.set');
        return end;
      case KIND.grow:
        this.#refuse('grow', at, 'memory.grow');
        return end;
      case KIND.prefix:
        if (opcode === OP.bulk) return this.#bulk(at, number, end);
        return opcode === OP.vector ? this.#vector(at, number, end) : this.#atomic(at, number, end);
      default:
        return this.#unknown(at, `opcode 0x${opcode.toString(16)}`);
    }
  }

  #bulk(at: number, operation: number, end: number): number {
    const bytes = this.#bytes;
    if (operation < BULK.init) return end;
    if (operation > BULK.last) this.#unknown(at, `opcode 0xfc ${operation}`);
    if (operation === BULK.tableSize) this.#tableRead(at, unsignedAt(bytes, end));
    else if (operation !== BULK.dataDrop && operation !== BULK.elemDrop)
      this.#refuse(operation <= BULK.fill ? 'bulk' : 'table-writes', at, `opcode 0xfc ${operation} outside the form`);
    const second = endOf(bytes, end);
    const two: readonly number[] = [BULK.init, BULK.copy, BULK.tableInit, BULK.tableCopy];
    return two.includes(operation) ? endOf(bytes, second) : second;
  }

  #vector(at: number, operation: number, end: number): number {
    if (operation > VECTOR.last) this.#unknown(at, `opcode 0xfd ${operation}`);
    if (operation === VECTOR.constant || operation === VECTOR.shuffle) return end + 16;
    if (operation >= VECTOR.lane[0] && operation <= VECTOR.lane[1]) return end + 1;
    if (operation > VECTOR.store && !(operation >= VECTOR.memoryLane[0] && operation <= VECTOR.lastZeroLoad))
      return end;
    return this.#access(at, end, OP.vector, operation);
  }

  #atomic(at: number, operation: number, end: number): number {
    if (operation > ATOMIC.last) this.#unknown(at, `opcode 0xfe ${operation}`);
    if (operation === ATOMIC.fence) return end + 1;
    if (operation < ATOMIC.firstLoad || operation > ATOMIC.lastStore)
      this.#refuse('atomics', at, `opcode 0xfe ${operation}`);
    return this.#access(at, end, OP.atomic, operation);
  }

  /** A load or store behind a prefix. @param argument offset of its alignment @returns offset behind it */
  #access(at: number, argument: number, prefix: number, operation: number): number {
    const width = prefixedWidth(prefix, operation);
    if (width > 0) this.#store(at, argument, width, this.#pushed(at));
    else if (this.#bytes[argument]! >= 0x40) this.#otherMemory(argument);
    return endOf(this.#bytes, argument + 1) + (hasLane(prefix, operation) ? 1 : 0);
  }

  /**
   * A store outside a guard: the address must be a constant. To add the offset the engine uses 33 bits, as is done here.
   * @param address where the constant is; 0 when that is not known
   */
  #store(at: number, argument: number, width: number, address: number): void {
    const bytes = this.#bytes;
    if (bytes[argument]! >= 0x40) this.#otherMemory(argument);
    if (address !== 0) {
      const first = (signedAt(bytes, address + 1) >>> 0) + unsignedAt(bytes, argument + 1);
      if (isSafe(first, first + width)) return;
    }
    this.#refuse('stores', at, `a store of ${width} bytes that is neither guarded nor to a constant safe address`);
  }

  /** Where the constant is that was pushed before a local or another constant: operands of prefixed instructions are not followed. 0 when there is none. */
  #pushed(at: number): number {
    const bytes = this.#bytes;
    let address = this.#constant(1);
    if (endOf(bytes, address + 1) === at) address = this.#constant(2);
    const value = endOf(bytes, address + 1);
    const isSimple = bytes[value] === OP.localGet || bytes[value] === OP.i32Const || bytes[value] === OP.i64Const;
    return isSimple && endOf(bytes, value + 1) === at ? address : 0;
  }

  /**
   * Whether a store of a local goes to the place that a form has left in a local. Whoever executes it has executed that form: since then neither the local was
   * written, nor a block left that was open then; and code is entered behind the end of a block, at a loop or behind an else only, from inside that block.
   */
  #isToPlace(at: number, value: number, address: number): boolean {
    const bytes = this.#bytes;
    const { place, placeWidth } = this.#forms;
    if (place === ABSENT || bytes[address] !== OP.localGet || bytes[value] !== OP.localGet) return false;
    const isAligned = bytes[at + 1]! < 0x40; // From 0x40 on the alignment says that it is of another memory.
    return (
      isAligned &&
      unsignedAt(bytes, address + 1) === place &&
      plainWidth(bytes[at]!) === placeWidth &&
      bytes[at + 2] === 0
    );
  }

  /** Table 0 may be v86's own, the gate or the hooks. Each is called in its own way. */
  #callIndirect(at: number, opcode: number, type: number, table: number): void {
    const { gate, gateType, hooks, slots } = this.#module;
    if (table === gate) {
      if (opcode !== OP.callIndirect || type !== gateType) this.#refuse('gate', at, 'the gate, of another type');
      this.#gate(at);
    } else if (table === hooks) {
      const slot = this.#globalGet + 1;
      if (endOf(this.#bytes, slot) !== at || !slots.has(unsignedAt(this.#bytes, slot)))
        this.#refuse('hooks', at, 'a hook that is not called by its own slot');
    }
  }

  /**
   * A call of the gate. Nothing can come between the constants and the call: code is entered at neither. What else it is called with is EDM's to check.
   */
  #gate(at: number): void {
    const bytes = this.#bytes;
    const slot = signedAt(bytes, this.#constant(1) + 1);
    const form = GATE_CALLS[slot];
    if (form === undefined || (form.coreOnly && this.#module.kind !== 'core')) {
      this.#refuse('gate', at, 'the gate, with no slot that this kind of module may call');
      return;
    }
    let next = at;
    for (const [i, expected] of form.constants.entries()) {
      const start = this.#constant(i + 1);
      const other = expected >= 0 && signedAt(bytes, start + 1) !== expected;
      if (other || endOf(bytes, start + 1) !== next) this.#refuse('gate', at, 'the gate, with other constants');
      next = start;
    }
    const behind = endOf(bytes, endOf(bytes, at + 1));
    if (slot === GATE_SLOT.refused && !(bytes[behind] === OP.drop && bytes[behind + 1] === OP.unreachable))
      this.#refuse('gate', at, 'something else than a trap behind what was refused');
    this.#module.count(this.#constant(form.constants.indexOf(site) + 1));
  }

  #tableRead(at: number, table: number): void {
    const { gate, hooks } = this.#module;
    if (table === gate || table === hooks) this.#refuse('tables', at, 'a look into the gate or the hooks');
  }

  /** Where the n-th last `i32.const` is. */
  #constant(n: number): number {
    return this.#constants[(this.#count - n) & 7]!;
  }

  #refuse(rule: Rule, offset: number, reason: string): void {
    this.#module.refuse(rule, offset, reason);
  }

  #otherMemory(at: number): void {
    this.#refuse('memory', at, 'an access to another memory');
  }

  #unknown(at: number, what: string): never {
    this.#module.at = at;
    return this.#module.malformed(`${what} is not known here`);
  }
}
