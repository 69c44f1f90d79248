// Who may follow the keys: what was seen of a guest that nobody has tampered with, or what a profile says.
import * as v from 'valibot';
import { known, type Parameters } from '../parameters.ts';
import type { ExpectedCode } from './new-code.ts';

/** A program that is expected to run after a key. */
export interface ExpectedProgram {
  /** Undefined where names are not known. */
  readonly name?: string | undefined;
  /** Its process, or its address space, where the expectation is of this very boot. */
  readonly pid?: number | undefined;
  readonly space?: number | undefined;
  /** Numbers of the system calls that it made while keys were typed. Left out, it may make any. */
  readonly calls?: readonly number[] | undefined;
  /**
   * Those of them by which it answers bursts of keys. Who makes other calls with the keys is this program with a hook only if he answers by
   * all of these, too. Left out, nothing is asked.
   */
  readonly answers?: readonly number[] | undefined;
}

/** Everyone who is expected to run after a key. */
export interface Expectation {
  /** One entry for each process. */
  readonly programs: readonly ExpectedProgram[];
  /** The kernel's own threads that were active, without the numbers in their names. Left out, nothing is known of them. */
  readonly kernel?: readonly string[] | undefined;
  /** The largest process id that was seen. */
  readonly newest?: number | undefined;
  /** What the kernel does in the keyboard's interrupt. Left out, nothing is known of it. */
  readonly code?: ExpectedCode | undefined;
}

const SCHEMA = v.object({
  programs: v.array(
    v.object({
      name: v.optional(v.string()),
      pid: v.optional(v.number()),
      space: v.optional(v.number()),
      calls: v.optional(v.array(v.number())),
      answers: v.optional(v.array(v.number())),
    }),
  ),
  kernel: v.optional(v.array(v.string())),
  newest: v.optional(v.number()),
  code: v.optional(v.object({ windows: v.number(), functions: v.array(v.number()) })),
});

/**
 * Reads an expectation as `JSON.stringify` writes it.
 * @param source for messages: where the text is from.
 * @throws RangeError that names what is wrong.
 */
export function parseExpectation(text: string, source: string): Expectation {
  const wanted = `${source}: expected what an earlier run gave as "expected", such as {"programs":[{"name":"sh"}]}`;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`${wanted}, found no JSON: ${(error as Error).message}`, { cause: error });
  }
  const parsed = v.safeParse(SCHEMA, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new RangeError(`${wanted}, found at ${v.getDotPath(issue) ?? 'the top'}: ${issue.message}`);
}

/** What a profile says: names or ids, nothing of what they do. */
export function expectationOf(parameters: Parameters): Expectation | undefined {
  const list = known(parameters, 'expectedAfterKey');
  return list && { programs: list.map((one) => (typeof one === 'number' ? { pid: one } : { name: one })) };
}
