// The frame table: what each guest-physical frame is used for, and how many entries of the soft TLB grant which right to it.
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
/** Walks that went through it as a table. */
const WALKS: usize = 12;

/** Bits of FLAGS. */
export const PROTECTED_WHOLE: i32 = 1;
export const PROTECTED_PART: i32 = 2;

/**
 * A table that nothing walked through while it was written this often is taken for a page of data again, until the next walk: kernels clear and reuse
 * such pages, and each observed write costs.
 */
const FORGET_AFTER: i32 = 256;

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
  setPages(page, page + 1, OWNER.GUEST_RAM, right);
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
  store<u32>(record, load<u32>(record, WALKS) + 1, WALKS);
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

// @ts-ignore: decorator
@inline
function add(record: i32, field: usize, by: i32): void {
  store<u16>(record + i32(field), i32(load<u16>(record + i32(field))) + by);
}

/** Counts an entry of the soft TLB, or takes it back. `word` is valid and names RAM. */
function count(page: u32, word: i32, by: i32): void {
  const physical = ((u32(word) ^ (page << 12)) & 0xfffff000) - ramBase;
  if (physical >= ramSize) return;
  const record = frameRecord(physical >> 12);
  const writable = (word & TLB.READ_ONLY) == 0;
  add(record, KERNEL_READ, by);
  if (writable) add(record, KERNEL_WRITE, by);
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

/** An entry of the soft TLB changes. */
export function remap(page: u32, old: i32, word: i32): void {
  if (counts(old)) count(page, old, -1);
  if (counts(word)) count(page, word, 1);
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
