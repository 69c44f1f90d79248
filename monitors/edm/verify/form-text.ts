// The accepted forms in words: a store behind a guard, a bulk operation behind the gate's leave, and two ways to write through the soft TLB in compiled code.
// Why each is sound is said in `forms.ts`, which matches them.
import { ASK_BITS, FAST_ENTRY, GATE_SLOT, TLB_RANGE } from '../facts.ts';
import { encoded } from './numbers.ts';

/** A form: bytes, and what stands for others, below zero. */
export type Form = readonly number[];

/**
 * What stands in a form, negative, for other bytes. Numbers: wherever a form names one again, it is the same. Those below `address` are operands of
 * `i32.const`, the others indices, `ledger` and `gate` EDM's. Stores, from `guarded` on: as wide and at the offset that a guard asked about, to a constant
 * safe address, of what an entry was asked for, or of half of that. `optional` - n: n parts follow that may be missing.
 */
export const PART = {
  ...{ offset: 1, width: 2, site: 3, first: 4, range: 5, mask: 6, last: 7, where: 8, note: 9 },
  ...{ address: 10, value: 11, high: 12, length: 13, segment: 14, ledger: 15, gate: 16 },
  ...{ type: 17, entry: 18, other: 19, noted: 20, slow: 21, leave: 22, place: 23 },
  ...{ guarded: 50, safe: 51, written: 52, lower: 53, upper: 54, optional: 100 },
} as const;

const MNEMONICS = new Map(
  (
    'block 02 if 04 end 0b br_if 0d call 10 call_indirect 11 local.get 20 local.tee 22 global.get 23 i32.load 28 i32.load16_u 2f void 40 ' +
    'i32.const 41 i32.eqz 45 i32.eq 46 i32.gt_u 4b i32.le_s 4c i32.add 6a i32.sub 6b i32.and 71 i32.xor 73 i32.shl 74 i32.shr_u 76 ' +
    'memory.init fc,08 memory.copy fc,0a memory.fill fc,0b'
  )
    .match(/\S+ \S+/g)!
    .map((pair) => pair.split(' ') as [string, string]),
);

/** Reads mnemonics with their numbers, and what stands for others, as `$address`. */
const read = (text: string): number[] =>
  [...text.matchAll(/(i32.const )?(-?\d+)(?!\S)|\S+/g)].flatMap(([word, isSigned, number]) => {
    if (number) return [...(isSigned ? [0x41] : []), ...encoded(Number(number), isSigned !== undefined)];
    const opcode = MNEMONICS.get(word)?.split(',');
    return opcode?.map((byte) => Number.parseInt(byte, 16)) ?? [-PART[word.slice(1) as keyof typeof PART]];
  });

/** Reads a form, with [ what may be missing ]. */
const form = (text: string): Form =>
  text.split(/[[\]]/).flatMap((part, i) => {
    const parts = read(part);
    return i % 2 === 0 ? parts : [-PART.optional - parts.length, ...parts];
  });

// The 16-bit load asks about the page of the address and about the one behind it: no store is wider than 16 bytes. Where address + offset reaches 2^32,
// what is asked is of no use, but the engine adds them in 33 bits and traps before it writes. What begins in a range that is safe needs no look at the ledger.
const ASKS = [
  'i32.const $first i32.sub i32.const $range i32.gt_u',
  `i32.const 12 i32.shr_u global.get $ledger i32.add i32.load16_u 0 0 i32.const ${ASK_BITS} i32.and`,
];
const ADDRESSES = ['local.get $address', 'local.get $address i32.const $offset i32.add'];
const CHECK = `i32.const 0 i32.const $site i32.const ${GATE_SLOT.check} call_indirect $type $gate i32.eqz`;
const guard = (asks: string, ea: string): string => `block void ${ea} ${asks}
  if void ${ea} i32.const $width ${CHECK} br_if 1 end local.get $address local.get $value $guarded end`;

// The engine checks the whole range of a bulk operation before it writes the first byte.
const BULKS = ['memory.fill 0', 'memory.copy 0 0', 'memory.init $segment 0'];
const leave = (bulk: string): string => `block void local.get $address local.get $length ${CHECK} br_if 0
  local.get $address local.get $value local.get $length ${bulk} end`;

export const GUARDS = [...ASKS.flatMap((asks) => ADDRESSES.map((ea) => guard(asks, ea))), ...BULKS.map(leave)].map(
  form,
);

/** Writes through the soft TLB begin with a look at the entry. */
export const LOOK_UP = form(`block void
  local.get $address i32.const 12 i32.shr_u i32.const 2 i32.shl i32.load 2 ${TLB_RANGE.from} local.tee $entry
  i32.const $mask i32.and i32.const ${FAST_ENTRY.value} i32.eq [ local.get $address i32.const 4095 i32.and i32.const $last i32.le_s i32.and ]`);
const ASK = 'br_if 0 local.get $address';
const SLOW_WAY = `i32.const $where [ i32.const $note local.get $noted $safe ] call $slow
  local.tee $entry i32.const 1 i32.and br_if $leave end local.get $entry i32.const -4096 i32.and local.get $address i32.xor`;
export const READ_WRITE = form(`local.tee $other ${ASK} ${SLOW_WAY} local.tee $place`);
export const SOFT_TLB: readonly Form[] = [
  READ_WRITE,
  form(`${ASK} local.get $value ${SLOW_WAY} local.get $value $written`),
  form(`${ASK} local.get $value local.get $high ${SLOW_WAY}
    local.tee $place local.get $value $lower local.get $place local.get $high $upper`),
];
