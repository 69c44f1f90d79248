// The frame table: what each guest-physical frame is used for, and how many entries of the soft TLB grant which right to it.
//
// Compiled code writes through the soft TLB without asking, where an entry allows it (`verify/form-text.ts`), as hardware does through shadow page tables. So
// entries of frames that EDM wants to be asked about are *held*: marked as if the frame had code, for then each write takes the slow way, which asks.
import { TLB_DATA } from "./facts";
import { FRAME, OWNER, RIGHT, TLB } from "./kinds";
import { ASK, pageByte, setPages } from "./ledger";
import { frameRecord, isMapped, ramBase, ramSize } from "./ram";
import { base, LEDGER } from "./layout";

// Fields of a record.
const TYPE: usize = 0;
const FLAGS: usize = 1;
/** Writes to a table since a walk last went through it. */
const WRITES: usize = 2;
/** TLB entries: reads and writes at CPL 3, reads and writes at CPL 0. */
const USER_READ: usize = 4;
const USER_WRITE: usize = 6;
const KERNEL_READ: usize = 8;
const KERNEL_WRITE: usize = 10;
const MANY: i32 = 0xffff;
/** The virtual page whose entry was the last to grant writes. */
const WRITER: usize = 12;

/** Bits of FLAGS. */
export const PROTECTED_WHOLE: i32 = 1;
export const PROTECTED_PART: i32 = 2;
/** v86 has marked its entries: it has compiled code of it. */
const HAS_CODE: i32 = 4;

/**
 * A table that nothing walked through while it was written this often is taken for a page of data again, until the next walk: kernels clear and reuse
 * such pages, and each observed write costs.
 */
const FORGET_AFTER: i32 = 64;

export function typeOf(frame: u32): i32 {
  return load<u8>(frameRecord(frame), TYPE);
}

export function flagsOf(frame: u32): i32 {
  return load<u8>(frameRecord(frame), FLAGS);
}

/** Chooses what the ledger says of a frame's page: protected frames are read-only, tables observed. */
export function settle(frame: u32): void {
  const record = frameRecord(frame);
  const type = i32(load<u8>(record, TYPE)), flags = i32(load<u8>(record, FLAGS));
  const table = type >= FRAME.TABLE && type <= FRAME.POINTERS;
  const right =
    (flags & PROTECTED_WHOLE) != 0 ? RIGHT.READ_ONLY
    : (flags & PROTECTED_PART) != 0 || table ? RIGHT.OBSERVED
    : RIGHT.WRITABLE;
  const page = (ramBase >> 12) + frame;
  const before = pageByte(page);
  setPages(page, page + 1, OWNER.GUEST_RAM, right);
  if (((before ^ pageByte(page)) & ASK) != 0 && load<u16>(record, KERNEL_WRITE) != 0) remark(frame, record);
}

/** Holds the entries that grant writes to a frame, or lets them go, after its right has changed. */
function remark(frame: u32, record: i32): void {
  const only = load<u32>(record, WRITER);
  if (load<u16>(record, KERNEL_WRITE) == 1 && leadsTo(load<i32>(entryOf(only)), only, frame)) return mark(only, frame);
  for (let page: u32 = 0; page < 1 << 20; page++)
    if (leadsTo(load<i32>(entryOf(page)), page, frame)) mark(page, frame);
}

// @ts-ignore: decorator
@inline
function entryOf(page: u32): i32 {
  return TLB_DATA + i32(page << 2);
}

/** Whether an entry grants writes to a frame. */
// @ts-ignore: decorator
@inline
function leadsTo(word: i32, page: u32, frame: u32): bool {
  return (word & (TLB.VALID | TLB.READ_ONLY | TLB.MMIO)) == TLB.VALID && ((u32(word) >> 12) ^ page) - (ramBase >> 12) == frame;
}

function mark(page: u32, frame: u32): void {
  const at = entryOf(page);
  store<i32>(at, held(load<i32>(at) & ~TLB.HAS_CODE, frame) | ((flagsOf(frame) & HAS_CODE) != 0 ? TLB.HAS_CODE : 0));
}

/** The entry as it is stored: held when EDM wants to be asked about the frame. */
// @ts-ignore: decorator
@inline
function held(word: i32, frame: u32): i32 {
  return (pageByte((ramBase >> 12) + frame) & ASK) != 0 ? word | TLB.HAS_CODE : word;
}

/** Whether v86 has compiled code of a frame. */
// @ts-ignore: decorator
@inline
export function hasCode(frame: u32): bool {
  return (flagsOf(frame) & HAS_CODE) != 0;
}

export function setFlags(frame: u32, flags: i32): void {
  store<u8>(frameRecord(frame), flags, FLAGS);
  settle(frame);
}

function setType(frame: u32, type: i32): void {
  store<u8>(frameRecord(frame), type, TYPE);
  settle(frame);
}

/** A walk went through a table. */
// @ts-ignore: decorator
@inline
export function walked(physical: u32, type: i32): void {
  if (physical >= ramSize) return;
  const record = frameRecord(physical >> 12);
  store<u16>(record, 0, WRITES);
  if (i32(load<u8>(record, TYPE)) != type) setType(physical >> 12, type);
}

/** Somebody writes to a table. */
export function tableWritten(frame: u32): void {
  const record = frameRecord(frame);
  const writes = i32(load<u16>(record, WRITES)) + 1;
  store<u16>(record, writes, WRITES);
  if (writes > FORGET_AFTER) {
    store<u16>(record, 0, WRITES);
    setType(frame, FRAME.UNKNOWN);
  }
}

/** A count that has reached its end stays there: who relies on it looks at all entries. */
// @ts-ignore: decorator
@inline
function add(record: i32, field: usize, by: i32): void {
  const count = i32(load<u16>(record + i32(field)));
  if (count != MANY) store<u16>(record + i32(field), count + by);
}

/** Counts an entry of the soft TLB, or takes it back. `word` is valid and names RAM. */
function count(page: u32, word: i32, by: i32): void {
  const physical = physicalOf(page, word);
  if (physical >= ramSize) return;
  const record = frameRecord(physical >> 12);
  const writable = (word & TLB.READ_ONLY) == 0;
  add(record, KERNEL_READ, by);
  if (writable) {
    add(record, KERNEL_WRITE, by);
    if (by > 0) store<u32>(record, page, WRITER);
  }
  if ((word & TLB.NO_USER) != 0) {
    const type = i32(load<u8>(record, TYPE));
    // v86 marks an entry when it compiles code of the frame.
    if (by > 0 && (type == FRAME.UNKNOWN || type == FRAME.KERNEL))
      store<u8>(record, (word & TLB.HAS_CODE) != 0 ? FRAME.KERNEL_CODE : FRAME.KERNEL, TYPE);
    return;
  }
  add(record, USER_READ, by);
  if (writable) add(record, USER_WRITE, by);
  if (by > 0 && i32(load<u8>(record, TYPE)) != FRAME.USER) setType(physical >> 12, FRAME.USER);
}

// @ts-ignore: decorator
@inline
function counts(word: i32): bool {
  return (word & (TLB.VALID | TLB.MMIO)) == TLB.VALID;
}

// @ts-ignore: decorator
@inline
function physicalOf(page: u32, word: i32): u32 {
  return ((u32(word) ^ (page << 12)) & 0xfffff000) - ramBase;
}

/** An entry of the soft TLB changes. @returns the entry as it is to be stored */
export function remap(page: u32, old: i32, word: i32): i32 {
  if (counts(old)) count(page, old, -1);
  if (!counts(word)) return word;
  count(page, word, 1);
  const frame = physicalOf(page, word) >> 12;
  const record = frameRecord(frame);
  const flags = i32(load<u8>(record, FLAGS));
  store<u8>(record, (word & TLB.HAS_CODE) != 0 ? flags | HAS_CODE : flags & ~HAS_CODE, FLAGS);
  return held(word, frame);
}

/** RAM was allocated: its frames are unknown, those of the VGA window no RAM at all. */
export function initialise(): void {
  for (let frame: u32 = 0; frame < ramSize >> 12; frame++) {
    const record = frameRecord(frame);
    store<u64>(record, 0);
    store<u64>(record + 8, 0);
    if (isMapped(frame << 12)) store<u8>(record, FRAME.DEVICE, TYPE);
    settle(frame);
  }
}
