// Hears of the system calls by which processes are made, replaced and ended.
import { type Machine, type Subscription, type VirtAddr, virt, wasm } from '../../emulator/index.ts';
import { type ArgumentPlace, known, type NumberedCall, type Parameters, type RegisterName } from '../parameters.ts';
import { EVENT, Filter } from './filter.ts';

const { code } = wasm;
const { i32Const, i32Eq, i32Or } = wasm.assembler;

/** Longest path that is read. */
const LONGEST_PATH = 4096;

/** What a call is for. */
export type CallPurpose = 'create' | 'replace' | 'end';

/** Told before the kernel is entered. @param path address of the path that the call names, in the caller's address space. */
export type CallListener = (purpose: CallPurpose, path: VirtAddr | undefined) => void;

/** Subscribes to those calls. @returns undefined when no number is known */
export function watchCalls(machine: Machine, parameters: Parameters, listener: CallListener): Subscription | undefined {
  const calls = new Map<number, { readonly purpose: CallPurpose; readonly call: NumberedCall }>();
  const add = (purpose: CallPurpose, list: readonly NumberedCall[] | undefined) => {
    for (const call of list ?? []) calls.set(call.number, { purpose, call });
  };
  add('create', known(parameters, 'createCalls'));
  add('replace', known(parameters, 'replaceCalls'));
  add('end', known(parameters, 'endCalls'));
  if (calls.size === 0) return undefined;
  const register = known(parameters, 'systemCallNumber') ?? 'eax';
  const isAny = code(i32Const(0), ...[...calls.keys()].map((number) => code(EVENT.c, i32Const(number), i32Eq, i32Or)));
  return new Filter(machine, 'syscall', register === 'eax' ? isAny : i32Const(1), () => {
    const found = calls.get(machine.cpu[register]);
    if (found) listener(found.purpose, argumentAt(machine, found.call.pathArgument));
  });
}

function argumentAt(machine: Machine, place: ArgumentPlace | undefined) {
  const { cpu } = machine;
  if (place === undefined) return undefined;
  if (typeof place === 'string') return virt(cpu[place satisfies RegisterName]);
  const word = machine.memory.readWord(virt(cpu[place.register] + place.offset));
  return word === undefined ? undefined : virt(word);
}

/** The path at an address of the current address space; undefined where it is not in memory (yet). */
export function pathAt(machine: Machine, at: VirtAddr | undefined): string | undefined {
  if (at === undefined) return undefined;
  const text = machine.memory.readString(at, LONGEST_PATH);
  return typeof text === 'string' ? text : undefined;
}
