// What a pattern is: a piece of knowledge of how operating systems are written, and the rule by which it gives one parameter.
import type { VirtAddr } from '../../emulator/index.ts';
import type { ParameterName, ParameterValues } from '../parameters.ts';
import type { Observations, Stage } from './observations.ts';

/** Something seen that speaks for a value. */
export interface Evidence {
  readonly what: string;
  readonly at?: VirtAddr;
  readonly count?: number;
}

/** What a pattern found, or the reason why it found nothing. */
export type Finding<Value> =
  | { readonly value: Value /** 0 to 1. */; readonly confidence: number; readonly evidence: readonly Evidence[] }
  | { readonly reason: string };

/** The values that other patterns have found by now. */
export type Found = { readonly [Name in ParameterName]?: ParameterValues[Name] };

/** A pattern. One file each, as its default export. */
export interface Pattern<Name extends ParameterName = ParameterName> {
  readonly name: string;
  /** The parameter that it gives. Where two patterns give the same, the more confident one counts. */
  readonly parameter: Name;
  /** The design pattern, in words. */
  readonly words: string;
  /** Where the knowledge comes from. */
  readonly source: string;
  /** What would show that a value is wrong. */
  readonly refutation: string;
  /** The stage after which it can be asked. */
  readonly stage: Stage;
  /** Parameters without which it has nothing to say. */
  readonly needs: readonly ParameterName[];
  infer(observations: Observations, found: Found): Finding<ParameterValues[Name]>;
}

/** Checks a pattern's types where it is written. */
export const pattern = <Name extends ParameterName>(definition: Pattern<Name>): Pattern<Name> => definition;

/** Any pattern: which parameter it gives is known from itself. */
export type AnyPattern = { [Name in ParameterName]: Pattern<Name> }[ParameterName];

/** What a module of the user's own may export as its default. */
export function isPattern(value: unknown): value is AnyPattern {
  if (typeof value !== 'object' || value === null) return false;
  const { infer, ...texts } = value as Record<string, unknown>;
  const fields = ['name', 'parameter', 'words', 'source', 'refutation', 'stage'];
  return (
    typeof infer === 'function' &&
    Array.isArray(texts.needs) &&
    fields.every((field) => typeof texts[field] === 'string')
  );
}
