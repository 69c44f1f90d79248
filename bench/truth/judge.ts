// Compares what was inferred with the truth, parameter by parameter. Truth is for benches and tests: no monitor imports it.
import type { ParameterName, ParameterValues } from '../../monitors/parameters.ts';

/** For each parameter of a guest whether a value is true. A parameter that a guest does not have at all has `none`, and why. */
export type Truth = {
  readonly [Name in ParameterName]: ((value: ParameterValues[Name]) => boolean) | { readonly none: string };
};

/**
 * How a parameter came out: said to be unknown though the guest has it is `absent`, said to be unknown because the guest has nothing of
 * the kind is `none`.
 */
export type Verdict = 'right' | 'absent' | 'wrong' | 'none';

/**
 * Judges one value.
 * @param value undefined when it was said to be unknown.
 */
export function judge<Name extends ParameterName>(
  truth: Truth,
  name: Name,
  value: ParameterValues[Name] | undefined,
): Verdict {
  const known = truth[name];
  if (typeof known === 'object') return value === undefined ? 'none' : 'wrong';
  if (value === undefined) return 'absent';
  return (known as (value: ParameterValues[Name]) => boolean)(value) ? 'right' : 'wrong';
}

/** Whether two lists have the same elements. */
export const sameElements = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  new Set(a).size === new Set(b).size && a.every((one) => b.includes(one));

/** Whether two times are alike, as those of two runs are: neither is twice the other. */
export const atMostDouble = (one: number, other: number): boolean => one > other / 2 && one < other * 2;
