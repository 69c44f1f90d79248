// Tells the fields apart that hold ids: a thread's own, and that of its group.

import { virt } from '../../emulator/index.ts';
import type { CurrentPlace, Range } from '../parameters.ts';
import { functionsByNumber, REGISTER_NAMES, syscallWindows } from './dispatch.ts';
import { type Instruction, type KernelCode, LEAST_LONG_OFFSET } from './kernel-code.ts';
import type { Observations } from './observations.ts';
import type { Found } from './pattern.ts';
import { type IdField, idFields, placeIndex } from './structure.ts';

/** The fields that hold ids, and which is which. */
export interface Ids {
  readonly own: IdField;
  /** Where a thread takes it from the thread that creates it. */
  readonly group: IdField | undefined;
  /** The instruction that stores what was inherited. */
  readonly inheritedAt: number | undefined;
}

/** Finds the fields, or says why not. */
export function findIds({ threads, trace, code }: Observations, found: Found): Ids | { readonly reason: string } {
  if (!threads || !found.current) return { reason: 'threads were not watched' };
  const place = placeIndex(threads, found.current);
  const direct = idFields(threads, place, false);
  const behind = idFields(threads, place, true);
  if (direct.length === 0 && behind.length === 0) return { reason: 'no field has what creators of threads were told' };
  const group = groupAmong(direct, code, trace, found);
  if (group) return group;
  const alone = (own: IdField): Ids => ({ own, group: undefined, inheritedAt: undefined });
  // Where the structure of a thread points to that of its process, both may have the id: programs are told the one of the process. What is
  // surely read through a pointer counts before what looks so, and that before any read of a field at that offset.
  for (const how of ['surely', 'behind', 'anywhere'] as const) {
    const read = [...direct, ...behind].filter((field) => readByOwnCall(code, { trace, found }, field, how));
    if (read.length === 1) return alone(read[0]!);
  }
  const fields = direct.length > 0 ? direct : behind;
  if (fields.length === 1) return alone(fields[0]!);
  return { reason: `nothing tells the fields apart that have the id: ${fields.map(placeText).join(', ')}` };
}

const placeText = ({ offset, via }: IdField): string =>
  via === undefined ? `0x${offset.toString(16)}` : `0x${offset.toString(16)} behind 0x${via.toString(16)}`;

/** Of several ids in a structure, the one that threads inherit and the one that they don't. */
function groupAmong(
  fields: readonly IdField[],
  code: KernelCode,
  trace: Observations['trace'],
  { current, kernelText }: Found,
): Ids | undefined {
  if (fields.length < 2) return undefined;
  const offsets = new Set(fields.map(({ offset }) => offset));
  const seen = inheritedFields(code, trace.executed.keys(), offsets, current!);
  // The creation of a process is long: what it does in the end may not have been followed, but lies in the code.
  const [inherited, ...others] =
    seen.size > 0 || !kernelText ? seen : inheritedFields(code, usersOf(code, kernelText, offsets), offsets, current!);
  const rest = fields.filter(({ offset }) => offset !== inherited?.[0]);
  if (!inherited || others.length > 0 || rest.length !== 1) return undefined;
  const group = fields.find(({ offset }) => offset === inherited[0]);
  return { own: rest[0]!, group, inheritedAt: inherited[1] };
}

/** Addresses of instructions in a range that have one of the offsets. */
const usersOf = (code: KernelCode, text: Range, offsets: ReadonlySet<number>): number[] =>
  [...offsets]
    .filter((offset) => offset >= LEAST_LONG_OFFSET)
    .flatMap((offset) => code.withConstant(text, offset).map(({ address }) => address));

/**
 * Fields that code copies from one structure to the same field of another: what a new thread takes from its creator. Only the function
 * that fills in all of the fields is looked at: offsets mean other things elsewhere.
 */
function inheritedFields(
  code: KernelCode,
  executed: Iterable<number>,
  offsets: ReadonlySet<number>,
  current: CurrentPlace,
): Map<number, number> {
  const stores = new Map<number, { readonly range: Range; readonly offsets: Set<number> }>();
  for (const at of [...executed]) {
    const instruction = code.at(at);
    const offset = instruction ? storedOffset(instruction) : NO_OFFSET;
    const range = offsets.has(offset) ? code.functionOf(virt(at)) : undefined;
    if (!range) continue;
    const known = stores.get(range.from) ?? { range, offsets: new Set<number>() };
    stores.set(range.from, known);
    known.offsets.add(offset);
  }
  const filling = [...stores.values()].filter((one) => one.offsets.size === offsets.size);
  return new Map(filling.flatMap(({ range }) => [...copiedFields(code, range, offsets, current)]));
}

const NO_OFFSET = -1;

const storedOffset = ({ mnemonic, operands: [to, from] }: Instruction): number =>
  mnemonic === 'mov' && to?.kind === 'memory' && to.base !== undefined && to.size === 4 && from?.kind === 'register'
    ? to.displacement
    : NO_OFFSET;

/** What a register holds, as far as it matters here. */
type Held = { readonly kind: 'bottom' | 'current' } | { readonly kind: 'field'; readonly offset: number };

/** Copies of a field of the running thread, its pointer fetched from where the kernel keeps it, to the same field elsewhere. */
function copiedFields(code: KernelCode, { from, to }: Range, offsets: ReadonlySet<number>, current: CurrentPlace) {
  const copied = new Map<number, number>();
  const held = new Map<string, Held>();
  for (let at: number = from; at < to; ) {
    const instruction = code.at(at);
    if (!instruction) break;
    const [, source] = instruction.operands;
    const stored = storedOffset(instruction);
    const value = source?.kind === 'register' ? held.get(source.register) : undefined;
    if (offsets.has(stored) && value?.kind === 'field' && value.offset === stored) copied.set(stored, at);
    hold(instruction, held, offsets, current);
    at += instruction.length;
  }
  return copied;
}

/** What the register that an instruction writes to holds then. */
function heldAfter(
  { mnemonic, operands: [, source] }: Instruction,
  held: ReadonlyMap<string, Held>,
  offsets: ReadonlySet<number>,
  current: CurrentPlace,
): Held | undefined {
  if (
    current.how === 'stack' &&
    mnemonic === 'and' &&
    source?.kind === 'immediate' &&
    source.value === current.mask >>> 0
  )
    return { kind: current.indirect ? 'bottom' : 'current' };
  if (mnemonic !== 'mov' || source?.kind !== 'memory') return undefined;
  const base = source.base === undefined ? undefined : held.get(source.base);
  if (base?.kind === 'bottom' && current.how === 'stack' && source.displacement === current.offset)
    return { kind: 'current' };
  if (base?.kind === 'current' && offsets.has(source.displacement))
    return { kind: 'field', offset: source.displacement };
  if (source.base !== undefined || source.index !== undefined) return undefined;
  const isPlace =
    current.how === 'global'
      ? source.segment !== 'fs' && source.segment !== 'gs' && source.displacement === current.address
      : current.how === 'segment' && source.segment === current.segment && source.displacement === current.offset;
  return isPlace ? { kind: 'current' } : undefined;
}

/** How a field is read: by registers that were seen to be loaded with its structure, after its pointer, or somehow. */
type Reading = 'surely' | 'behind' | 'anywhere';

/** Whether the function that tells a thread its own id reads a field, and the pointer to it if there is one. */
function readByOwnCall(
  code: KernelCode,
  { trace, found }: { trace: Observations['trace']; found: Found },
  { own, offset, via }: IdField,
  how: Reading,
): boolean {
  if (found.systemCallNumber === undefined) return false;
  const functions = functionsByNumber(syscallWindows(trace), REGISTER_NAMES.indexOf(found.systemCallNumber));
  const targets = [...own.keys()].flatMap((number) => functions.get(number >>> 0) ?? []);
  return targets.some((target) => {
    const { reads } = readsOf(code, code.functionOf(virt(target)), found.current!, via);
    if (how === 'surely')
      return reads.some((read) => read.offset === offset && read.from === (via === undefined ? 'current' : 'behind'));
    const offsets = reads.map((read) => read.offset);
    if (via === undefined) return how === 'anywhere' && offsets.includes(offset);
    return offsets.includes(via) && offsets.indexOf(offset, offsets.indexOf(via) + 1) > offsets.indexOf(via);
  });
}

/** A read of a word from a structure. */
interface Read {
  readonly offset: number;
  /** The structure: that of *current*, one that it points to, or what is not known. */
  readonly from: 'current' | 'behind' | undefined;
}

/** Calls inside of calls that are followed: such as of the function that fetches *current*. */
const DEPTH = 2;

/** Reads of words from structures in a function and those that it calls, in order, and what it gives back. */
function readsOf(
  code: KernelCode,
  range: Range | undefined,
  current: CurrentPlace,
  via: number | undefined,
  depth = DEPTH,
): { readonly reads: readonly Read[]; readonly result: Held | undefined } {
  const reads: Read[] = [];
  const held = new Map<string, Held>();
  const vias = new Set(via === undefined ? [] : [via]);
  let result: Held | undefined;
  for (let at: number = range?.from ?? 0; range && at < range.to; ) {
    const instruction = code.at(at);
    if (!instruction) break;
    const { operands, flow, target } = instruction;
    const source = operands.at(-1);
    if (source?.kind === 'memory' && source.base !== undefined && source.base !== 'esp' && source.base !== 'ebp') {
      const base = held.get(source.base)?.kind;
      const from = base === 'field' ? 'behind' : base === 'current' ? 'current' : undefined;
      reads.push({ offset: source.displacement, from });
    }
    if (flow === 'return') result = held.get('eax');
    hold(instruction, held, vias, current);
    if (flow === 'call' && target !== undefined && depth > 0) {
      const called = readsOf(code, code.functionOf(virt(target)), current, via, depth - 1);
      reads.push(...called.reads);
      if (called.result) held.set('eax', called.result);
    }
    at += instruction.length;
  }
  return { reads, result };
}

/** Takes note of what registers hold after an instruction. */
function hold(
  instruction: Instruction,
  held: Map<string, Held>,
  offsets: ReadonlySet<number>,
  current: CurrentPlace,
): void {
  const [target] = instruction.operands;
  if (target?.kind === 'register') {
    const next = heldAfter(instruction, held, offsets, current);
    if (next) held.set(target.register, next);
    else held.delete(target.register);
  }
  if (instruction.flow !== 'next') held.clear();
}
