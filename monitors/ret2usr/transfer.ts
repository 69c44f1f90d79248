// Who transferred: found in what the transfer left behind. A call left its return address, a return and an IRET what they took from the
// stack, a gate what the CPU pushed, and registers still hold what an indirect transfer took its target from.
import { type Machine, type VirtAddr, virt, x86 } from '../../emulator/index.ts';
import { type Gate, gatesTo } from './gates.ts';
import { indirectTarget } from './operand.ts';

/** How control came. */
export type TransferKind = 'call' | 'jump' | 'return' | 'iret' | 'interrupt' | 'call-gate' | 'sysenter' | 'unknown';

/** A transfer of control. */
export interface Transfer {
  readonly kind: TransferKind;
  /** The instruction that transferred; undefined where it left no trace. */
  readonly from: VirtAddr | undefined;
  /** Its text. */
  readonly instruction: string | undefined;
  /** Of a gate in the IDT. */
  readonly vector?: number;
  /** Of a gate in the GDT. */
  readonly selector?: number;
  /** The calls on the stack that have not returned, innermost first: who led there. */
  readonly path: readonly VirtAddr[];
}

/** Code as it can be asked for. */
export interface CodeReader {
  readonly machine: Machine;
  readonly decoder: x86.InstructionDecoder;
  /** Whether an address may be the kernel's code. */
  readonly isKernel: (address: VirtAddr) => boolean;
}

const LONGEST_CALL = 7;
const LONGEST_INSTRUCTION = 15;
/** Instructions of a function that are looked through for a jump out of it. */
const LONGEST_WAY = 64;
/** Words of the stack that are looked through for return addresses, and most that are given. */
const STACK_WORDS = 96;
const MOST_CALLS = 8;
const RPL = 3;
/** Bit 1 of EFLAGS is always set, bits 3, 5 and 15 never are (SDM vol. 1, 3.4.3). */
const [FLAGS_FIXED, FLAGS_SET] = [0x802a, 2];

type Decoded = x86.DecodedInstruction;

/** The instruction at an address. */
export function instructionAt({ machine, decoder }: CodeReader, address: VirtAddr): Decoded | undefined {
  for (const length of [LONGEST_INSTRUCTION, 0x1000 - (address & 0xfff)]) {
    const bytes = machine.memory.read(address, Math.min(length, LONGEST_INSTRUCTION));
    if (!(bytes instanceof Uint8Array)) continue;
    const found = decoder.decodeAt(bytes, address);
    return found.kind === 'instruction' ? found : undefined;
  }
  return undefined;
}

/** Calls that end at an address: bytes can be read as more than one. */
function callsBefore(code: CodeReader, address: VirtAddr): Decoded[] {
  const found: Decoded[] = [];
  for (let length = 2; length <= LONGEST_CALL; length++) {
    const one = instructionAt(code, virt(address - length));
    if (one?.length === length && one.mnemonic.startsWith('call')) found.push(one);
  }
  return found;
}

/** The indirect jump in a function that leads to the target, with registers as they are: a thunk, or a call in tail position. */
function jumpFrom(code: CodeReader, start: VirtAddr, target: VirtAddr): Decoded | undefined {
  const pending = [start];
  const known = new Set<number>();
  for (let at = pending.pop(); at !== undefined && known.size < LONGEST_WAY; at = pending.pop()) {
    if (known.has(at)) continue;
    known.add(at);
    const one = instructionAt(code, at);
    if (!one) continue;
    if (one.flow === 'indirect-jump' && indirectTarget(code.machine, one.text, 0) === target) return one;
    if (one.flow === 'jump' && one.target === target) return one;
    if (one.target !== undefined && (one.flow === 'jump' || one.flow === 'conditional-jump')) pending.push(one.target);
    if (one.flow === 'next' || one.flow === 'conditional-jump' || one.flow.endsWith('call'))
      pending.push(virt(at + one.length));
  }
  return undefined;
}

const stackWord = ({ machine }: CodeReader, offset: number): number | undefined =>
  machine.memory.readWord(virt(machine.cpu.esp + offset));

/** Finds how control came to `target`, whose first instruction has not begun. */
export function findTransfer(code: CodeReader, target: VirtAddr): Transfer {
  const path = callPath(code);
  const none = { from: undefined, instruction: undefined, path };
  for (const gate of gatesTo(code.machine, target)) {
    const found = throughGate(code, gate);
    if (found) return { ...none, ...found };
  }
  const called = byCall(code, target);
  if (called) return { ...none, kind: called.flow.endsWith('call') ? 'call' : 'jump', ...place(called) };
  // What was taken from the stack is still there, below ESP.
  if (stackWord(code, -12) === target && isFrame(stackWord(code, -8), stackWord(code, -4)))
    return { ...none, kind: 'iret' };
  if (stackWord(code, -4) === target) return { ...none, kind: 'return' };
  return { ...none, kind: 'unknown' };
}

const place = ({ address, text }: Decoded) => ({ from: address, instruction: text });

/** Whether two words may be the selector and the flags of a frame of CPL 0. */
const isFrame = (selector: number | undefined, flags: number | undefined): boolean =>
  selector !== undefined && flags !== undefined && (selector & RPL) === 0 && (flags & FLAGS_FIXED) === FLAGS_SET;

function byCall(code: CodeReader, target: VirtAddr): Decoded | undefined {
  const back = stackWord(code, 0);
  if (back === undefined) return undefined;
  const calls = callsBefore(code, virt(back));
  for (const call of calls)
    if (call.target === target || indirectTarget(code.machine, call.text, 4) === target) return call;
  for (const call of calls) {
    const start = call.target ?? indirectTarget(code.machine, call.text, 4);
    const jump = start === undefined ? undefined : jumpFrom(code, start, target);
    if (jump) return jump;
  }
  return undefined;
}

/** What the CPU pushes when it goes through a gate is EIP and CS, before them perhaps an error code. */
function throughGate(code: CodeReader, gate: Gate): Omit<Transfer, 'path'> | undefined {
  // SYSENTER pushes nothing, and so does not tell where from.
  if (gate.kind === 'sysenter') return { kind: 'sysenter', from: undefined, instruction: undefined };
  const coded = gate.kind === 'idt' && x86.EXCEPTIONS[gate.vector]?.hasErrorCode ? 4 : 0;
  const eip = stackWord(code, coded);
  const selector = stackWord(code, coded + 4);
  if (eip === undefined || selector === undefined || selector > 0xffff) return undefined;
  if (gate.kind === 'gdt') {
    const call = callsBefore(code, virt(eip)).find(({ text }) => text.includes('far'));
    if (!call && (selector & RPL) === 0) return undefined;
    return {
      kind: 'call-gate',
      from: undefined,
      instruction: undefined,
      ...(call && place(call)),
      selector: gate.selector,
    };
  }
  const before = instructionAt(code, virt(eip - 2));
  const software = before?.text === `int 0x${gate.vector.toString(16)}` ? before : instructionAt(code, virt(eip));
  return {
    kind: 'interrupt',
    from: virt(eip),
    instruction: undefined,
    ...(software && place(software)),
    vector: gate.vector,
  };
}

function callPath(code: CodeReader): VirtAddr[] {
  const path: VirtAddr[] = [];
  for (let word = 0; word < STACK_WORDS && path.length < MOST_CALLS; word++) {
    const back = stackWord(code, 4 * word);
    if (back === undefined) break;
    if (!code.isKernel(virt(back))) continue;
    const [call] = callsBefore(code, virt(back));
    if (call) path.push(call.address);
  }
  return path;
}
