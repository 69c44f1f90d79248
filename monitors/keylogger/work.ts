// By which system calls a program answers keys: what tells a shell with a hook from a program that has work of its own.
import type { ExpectedProgram } from './expectation.ts';
import { callsOf, type Suspect } from './suspects.ts';

/**
 * Numbers of the system calls that a program makes with bursts of keys and not without: how many more there are in a stretch with keys than
 * in a pause must be `least` or more, so that what it does once, when it starts or ends, is none of them.
 */
export function answersOf(suspect: Suspect, keys: Float64Array, least: number): readonly number[] {
  const bursts = keys.filter((count) => count > 0).length;
  const pauses = keys.length - bursts;
  return callsOf(suspect).filter((number) => {
    let [typed, idle] = [0, 0];
    for (const { calls } of suspect.units)
      for (let i = 0; i < keys.length; i++) {
        const count = calls.get(number)?.[i] ?? 0;
        if (keys[i]! > 0) typed += count;
        else idle += count;
      }
    return typed / bursts - (pauses > 0 ? idle / pauses : 0) >= least;
  });
}

/** Whether it answers keys by every call by which an expected program does: a program that has other work leaves out some of them. */
export function worksLike(
  suspect: Suspect,
  { answers = [] }: ExpectedProgram,
  keys: Float64Array,
  least: number,
): boolean {
  const own = answersOf(suspect, keys, least);
  return answers.every((number) => own.includes(number));
}
