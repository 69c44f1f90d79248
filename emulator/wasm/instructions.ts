// A streaming decoder of function bodies (WebAssembly core specification 5.4). One cursor decodes any number of bodies and
// allocates nothing per instruction: what was decoded is in the cursor's fields until the next step.
import { ByteReader } from './byte-reader.ts';
import { readS32, readS33, readS64, readU32, skipS64 } from './leb128.ts';
import { countLocals, readLocals, readValueType } from './locals.ts';
import type { WasmModule } from './module.ts';
import { FORM } from './opcode-groups.ts';
import { formBySlot, PREFIX_SLOTS } from './opcodes.ts';

/** The block type of a block without parameters and results, as `imm0` shows it. Other negative values are a value type's code - 128. */
export const EMPTY_BLOCK_TYPE = -64;

const OP_BLOCK = 0x02;
const OP_IF = 0x04;
const OP_END = 0x0b;
/** An alignment exponent from here on is a flag of the multi-memory or memory64 proposals. */
const ALIGN_LIMIT = 32;

/**
 * Steps through the instructions of a body. After `next()` returned true, the fields describe one instruction; fields that
 * its form of immediates does not use keep an older value.
 */
export class InstructionCursor {
  /** Absolute byte offset of the instruction. */
  offset = 0;
  /** One past its last byte. */
  end = 0;
  /** The opcode; prefixed ones as 0xFC00 + n, 0xFD000 + n, 0xFE00 + n. */
  opcode = 0;
  /** The dense index of the opcode in the flat tables of opcodes.ts. */
  slot = 0;
  /** Absolute byte offset of the first immediate: where float and v128 constants, lanes of a shuffle and label tables lie. */
  immOffset = 0;
  /** An index, an i32 constant, a block type (signed), the number of labels before the default, or a lane without memory. */
  imm0 = 0;
  /** The second index, as in `call_indirect type table`. */
  imm1 = 0;
  /** Alignment exponent of a memory access. */
  align = 0;
  /** Static offset of a memory access: bytes, unsigned 32 bits. */
  memOffset = 0;
  /** Lane of a lane load or store. */
  lane = 0;
  /** Blocks open after this instruction, the body itself included: 0 after its last `end`. */
  depth = 0;

  readonly #reader: ByteReader;

  constructor(bytes: Uint8Array, source: string) {
    this.#reader = new ByteReader(bytes, source);
  }

  /** Goes before the first instruction of an expression that lies in bytes `start` to `end` and fills them. */
  enter(start: number, end: number): void {
    this.#reader.offset = start;
    this.#reader.end = end;
    this.offset = start;
    this.end = start;
    this.depth = 1;
  }

  /**
   * Goes before the first instruction of a function of the module that this cursor reads.
   * @returns the number of locals, parameters not included.
   */
  enterFunction(module: WasmModule, functionIndex: number): number {
    const body = module.code[functionIndex - module.importedFunctionCount];
    if (!body) this.#reader.fail('a function with a body', `function index ${functionIndex}`, 0);
    return this.enterBody(body.start, body.end);
  }

  /**
   * Goes before the first instruction of a function body, past its declaration of locals.
   * @returns the number of locals, parameters not included.
   */
  enterBody(start: number, end: number): number {
    this.enter(start, end);
    const locals = countLocals(readLocals(this.#reader));
    this.enter(this.#reader.offset, end);
    return locals;
  }

  /**
   * Decodes the next instruction. @returns false after the last one.
   * @throws WasmFormatError when it is cut short, unknown, or when the body ends too early or too late.
   */
  next(): boolean {
    const reader = this.#reader;
    const start = reader.offset;
    if (start >= reader.end) {
      if (this.depth !== 0) reader.fail(`the end of ${this.depth} open blocks`, 'the end of the function body');
      return false;
    }
    if (this.depth === 0) reader.fail('the end of the function body after its last `end`', 'more instructions');
    this.offset = start;
    const first = reader.bytes[start]!;
    reader.offset = start + 1;
    if (first < 0xfc) {
      this.opcode = first;
      this.slot = first;
    } else this.#prefixed(first);
    this.immOffset = reader.offset;
    this.#immediates();
    this.end = reader.offset;
    if (first >= OP_BLOCK && first <= OP_IF) this.depth++;
    else if (first === OP_END) this.depth--;
    return true;
  }

  /** The value of the `i64.const` at hand. */
  i64Constant(): bigint {
    const { bytes, source } = this.#reader;
    return readS64(new ByteReader(bytes, source, this.immOffset, this.end), 'an i64 constant');
  }

  /** @throws WasmFormatError about the instruction at hand, always. */
  fail(expected: string, found: string): never {
    return this.#reader.fail(expected, found, this.offset);
  }

  #prefixed(prefix: number): void {
    const range = PREFIX_SLOTS[prefix];
    if (!range) this.fail('an instruction', `opcode 0x${prefix.toString(16)}`);
    const index = readU32(this.#reader, 'the opcode after a prefix');
    if (index >= range.room) this.fail('an instruction', `opcode 0x${prefix.toString(16)} ${index}`);
    this.opcode = range.opcode + index;
    this.slot = range.slot + index;
  }

  #immediates(): void {
    const reader = this.#reader;
    // Most frequent forms first.
    switch (formBySlot[this.slot]) {
      case FORM.none:
        return;
      case FORM.index:
        this.imm0 = readU32(reader, 'an index');
        return;
      case FORM.memory:
        this.#memoryArgument();
        return;
      case FORM.i32:
        this.imm0 = readS32(reader, 'an i32 constant');
        return;
      case FORM['block type']:
        this.imm0 = readS33(reader, 'a block type');
        return;
      case FORM.i64:
        skipS64(reader, 'an i64 constant');
        return;
      case FORM['two indices']:
        this.imm0 = readU32(reader, 'an index');
        this.imm1 = readU32(reader, 'an index');
        return;
      case FORM['label table']:
        this.imm0 = readU32(reader, 'the number of labels');
        this.immOffset = reader.offset;
        if (this.imm0 >= reader.remaining)
          this.fail(`${this.imm0} labels and a default`, `${reader.remaining} bytes left`);
        for (let i = 0; i <= this.imm0; i++) readU32(reader, 'a label');
        return;
      case FORM['memory and lane']:
        this.#memoryArgument();
        this.lane = reader.u8('a lane');
        return;
      case FORM.lane:
        this.imm0 = reader.u8('a lane');
        return;
      case FORM['4 bytes']:
        reader.skip(4, 'a constant');
        return;
      case FORM['8 bytes']:
        reader.skip(8, 'a constant');
        return;
      case FORM['16 bytes']:
        reader.skip(16, 'a constant');
        return;
      case FORM['type list']:
        this.imm0 = readU32(reader, 'the number of types');
        if (this.imm0 !== 1) this.fail('a select with one type', `${this.imm0} types`);
        readValueType(reader);
        return;
      case FORM['reference type']:
        this.imm0 = reader.u8('a reference type');
        return;
      default:
        this.fail('an instruction', `opcode 0x${this.opcode.toString(16)}`);
    }
  }

  #memoryArgument(): void {
    this.align = readU32(this.#reader, 'an alignment');
    if (this.align >= ALIGN_LIMIT)
      this.fail('a memory access of memory 0 with 32-bit addresses', `flags ${this.align}`);
    this.memOffset = readU32(this.#reader, 'a memory offset');
  }
}
