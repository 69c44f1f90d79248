// Policy "transitions": CPL falls only through a gate that the guest's own tables name, and privileged registers change only when the guest's
// instruction says so. Evidence is what EDM reads itself: the instruction's bytes, the IDT, the GDT, the MSRs. Intel SDM vol. 3, 5.8 and 6.12.
import { CPL, CR0, CR3, CR4, EAX, ECX, GDTR, IDTR, PREVIOUS_EIP, SYSENTER, TR_BASE, TR_SELECTOR } from "../../assembly/facts";
import { KIND } from "../../assembly/kinds";
import { alarm } from "../../assembly/log";
import { phase } from "../../assembly/policy";
import { peek32, peek8 } from "../../assembly/walker";

const TASK_SWITCHED: i32 = 8;
const PG_WP_PE: i32 = i32(0x80010001);

/** Vector on its way to the CPU, as the hook in front of v86's delivery named it; -1 for none. */
let vector: i32 = -1;
let bySoftware: bool = false;

// Bits that must stay set, registers that must stay as they are: never taken back.
let cr0Set: i32 = 0;
let cr4Set: i32 = 0;
let fixed: i32 = 0;
const FIXED_IDTR: i32 = 1, FIXED_GDTR: i32 = 2, FIXED_SYSENTER: i32 = 4, FIXED_TR: i32 = 8;

/** Locks: bits of CR0 and CR4 that may not be cleared, and registers (1 IDTR, 2 GDTR, 4 SYSENTER MSRs, 8 TR) that may not change. */
export function lock(cr0: i32, cr4: i32, registers: i32): void {
  cr0Set |= cr0;
  cr4Set |= cr4;
  fixed |= registers;
}

export function breaksLock(ea: i32, old: i32, value: i32): bool {
  if (ea == CR0) return (old & ~value & cr0Set) != 0;
  if (ea == CR4) return (old & ~value & cr4Set) != 0;
  if (fixed == 0 || old == value) return false;
  if (ea >= IDTR && ea < IDTR + 8) return (fixed & FIXED_IDTR) != 0;
  if (ea >= GDTR && ea < GDTR + 8) return (fixed & FIXED_GDTR) != 0;
  if (ea >= SYSENTER && ea < SYSENTER + 12) return (fixed & FIXED_SYSENTER) != 0;
  if (ea == TR_SELECTOR || ea == TR_BASE) return (fixed & FIXED_TR) != 0;
  return false;
}

/** Heard in front of every delivery: an interrupt, an exception, INT n. */
export function delivering(number: i32, software: bool): void {
  vector = number;
  bySoftware = software;
}

// The instruction that the guest is executing.
let first: i32 = 0;
let second: i32 = 0;
let modrm: i32 = 0;

/** Reads the opcode at the instruction's address, behind its prefixes. */
function readInstruction(): void {
  let at = load<u32>(PREVIOUS_EIP);
  for (let prefixes = 0; prefixes < 14; prefixes++, at++) {
    first = peek8(at);
    if (!isPrefix(first)) break;
  }
  second = peek8(at + 1);
  modrm = first == 0x0f ? peek8(at + 2) : second;
}

function isPrefix(byte: i32): bool {
  return byte == 0x66 || byte == 0x67 || byte == 0xf0 || byte == 0xf2 || byte == 0xf3 || (byte & 0xe7) == 0x26 || (byte & 0xfe) == 0x64;
}

// @ts-ignore: decorator
@inline
function isTwoByte(opcode: i32, extension: i32): bool {
  return first == 0x0f && second == opcode && (extension < 0 || ((modrm >> 3) & 7) == extension);
}

function register(index: i32): i32 {
  return load<i32>(EAX + ((index & 7) << 2));
}

/** A far jump, call or return, IRET or INT may switch tasks, and so may an exception through a task gate. */
function maySwitchTask(): bool {
  if (vector >= 0 && gateType(vector) == 5) return true;
  const far = first == 0xea || first == 0x9a || first == 0xcf || first == 0xcb || first == 0xca;
  return far || (first == 0xff && (((second >> 3) & 7) == 3 || ((second >> 3) & 7) == 5));
}

function gateType(number: i32): i32 {
  const high = peek32(load<u32>(IDTR + 4) + u32(number) * 8 + 4);
  return (high & 0x8000) == 0 ? -1 : (high >> 8) & 0x1f;
}

/** Whether a store to a privileged register is what the guest's instruction does; an alarm if not. */
export function mayChange(ea: i32, old: i32, value: i32, site: i32): bool {
  if (ea == CPL) return mayEnter(old, value, site);
  if (phase == 1) {
    readInstruction();
    if (isDone(ea, old, value)) return true;
  }
  alarm(KIND.STATE_WITHOUT_INSTRUCTION, ea, value, site);
  return false;
}

function isDone(ea: i32, old: i32, value: i32): bool {
  if (ea == CR0) {
    if (((old ^ value) & ~TASK_SWITCHED) == 0) return isTwoByte(0x06, -1) || isTwoByte(0x22, 0) || isTwoByte(0x01, 6) || maySwitchTask();
    return (isTwoByte(0x22, 0) && ((value ^ register(modrm)) & PG_WP_PE) == 0) || isTwoByte(0x01, 6);
  }
  if (ea == CR3) return (isTwoByte(0x22, 3) && ((value ^ register(modrm)) & ~0xfff) == 0) || maySwitchTask();
  if (ea == CR4) return isTwoByte(0x22, 4) && value == register(modrm);
  if (ea >= IDTR && ea < IDTR + 8) return isTwoByte(0x01, 3);
  if (ea >= GDTR && ea < GDTR + 8) return isTwoByte(0x01, 2);
  if (ea >= SYSENTER && ea < SYSENTER + 12)
    return isTwoByte(0x30, -1) && load<i32>(ECX) == 0x174 + ((ea - SYSENTER) >> 2) && (ea == SYSENTER || value == load<i32>(EAX));
  if (ea == TR_SELECTOR || ea == TR_BASE) return isTwoByte(0x00, 3) || maySwitchTask();
  return false;
}

/** Whether CPL may become `value`. */
function mayEnter(old: i32, value: i32, site: i32): bool {
  const number = vector;
  vector = -1;
  if (value >= old) return true;
  if (phase == 1) {
    readInstruction();
    if (number >= 0 ? namesGate(number, old, value) : bySysenterOrGate(value)) return true;
  }
  alarm(KIND.CPL_WITHOUT_GATE, load<i32>(PREVIOUS_EIP), value, site);
  return false;
}

function namesGate(number: i32, old: i32, value: i32): bool {
  const at = load<u32>(IDTR + 4) + u32(number) * 8;
  if (number * 8 + 7 > load<i32>(IDTR)) return false;
  const low = peek32(at), high = peek32(at + 4);
  if ((high & 0x8000) == 0) return false;
  const type = (high >> 8) & 0x1f;
  if (bySoftware && ((high >> 13) & 3) < old) return false;
  if (type == 5) return true;
  // 16-bit and 32-bit interrupt and trap gates.
  if ((type & 0x16) != 6) return false;
  return descriptorLevel((low >> 16) & 0xffff) == value;
}

/** DPL of a code segment that the GDT has; -1 for none. */
function descriptorLevel(selector: i32): i32 {
  // Handlers in the LDT are legal and unheard of: the level is the selector's own then.
  if ((selector & 4) != 0) return selector & 3;
  if ((selector | 7) > load<i32>(GDTR)) return -1;
  const high = peek32(load<u32>(GDTR + 4) + u32(selector & 0xfff8) + 4);
  return (high & 0x9800) == 0x9800 ? (high >> 13) & 3 : -1;
}

function bySysenterOrGate(value: i32): bool {
  if (isTwoByte(0x34, -1)) return value == 0 && (load<i32>(SYSENTER) & 0xfffc) != 0;
  return maySwitchTask();
}
