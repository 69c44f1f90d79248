// Which register tells system calls apart, and which function does each: what two patterns build on. Read off traces, so it works
// whether the kernel calls through a table, a jump table or a tree of comparisons.
import type { RegisterName } from '../parameters.ts';
import type { IndexedLoad, Trace, Window } from './observe/trace.ts';

export const REGISTER_NAMES: readonly RegisterName[] = ['eax', 'ecx', 'edx', 'ebx', 'esp', 'ebp', 'esi', 'edi'];
const ESP = 4;

/** Fewer different system calls say nothing. */
export const LEAST_NUMBERS = 4;

export const syscallWindows = ({ windows }: Trace): Window[] => windows.filter(({ entry }) => entry.kind === 'syscall');

/** A load from a table whose index is in a register of the program's and whose word is then called. */
export function dispatchLoads(windows: readonly Window[], register: number): IndexedLoad[] {
  return windows.flatMap(({ registers, loads, called }) =>
    loads.filter(({ index, loaded }) => index === registers[register] && called.includes(loaded)).slice(0, 1),
  );
}

/**
 * How well a register tells system calls apart: the share of calls for which a function is called that this value always calls and
 * hardly any other does.
 */
export function separation(
  windows: readonly Window[],
  register: number,
): { readonly share: number; readonly numbers: number } {
  const functions = functionsByNumber(windows, register);
  const separated = windows.filter(({ registers }) => (functions.get(registers[register]!)?.length ?? 0) > 0);
  return { share: separated.length / windows.length, numbers: functions.size };
}

/** For each value of a register that came at least twice: functions that each such call calls and few others do, in the order of their call. */
export function functionsByNumber(windows: readonly Window[], register: number): Map<number, readonly number[]> {
  const byNumber = new Map<number, Window[]>();
  for (const window of windows) {
    const number = window.registers[register]!;
    byNumber.set(number, [...(byNumber.get(number) ?? []), window]);
  }
  const callers = new Map<number, Set<number>>();
  for (const [number, group] of byNumber)
    for (const { called } of group)
      for (const target of called) callers.set(target, (callers.get(target) ?? new Set()).add(number));
  const found = new Map<number, readonly number[]>();
  for (const [number, group] of byNumber) {
    if (group.length < 2) continue;
    const [first, ...rest] = group;
    const common = first!.called.filter((target) => rest.every(({ called }) => called.includes(target)));
    found.set(
      number,
      common.filter((target) => callers.get(target)!.size <= 2),
    );
  }
  return found;
}

/** The registers in the order in which they are tried; the stack pointer can't hold a number. */
export const CANDIDATE_REGISTERS: readonly number[] = [0, 1, 2, 3, 5, 6, 7].filter((register) => register !== ESP);
