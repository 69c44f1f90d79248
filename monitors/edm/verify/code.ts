// The sweep over code: each instruction of each function once, from first to last. WebAssembly has no jumps into the middle of an instruction, so this
// is how the engine reads it too.
import { Forms } from './forms.ts';
import { ABSENT, type Module } from './module.ts';
import { endOf, signedAt, unsignedAt } from './numbers.ts';
import { ANY, BULK, FACTS, isOfOtherMemory, isValueType, KIND, OP, Store, VECTOR } from './opcodes.ts';
import { Operands } from './operands.ts';
import { isSafe } from './safe.ts';

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
  readonly #store: Store;
  readonly #operands = new Operands();
  /** Where the last eight `i32.const` are, as a ring, and how many there have been. */
  readonly #constants = new Int32Array(8);
  #count = 0;
  /** Where the last `global.get` is. */
  #globalGet = 0;
  readonly #constant = (n: number): number => this.#constants[(this.#count - n) & 7]!;

  constructor(module: Module) {
    this.#module = module;
    this.#bytes = module.bytes;
    this.#forms = new Forms(module);
    this.#store = new Store(module.bytes);
  }

  /** Whether the last function is the check of guards. */
  isCheck(start: number): boolean {
    const { at, functions, checkType } = this.#module;
    const exact = functions.at(-1) === checkType && this.#forms.isCheck(start, at);
    if (!exact) this.#module.refuse('check', start, 'expected the check of guards as the last function');
    return exact;
  }

  /** One function, from its locals to its end. */
  sweep(from: number, end: number): void {
    const bytes = this.#bytes;
    const operands = this.#operands;
    operands.clear();
    this.#forms.place = ABSENT;
    let at = this.#locals(from);
    while (at < end) {
      const start = at++;
      const facts = FACTS[bytes[start]!]!;
      const lowest = operands.take((facts >> 5) & 7);
      if (facts >= 1 << 8) operands.push(start);
      switch (facts & 31) {
        case KIND.plain:
          break;
        case KIND.number:
          while (bytes[at++]! >= 0x80);
          break;
        case KIND.i32Const:
          operands.push(start);
          this.#constants[this.#count++ & 7] = start;
          while (bytes[at++]! >= 0x80);
          break;
        case KIND.load:
          at = this.#load(at);
          break;
        case KIND.block:
          at = this.#block(start);
          break;
        case KIND.store:
          at = this.#storeTo(lowest, start);
          break;
        case KIND.localWrite:
          if (unsignedAt(bytes, at) === this.#forms.place) this.#forms.place = ABSENT;
          at = endOf(bytes, at);
          break;
        case KIND.end:
        case KIND.else:
          // What a form left may not have been executed by who comes out here.
          if (operands.depth === this.#forms.placeDepth) this.#forms.place = ABSENT;
          if (bytes[start] === OP.else) operands.else();
          else operands.leave();
          break;
        case KIND.f32:
          at += 4;
          break;
        case KIND.f64:
          at += 8;
          break;
        default:
          at = this.#indexed(start, facts & 31);
      }
    }
    if (at !== end) this.#module.refuse('format', at, 'a function that ends in the middle of an instruction');
  }

  /** @returns offset behind the declaration of locals */
  #locals(start: number): number {
    let p = endOf(this.#bytes, start);
    for (let groups = unsignedAt(this.#bytes, start); groups > 0; groups--) p = this.#valueType(endOf(this.#bytes, p));
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
        if (this.#forms.place !== ABSENT && this.#forms.placeFrom === end) this.#operands.push(0);
        return end;
      }
    }
    // What comes round a loop has executed all of it, and may have set the local.
    if (bytes[at] === OP.loop) this.#forms.place = ABSENT;
    const isSimple = type === OP.empty || isValueType(type);
    this.#operands.enter(isSimple ? Number(type !== OP.empty) : ANY);
    if (isSimple) return at + 2;
    const end = endOf(bytes, at + 1);
    // Types by index are not negative. Of other types of one value, engine and verifier might not agree where they end.
    if ((bytes[end - 1]! & 0x40) !== 0) this.#unknown(at, 'type of a block');
    return end;
  }

  /** An instruction with an index, or with a second opcode. @returns offset behind it */
  #indexed(at: number, kind: number): number {
    const bytes = this.#bytes;
    const { ledger, check, stackPointer } = this.#module;
    const index = unsignedAt(bytes, at + 1);
    let end = endOf(bytes, at + 1);
    switch (kind) {
      case KIND.globalGet:
        if (index === ledger) this.#module.refuse('ledger', at, 'the address of the ledger, outside a guard');
        this.#globalGet = at;
        return end;
      case KIND.globalSet:
        if (index !== stackPointer) this.#module.refuse('globals', at, `global.set of global ${index}`);
        return end;
      case KIND.function:
        if (index === check) this.#module.refuse('check', at, 'the check of guards, outside a guard');
        return end;
      case KIND.callIndirect:
        this.#callIndirect(at, unsignedAt(bytes, end), endOf(bytes, end));
        return endOf(bytes, end);
      case KIND.branchTable:
        for (let labels = index; labels >= 0 && end < bytes.length; labels--) end = endOf(bytes, end);
        return end;
      case KIND.typedSelect:
        for (let i = 0; i < index; i++) end = this.#valueType(end);
        return end;
      case KIND.table:
        this.#module.refuse(
          bytes[at] === OP.tableSet ? 'table-writes' : 'tables',
          at,
          `table.get or set of table ${index}`,
        );
        return end;
      case KIND.grow:
        this.#module.refuse('grow', at, 'memory.grow');
        return end;
      case KIND.bulk:
        return this.#bulk(at, index, end);
      case KIND.vector:
        return this.#vector(at, index, end);
      default:
        return this.#unknown(at, `opcode 0x${bytes[at]!.toString(16)}`);
    }
  }

  #bulk(at: number, operation: number, end: number): number {
    if (operation < BULK.init) return end;
    if (operation === BULK.dataDrop || operation === BULK.tableSize) return endOf(this.#bytes, end);
    if (operation > BULK.last) this.#unknown(at, `opcode 0xfc ${operation}`);
    this.#module.refuse(
      operation <= BULK.fill ? 'bulk' : 'table-writes',
      at,
      `opcode 0xfc ${operation} outside the form`,
    );
    const two: readonly number[] = [BULK.init, BULK.copy, BULK.tableInit, BULK.tableCopy];
    return two.includes(operation) ? endOf(this.#bytes, endOf(this.#bytes, end)) : endOf(this.#bytes, end);
  }

  #vector(at: number, operation: number, end: number): number {
    if (operation > VECTOR.last) this.#unknown(at, `opcode 0xfd ${operation}`);
    if (operation === VECTOR.constant || operation === VECTOR.shuffle) return end + 16;
    if (operation >= VECTOR.lane && operation <= VECTOR.lastLane) return end + 1;
    const hasLane = operation >= VECTOR.memoryLane && operation <= VECTOR.lastLaneStore;
    if (operation === VECTOR.store || (hasLane && operation >= VECTOR.laneStore)) return this.#storeTo(0, at);
    if (operation < VECTOR.store || hasLane || (operation > VECTOR.memoryLane && operation <= VECTOR.lastLoad))
      return this.#load(end) + Number(hasLane);
    return end;
  }

  /** @param argument offset of its alignment @returns offset behind it */
  #load(argument: number): number {
    if (isOfOtherMemory(this.#bytes[argument]!)) this.#module.refuse('memory', argument, 'a load from another memory');
    return endOf(this.#bytes, argument + 1);
  }

  /**
   * A store outside a guard: its address is a constant, or the place that a form has left in a local. Whoever executes it has executed that form: since then
   * neither the local was written, nor a loop begun, nor a block left that was open then; and code is entered behind the end of a block or behind an else only,
   * from inside that block. To add the offset the engine uses 33 bits, as is done here.
   * @param by which instruction pushed the address; 0 when that is not known
   * @returns offset behind it
   */
  #storeTo(by: number, at: number): number {
    const bytes = this.#bytes;
    const { place, placeWidth, placeFrom } = this.#forms;
    if (!this.#store.read(at)) this.#module.refuse('memory', at, 'a store to another memory');
    const { width, offset, end } = this.#store;
    const index = unsignedAt(bytes, by + 1);
    const first = (signedAt(bytes, by + 1) >>> 0) + offset;
    const isToPlace =
      bytes[by] === OP.localGet && by >= placeFrom && index === place && width === placeWidth && offset === 0;
    if (!isToPlace && !(bytes[by] === OP.i32Const && isSafe(first, first + width)))
      this.#module.refuse(
        'stores',
        at,
        `a store of ${width} bytes that is neither guarded nor to a constant safe address`,
      );
    return end;
  }

  /** Table 0 may be v86's own, the gate or the hooks. Each is called in its own way. */
  #callIndirect(at: number, table: number, end: number): void {
    const { gate, hooks, slots } = this.#module;
    if (table === gate) {
      if (!this.#forms.isGateCall(end, this.#constant))
        this.#module.refuse('gate', at, 'the gate, in none of the accepted forms');
    } else if (table === hooks) {
      const slot = this.#globalGet + 1;
      if (endOf(this.#bytes, slot) !== at || !slots.has(unsignedAt(this.#bytes, slot)))
        this.#module.refuse('hooks', at, 'a hook that is not called by its own slot');
    }
  }

  #unknown(at: number, what: string): never {
    this.#module.at = at;
    return this.#module.malformed(`${what} is not known here`);
  }
}
