// Facts about every opcode: name, signature, immediates, and how it touches memory. Looked up by opcode, or by the dense
// "slot" that the decoder computes, in flat arrays for the hot paths.
import { FORM, type ImmediateForm, type OpcodeGroup } from './opcode-groups.ts';
import { ATOMIC_OPCODES } from './opcodes-atomic.ts';
import { CORE_OPCODES } from './opcodes-core.ts';
import { SIMD_OPCODES } from './opcodes-simd.ts';
import type { ValueType } from './value-types.ts';

/** How an instruction touches linear memory: `both` reads and writes one place atomically, `bulk` ones take a length operand. */
export type MemoryAccess = 'none' | 'load' | 'store' | 'both' | 'bulk store' | 'bulk copy';

/** What is known of one opcode. Prefixed opcodes are numbered 0xFC00 + n, 0xFD000 + n (SIMD) and 0xFE00 + n (atomics). */
export type OpcodeFacts = Readonly<{
  opcode: number;
  /** The name in the text format; `select_typed` for the select with a type list. */
  name: string;
  /** Operand types in push order; undefined where they depend on the immediates or the stack. `funcref` stands for any reference. */
  operands: readonly ValueType[] | undefined;
  results: readonly ValueType[] | undefined;
  immediates: ImmediateForm;
  access: MemoryAccess;
  /** Bytes of memory touched; 0 for none and for bulk instructions. */
  width: number;
}>;

const LETTERS: Readonly<Record<string, ValueType>> = {
  i: 'i32',
  I: 'i64',
  f: 'f32',
  F: 'f64',
  v: 'v128',
  r: 'funcref',
};

const TYPE_BYTES: Readonly<Record<string, number>> = { i32: 4, i64: 8, f32: 4, f64: 8, v128: 16 };

const typesOf = (letters: string): readonly ValueType[] =>
  Object.freeze([...letters].map((letter) => LETTERS[letter]!));

function accessOf(name: string): MemoryAccess {
  if (name === 'memory.fill' || name === 'memory.init') return 'bulk store';
  if (name === 'memory.copy') return 'bulk copy';
  if (name.includes('.rmw')) return 'both';
  if (/^\w+\.(atomic\.)?store/.test(name)) return 'store';
  return /^\w+\.(atomic\.)?load/.test(name) || name.startsWith('memory.atomic.wait') ? 'load' : 'none';
}

/** Bytes touched, as the name tells: `i64.store32` 4, `v128.load8x8_s` 8 (8 lanes of 8 bits), `f64.load` 8. */
function widthOf(name: string, access: MemoryAccess): number {
  if (access === 'none' || access.startsWith('bulk')) return 0;
  if (name.startsWith('memory.atomic.wait')) return name.endsWith('64') ? 8 : 4;
  const bits = /(?:load|store|rmw)(\d+)(?:x(\d+))?/.exec(name);
  if (!bits) return TYPE_BYTES[name.slice(0, name.indexOf('.'))]!;
  return (Number(bits[1]) * Number(bits[2] ?? 1)) / 8;
}

function* expand(groups: readonly OpcodeGroup[]): Generator<OpcodeFacts> {
  for (const [first, signature, immediates, names] of groups) {
    const [operands, results] = signature === '?' ? [] : signature.split(':').map(typesOf);
    for (const [index, name] of names.split(' ').entries()) {
      const access = accessOf(name);
      const width = widthOf(name, access);
      yield Object.freeze({ opcode: first + index, name, operands, results, immediates, access, width });
    }
  }
}

/** Slots there are: 0x000 one-byte opcodes, 0x100 those after 0xFC, 0x200 after 0xFE, 0x300 after 0xFD. */
const SLOT_COUNT = 0x500;
/** The first slot of each prefix and the number of opcodes it has room for. */
export const PREFIX_SLOTS: Readonly<Record<number, Readonly<{ slot: number; room: number; opcode: number }>>> = {
  252: { slot: 0x100, room: 0x100, opcode: 0xfc00 },
  253: { slot: 0x300, room: 0x200, opcode: 0xfd000 },
  254: { slot: 0x200, room: 0x100, opcode: 0xfe00 },
};

/** The dense index of an opcode; -1 for a number that no opcode can have. */
export function slotOf(opcode: number): number {
  if (opcode < 0x100) return opcode;
  const prefix = opcode >= 0xfd000 ? 0xfd : opcode >> 8;
  const range = PREFIX_SLOTS[prefix];
  const index = opcode - (range?.opcode ?? 0);
  return range && index < range.room ? range.slot + index : -1;
}

const factsBySlot: (OpcodeFacts | undefined)[] = new Array(SLOT_COUNT).fill(undefined);
for (const groups of [CORE_OPCODES, SIMD_OPCODES, ATOMIC_OPCODES]) {
  for (const facts of expand(groups)) factsBySlot[slotOf(facts.opcode)] = facts;
}

/** The facts of an opcode; undefined when there is no such instruction. */
export const opcodeFacts = (opcode: number): OpcodeFacts | undefined => factsBySlot[slotOf(opcode)];

/** The facts of every instruction known, one-byte opcodes first. */
export const allOpcodes = (): readonly OpcodeFacts[] => factsBySlot.filter((facts) => facts !== undefined);

const WRITING: readonly MemoryAccess[] = ['store', 'both', 'bulk store', 'bulk copy'];
const READING: readonly MemoryAccess[] = ['load', 'both', 'bulk copy'];

/** No such instruction. */
export const NO_FORM = 0xff;
/** A count of operands or results that depends on the immediates or the stack. */
export const VARIABLE = 0xff;

const flat = (of: (facts: OpcodeFacts) => number, absent: number): ArrayLike<number> =>
  Uint8Array.from(factsBySlot, (facts) => (facts ? of(facts) : absent));

/** Form of the immediates, by slot. */
export const formBySlot = flat((facts) => FORM[facts.immediates], NO_FORM);
/** Operands taken, by slot. */
export const popsBySlot = flat((facts) => facts.operands?.length ?? VARIABLE, VARIABLE);
/** Results left, by slot. */
export const pushesBySlot = flat((facts) => facts.results?.length ?? VARIABLE, VARIABLE);
/** 1 where memory is written, by slot. */
export const storesBySlot = flat((facts) => Number(WRITING.includes(facts.access)), 0);
/** 1 where memory is read, by slot. */
export const loadsBySlot = flat((facts) => Number(READING.includes(facts.access)), 0);

/** Whether the instruction writes linear memory: plain, lane, atomic and bulk stores. */
export const isStore = (opcode: number): boolean => storesBySlot[slotOf(opcode)] === 1;

/** Whether the instruction reads linear memory. */
export const isLoad = (opcode: number): boolean => loadsBySlot[slotOf(opcode)] === 1;

/** Bytes of memory one execution touches; 0 for bulk instructions and those without memory. */
export const accessWidth = (opcode: number): number => opcodeFacts(opcode)?.width ?? 0;

/** The type of the value a (non-bulk) store takes from the top of the stack. */
export const storeValueType = (opcode: number): ValueType | undefined =>
  isStore(opcode) ? opcodeFacts(opcode)?.operands?.at(-1) : undefined;

/** The name of an opcode in the text format. */
export const opcodeName = (opcode: number): string =>
  opcodeFacts(opcode)?.name ?? `unknown opcode 0x${opcode.toString(16)}`;
