// A walk over a function body that keeps the operand stack as validation does (WebAssembly core specification, appendix 7.3):
// heights and control frames, and for each operand the instruction that left it there and its value if it is a known i32 constant.
// Types are not checked: the engine does that. What is checked is all that the walk's own answers rest on.
import { ConstantLocals } from './constant-locals.ts';
import { foldI32 } from './fold-i32.ts';
import { EMPTY_BLOCK_TYPE, InstructionCursor } from './instructions.ts';
import { typeOf, type WasmModule } from './module.ts';
import { popsBySlot, pushesBySlot, VARIABLE } from './opcodes.ts';
import { NO_PRODUCER, OperandStack } from './operand-stack.ts';

/** A control frame: a block, or the body itself. */
type Frame = {
  /** The opcode that opened it: block, loop, if, else; the body counts as a block. */
  opener: number;
  /** Height of the operand stack below it. */
  height: number;
  params: number;
  results: number;
  /** Whether the code at hand follows an instruction that never falls through. */
  unreachable: boolean;
  /** Whether the frame was entered at all. */
  entered: boolean;
};

/**
 * Walks functions one instruction at a time. After `next()` the walk stands *before* the effect of the instruction that
 * `cursor` shows: its operands are on the stack and can be asked for.
 *
 * Constants of locals are followed through straight-line code only: a loop, `else` or `end`, where control flow may join,
 * forgets them all. What the walk calls constant is therefore constant on every path.
 */
export class FunctionWalk {
  readonly module: WasmModule;
  readonly cursor: InstructionCursor;
  functionIndex = -1;
  /** Locals of the function at hand, parameters included. */
  localCount = 0;

  readonly #stack = new OperandStack();
  readonly #locals = new ConstantLocals();
  #frames: Frame[] = [];
  #frame!: Frame;
  /** Whether the instruction at hand has still to take effect. */
  #pending = false;

  constructor(module: WasmModule) {
    this.module = module;
    this.cursor = new InstructionCursor(module.bytes, module.source);
  }

  /** Goes before the first instruction of a function that is not imported. */
  enter(functionIndex: number): void {
    this.functionIndex = functionIndex;
    const { params, results } = typeOf(this.module, functionIndex);
    this.localCount = params.length + this.cursor.enterFunction(this.module, functionIndex);
    this.#locals.reset(this.localCount);
    this.#stack.height = 0;
    this.#pending = false;
    this.#frame = {
      opener: 0x02,
      height: 0,
      params: 0,
      results: results.length,
      unreachable: false,
      entered: true,
    };
    this.#frames = [this.#frame];
  }

  /** Performs the instruction at hand on the stack and decodes the next. @returns false at the end of the body. */
  next(): boolean {
    if (this.#pending) this.#perform();
    this.#pending = this.cursor.next();
    return this.#pending;
  }

  /** Whether control can come here, as far as validation tells. */
  get reachable(): boolean {
    return this.#frame.entered && !this.#frame.unreachable;
  }

  /** The value of the operand `depth` places below the top of the stack, if it is an i32 known on every path. */
  operandConstant(depth: number): number | undefined {
    const at = this.#stack.height - 1 - depth;
    return at >= this.#frame.height ? this.#stack.constantAt(at) : undefined;
  }

  /** Byte offset of the instruction that left the operand `depth` places below the top; {@link NO_PRODUCER} in unreachable code. */
  operandProducer(depth: number): number {
    const at = this.#stack.height - 1 - depth;
    return at >= this.#frame.height ? this.#stack.producerAt(at) : NO_PRODUCER;
  }

  #perform(): void {
    const { cursor } = this;
    const { slot } = cursor;
    const pops = popsBySlot[slot]!;
    if (pops !== VARIABLE) {
      if (slot === 0x41) this.#push(cursor.imm0);
      else if (slot >= 0x6a && slot <= 0x74) this.#binary(slot);
      else {
        this.#pop(pops);
        if (pushesBySlot[slot] !== 0) this.#push();
      }
      return;
    }
    switch (slot) {
      case 0x20: // local.get
        this.#getLocal(cursor.imm0);
        return;
      case 0x21: // local.set
        this.#setLocal(cursor.imm0);
        this.#pop(1);
        return;
      case 0x22: {
        // local.tee leaves the operand as it is; it is now the instruction to have left it.
        const value = this.operandConstant(0);
        this.#setLocal(cursor.imm0);
        this.#pop(1);
        this.#push(value);
        return;
      }
      case 0x23: // global.get
        this.#push();
        return;
      case 0x24: // global.set
      case 0x1a: // drop
      case 0x0d: // br_if
        this.#pop(1);
        return;
      case 0x1b: // select
      case 0x1c:
        this.#pop(3);
        this.#push();
        return;
      case 0x02: // block
      case 0x03: // loop
      case 0x04: // if
        this.#open(slot);
        return;
      case 0x05:
        this.#else();
        return;
      case 0x0b:
        this.#end();
        return;
      case 0x00: // unreachable
      case 0x0c: // br
      case 0x0f: // return
        this.#leave();
        return;
      case 0x0e: // br_table
        this.#pop(1);
        this.#leave();
        return;
      case 0x10: // call
        this.#call(this.#typeOfCallee());
        return;
      case 0x11: // call_indirect
        this.#pop(1);
        this.#call(this.#typeAt(cursor.imm0));
        return;
      case 0x12: // return_call
        this.#pop(this.#typeOfCallee().params.length);
        this.#leave();
        return;
      case 0x13: // return_call_indirect
        this.#pop(1 + this.#typeAt(cursor.imm0).params.length);
        this.#leave();
        return;
      default:
        cursor.fail('an instruction whose effect on the stack is known', `opcode 0x${cursor.opcode.toString(16)}`);
    }
  }

  #push(value?: number): void {
    if (!this.#stack.push(this.cursor.offset, value)) this.cursor.fail('a stack that fits', 'too many operands');
  }

  /** @returns whether all `count` operands were really there, not made up by unreachable code. */
  #pop(count: number): boolean {
    const { height, unreachable } = this.#frame;
    if (this.#stack.height - count >= height) {
      this.#stack.height -= count;
      return true;
    }
    if (!unreachable) this.cursor.fail(`${count} operands`, `${this.#stack.height - height}`);
    this.#stack.height = height;
    return false;
  }

  #binary(slot: number): void {
    const left = this.operandConstant(1);
    const right = this.operandConstant(0);
    const value = left === undefined || right === undefined ? undefined : foldI32(slot, left, right);
    this.#pop(2);
    this.#push(value);
  }

  #getLocal(index: number): void {
    this.#requireLocal(index);
    this.#push(this.#locals.get(index));
  }

  #setLocal(index: number): void {
    this.#requireLocal(index);
    this.#locals.set(index, this.operandConstant(0));
  }

  #requireLocal(index: number): void {
    if (index >= this.#locals.count) this.cursor.fail(`a local index below ${this.#locals.count}`, `${index}`);
  }

  #typeAt(index: number) {
    return (
      this.module.types[index] ?? this.cursor.fail(`a type index below ${this.module.types.length}`, `type ${index}`)
    );
  }

  #typeOfCallee() {
    const { cursor, module } = this;
    const type = module.functionTypes[cursor.imm0];
    if (type === undefined) {
      return cursor.fail(`a function index below ${module.functionTypes.length}`, `${cursor.imm0}`);
    }
    return this.#typeAt(type);
  }

  #call(type: { params: { length: number }; results: { length: number } }): void {
    this.#pop(type.params.length);
    for (let i = type.results.length; i > 0; i--) this.#push();
  }

  #open(opener: number): void {
    if (opener === 0x04) this.#pop(1);
    const blockType = this.cursor.imm0;
    const type = blockType >= 0 ? this.#typeAt(blockType) : undefined;
    const params = type?.params.length ?? 0;
    const results = type?.results.length ?? (blockType === EMPTY_BLOCK_TYPE ? 0 : 1);
    const whole = this.#pop(params);
    this.#frame = { opener, height: this.#stack.height, params, results, unreachable: false, entered: this.reachable };
    this.#frames.push(this.#frame);
    // Parameters of a block are the operands that were there. Those of a loop may come from its end too.
    if (whole && opener !== 0x03) this.#stack.height += params;
    else for (let i = 0; i < params; i++) this.#push();
    if (opener === 0x03) this.#locals.forget();
  }

  #else(): void {
    const frame = this.#frame;
    if (frame.opener !== 0x04) this.cursor.fail('else after an open if', 'else without one');
    this.#requireResults();
    frame.opener = 0x05;
    frame.unreachable = false;
    this.#stack.height = frame.height;
    for (let i = 0; i < frame.params; i++) this.#push();
    this.#locals.forget();
  }

  #end(): void {
    const frame = this.#frame;
    this.#requireResults();
    if (frame.opener === 0x04 && frame.params !== frame.results)
      this.cursor.fail('else', 'the end of an if with results');
    this.#frames.pop();
    this.#stack.height = frame.height;
    this.#locals.forget();
    const outer = this.#frames.at(-1);
    if (!outer) return;
    this.#frame = outer;
    for (let i = 0; i < frame.results; i++) this.#push();
  }

  /** The frame ends with exactly its results on the stack, or fewer in unreachable code. */
  #requireResults(): void {
    const { height, results, unreachable } = this.#frame;
    const found = this.#stack.height - height;
    if (found > results || (found < results && !unreachable)) {
      this.cursor.fail(`${results} results of the block`, `${found}`);
    }
  }

  /** After this instruction nothing follows: the rest of the frame is unreachable and its operands come from nowhere. */
  #leave(): void {
    this.#frame.unreachable = true;
    this.#stack.height = this.#frame.height;
  }
}
