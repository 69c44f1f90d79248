// The audit log: append-only, each record chained to all before it. JavaScript drains it; a full log stops the machine.
import { INSTRUCTIONS, LIVE_INSTRUCTIONS } from "./facts";
import { FAILURE, KIND } from "./kinds";
import { base, FIRST_DIGEST, LOG, LOG_RECORDS, MESSAGE, RECORD_SIZE } from "./layout";
import { digestWord, hashMessage } from "./sha256";

// @ts-ignore: decorator
@external("edm", "fail")
declare function failure(reason: i32, a: i32, b: i32): void;

/** Records ever written, and ever drained. */
let written: u32 = 0;
let drained: u32 = 0;
/** Instructions modulo 2^32 when last looked, and how often they have wrapped. */
let lastInstructions: u32 = 0;
let wraps: u32 = 0;
/** Set once EDM has failed: nothing goes on after that. */
let failed: i32 = 0;
let failedA: i32 = 0;
let failedB: i32 = 0;

/** Stops the machine for good: what JavaScript throws unwinds v86. It never returns. */
export function fail(reason: i32, a: i32, b: i32): void {
  if (failed == 0) {
    failed = reason;
    failedA = a;
    failedB = b;
  }
  failure(reason, a, b);
  unreachable();
}

/** Fails again, if EDM has failed: the guest never runs after that. */
export function failAgain(): void {
  if (failed != 0) fail(failed, failedA, failedB);
}

/** Instructions since power-on: to be asked at least every 2^32 of them. */
export function now(): u64 {
  const count = load<u32>(INSTRUCTIONS) + load<u32>(LIVE_INSTRUCTIONS);
  // Counters are v86's words: a wolf may turn them back, but the order of the records is their number's.
  if (count < lastInstructions && lastInstructions - count > 0x80000000) wraps++;
  lastInstructions = count;
  return (u64(wraps) << 32) | u64(count);
}

/** Appends a record. The digest so far is taken from globals, so that changing EDM's pages can't hide a change of the log. */
export function record(kind: i32, a: i32, b: i32, c: i32, site: i32): void {
  if (written - drained >= u32(LOG_RECORDS)) fail(FAILURE.LOG_FULL, LOG_RECORDS, site);
  const message = base + MESSAGE;
  if (written == 0) memory.copy(message, base + FIRST_DIGEST, 32);
  else for (let i = 0; i < 8; i++) store<u32>(message + 4 * i, bswap(digestWord(i)));
  const data = message + 32;
  store<u32>(data, written);
  store<i32>(data + 4, kind);
  store<i32>(data + 8, a);
  store<i32>(data + 12, b);
  store<i32>(data + 16, c);
  store<i32>(data + 20, site);
  store<u64>(data + 24, now());
  const to = base + LOG + i32(written % u32(LOG_RECORDS)) * RECORD_SIZE;
  memory.copy(to, data, 32);
  hashMessage(to + 32);
  written++;
}

/** Alarms since power-on. */
let alarmed: u32 = 0;

export function alarm(kind: i32, address: i32, detail: i32, site: i32): void {
  alarmed++;
  record(kind, address, detail, 0, site);
}

export function alarms(): u32 {
  return alarmed;
}

export function logWritten(): u32 {
  return written;
}

export function logDrained(): u32 {
  return drained;
}

/** JavaScript has taken the records before `upTo`. */
export function drain(upTo: u32): void {
  if (upTo < drained || upTo > written) fail(FAILURE.BAD_DRAIN, upTo, written);
  drained = upTo;
}

/** A word of the digest of the last record. */
export function head(index: i32): i32 {
  return written == 0 ? load<i32>(base + FIRST_DIGEST + 4 * index) : i32(bswap(digestWord(index)));
}

/** What JavaScript puts on record: kinds of modules, policies, locks. */
export function note(kind: i32, a: i32, b: i32, c: i32): void {
  record(kind, a, b, c, -1);
}

/** What JavaScript raises an alarm about. */
export function raise(kind: i32, address: i32, detail: i32, site: i32): void {
  if (kind < KIND.FIRST_ALARM) unreachable();
  alarm(kind, address, detail, site);
}
