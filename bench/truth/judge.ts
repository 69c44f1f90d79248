// Compares what was inferred with the truth, parameter by parameter. Truth is for benches and tests: no monitor imports it.
import type { ParameterName, ParameterValues } from '../../monitors/parameters.ts';

/** For each parameter of a guest whether a value is true. A parameter that a guest does not have at all has `absent`, and why. */
export type Truth = {
  readonly [Name in ParameterName]?: ((value: ParameterValues[Name]) => boolean) | { readonly absent: string };
};

/** How a parameter came out. */
export type Verdict = 'right' | 'absent' | 'wrong' | 'not judged';

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
  if (value === undefined) return 'absent';
  if (known === undefined) return 'not judged';
  if (typeof known === 'object') return 'wrong';
  return (known as (value: ParameterValues[Name]) => boolean)(value) ? 'right' : 'wrong';
}

/** Whether two lists have the same elements. */
export const sameElements = (a: readonly number[], b: readonly number[]): boolean =>
  new Set(a).size === new Set(b).size && a.every((one) => b.includes(one));
