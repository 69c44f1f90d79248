// What the scan of a body needs to know of each instruction, in flat arrays: made once, from the facts of the WebAssembly room.
import { wasm } from '../../../emulator/index.ts';

/** Forms of immediates. `skip` ones have a fixed number of bytes that nobody looks at. */
export const FORM = {
  none: 0,
  index: 1,
  i32: 2,
  memory: 3,
  blockType: 4,
  skip: 5,
  leb: 6,
  labels: 7,
  absent: 8,
} as const;

/** What an instruction does to the operand stack, beyond taking and leaving a fixed number. */
export const ACTION = {
  fixed: 0,
  constant: 1,
  leave: 2,
  block: 3,
  if: 4,
  else: 5,
  end: 6,
  call: 7,
  callIndirect: 8,
} as const;

/** Whether the rewriter must look at an instruction: never, always, or when it is no store that may stay. */
export const INTEREST = { none: 0, always: 1, store: 2 } as const;

/** First slots of the instructions behind each prefix, and how many there are room for. */
export const PREFIXED: Readonly<
  Record<number, { readonly slot: number; readonly room: number; readonly opcode: number }>
> = {
  252: { slot: 0x100, room: 0x40, opcode: 0xfc00 },
  253: { slot: 0x140, room: 0x140, opcode: 0xfd000 },
  254: { slot: 0x280, room: 0x80, opcode: 0xfe00 },
};

const SLOTS = 0x300;

/**
 * All that is known of an instruction in one word, by slot, so that the scan loads once: from the lowest bit on the form of its immediates (4 bits), its
 * action (4), the rewriter's interest (2), operands taken (3), results left (1), further bytes of immediates (5: those of a `skip`, the lane after a
 * memory argument, or 1 for a second index), bytes stored (5).
 */
export const infos = new Int32Array(SLOTS).fill(FORM.absent);

/** The bytes that an instruction stores. */
export const widthOf = (info: number): number => info >>> 19;
/** The rewriter's interest in an instruction. */
const interest = (info: number): number => (info >>> 8) & 3;
/** Whether an instruction is a store that the scan stops at. */
export const isStoreInfo = (info: number): boolean => interest(info) === INTEREST.store;

/** What is not in the facts because it depends on the immediates or the stack: action, operands, results. */
const VARIABLE: Readonly<Record<string, readonly [action: number, pops: number, pushes: number]>> = {
  unreachable: [ACTION.leave, 0, 0],
  block: [ACTION.block, 0, 0],
  loop: [ACTION.block, 0, 0],
  if: [ACTION.if, 1, 0],
  else: [ACTION.else, 0, 0],
  end: [ACTION.end, 0, 0],
  br: [ACTION.leave, 0, 0],
  br_if: [ACTION.fixed, 1, 0],
  br_table: [ACTION.leave, 0, 0],
  return: [ACTION.leave, 0, 0],
  call: [ACTION.call, 0, 0],
  call_indirect: [ACTION.callIndirect, 1, 0],
  return_call: [ACTION.leave, 0, 0],
  return_call_indirect: [ACTION.leave, 0, 0],
  drop: [ACTION.fixed, 1, 0],
  select: [ACTION.fixed, 3, 1],
  select_typed: [ACTION.fixed, 3, 1],
  'local.get': [ACTION.fixed, 0, 1],
  'local.set': [ACTION.fixed, 1, 0],
  // The operand stays as it is, a constant if it was one.
  'local.tee': [ACTION.fixed, 0, 0],
  'global.get': [ACTION.fixed, 0, 1],
  'global.set': [ACTION.fixed, 1, 0],
};

const FORMS: Readonly<Record<wasm.OpcodeFacts['immediates'], readonly [form: number, extra: number]>> = {
  none: [FORM.none, 0],
  index: [FORM.index, 0],
  memory: [FORM.memory, 0],
  i32: [FORM.i32, 0],
  'block type': [FORM.blockType, 0],
  i64: [FORM.leb, 0],
  'two indices': [FORM.index, 1],
  'label table': [FORM.labels, 0],
  'memory and lane': [FORM.memory, 1],
  lane: [FORM.skip, 1],
  '4 bytes': [FORM.skip, 4],
  '8 bytes': [FORM.skip, 8],
  '16 bytes': [FORM.skip, 16],
  'type list': [FORM.skip, 2],
  'reference type': [FORM.skip, 1],
};

/** Reading and writing in one, waiting and waking: no guard could stand before them. */
const isAtomicOther = (opcode: number): boolean =>
  opcode >= 0xfe00 && opcode <= 0xfe4e && opcode !== 0xfe03 && (opcode < 0xfe10 || opcode > 0xfe1d);

const ALWAYS = /^(global\.(get|set)|memory\.(grow|init|copy|fill)|table\.(set|init|copy|grow|fill))$/;
const REFUSED = /^(global\.set|table\.(set|init|copy|grow|fill))$/;

/** What VMM code has no business doing; a write to the shadow stack pointer is looked at before. */
export const isRefused = (opcode: number): boolean => isAtomicOther(opcode) || REFUSED.test(wasm.opcodeName(opcode));

function slotOf(opcode: number): number {
  if (opcode < 0x100) return opcode;
  const range = PREFIXED[opcode >= 0xfd000 ? 0xfd : opcode >> 8]!;
  return range.slot + opcode - range.opcode;
}

for (const facts of wasm.allOpcodes()) {
  const { opcode, name, immediates, access, operands, results, width } = facts;
  const [form, extra] = FORMS[immediates];
  const constant = name === 'i32.const' ? ACTION.constant : ACTION.fixed;
  const [action, pops, pushes] = VARIABLE[name] ?? [constant, operands!.length, results!.length];
  const looked = ALWAYS.test(name) || isAtomicOther(opcode) ? INTEREST.always : INTEREST.none;
  const concern = access === 'store' ? INTEREST.store : looked;
  infos[slotOf(opcode)] =
    form | (action << 4) | (concern << 8) | (pops << 10) | (pushes << 13) | (extra << 14) | (width << 19);
}

/** Whether the rewriter must look at an instruction. */
export const interestOf = (opcode: number): boolean => interest(infos[slotOf(opcode)]!) !== INTEREST.none;
