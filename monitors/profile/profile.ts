// A profile: what was inferred of a guest's kernel, as a versioned JSON file.
import * as v from 'valibot';
import type { ParameterName, ParameterValues } from '../parameters.ts';
import { StoredAddressSchema } from './address.ts';
import type { Stored } from './address-fields.ts';
import { PARAMETER_FORMS, PARAMETER_NAMES } from './values.ts';

/** The version of the form. A profile of another version is refused: inferring anew takes less than a minute. */
export const PROFILE_VERSION = 1;

const EvidenceSchema = v.strictObject({
  /** What was seen, in words. */
  what: v.string(),
  /** Where. */
  at: v.optional(StoredAddressSchema),
  /** How often. */
  count: v.optional(v.number()),
});

/** Something seen that speaks for a value. */
export type StoredEvidence = v.InferOutput<typeof EvidenceSchema>;

/** A parameter of a profile: its value with what speaks for it, or the reason why there is none. */
export type ProfileParameter<Value> =
  | {
      readonly state: 'known';
      readonly value: Stored<Value>;
      /** 0 to 1. */
      readonly confidence: number;
      readonly evidence: readonly StoredEvidence[];
      /** What would refute the value, in words. */
      readonly refutation: string;
      /** The pattern that gave it. */
      readonly pattern: string;
      readonly source: 'inferred' | 'override';
    }
  | { readonly state: 'unknown'; readonly reason: string; readonly pattern?: string | undefined };

const parameterSchema = (value: v.GenericSchema) =>
  v.variant('state', [
    v.strictObject({
      state: v.literal('known'),
      value,
      confidence: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
      evidence: v.array(EvidenceSchema),
      refutation: v.string(),
      pattern: v.string(),
      source: v.picklist(['inferred', 'override']),
    }),
    v.strictObject({ state: v.literal('unknown'), reason: v.string(), pattern: v.optional(v.string()) }),
  ]);

/** Where addresses count from: what the CPU itself knows of the kernel. */
const AnchorSchema = v.strictObject({
  kind: v.picklist(['sysenter-eip', 'idt-gate']),
  /** Of `idt-gate`. */
  vector: v.optional(v.number()),
});

/** The anchor of a profile. */
export type StoredAnchor = v.InferOutput<typeof AnchorSchema>;

const CodePieceSchema = v.strictObject({
  at: StoredAddressSchema,
  /** Bytes. */
  length: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(4096)),
  /** Offsets of words that hold addresses of the kernel, which differ where it lies elsewhere. */
  holes: v.array(v.pipe(v.number(), v.integer(), v.minValue(0))),
  /** Hash of the bytes with the holes filled with zeros. */
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, 'expected 16 hexadecimal digits')),
});

/** A piece of the kernel's code by which it is recognised. */
export type CodePiece = v.InferOutput<typeof CodePieceSchema>;

const parameterEntries = Object.fromEntries(
  PARAMETER_NAMES.map((name) => [name, parameterSchema(PARAMETER_FORMS[name].schema)]),
) as Record<ParameterName, ReturnType<typeof parameterSchema>>;

const ProfileSchema = v.strictObject({
  version: v.literal(PROFILE_VERSION),
  /** The guest that it was inferred from. */
  guest: v.string(),
  anchor: AnchorSchema,
  code: v.pipe(v.array(CodePieceSchema), v.minLength(1, 'expected pieces of code to recognise the kernel by')),
  parameters: v.strictObject(parameterEntries),
});

/** A profile. */
export interface Profile extends Omit<v.InferOutput<typeof ProfileSchema>, 'parameters'> {
  readonly parameters: { readonly [Name in ParameterName]: ProfileParameter<ParameterValues[Name]> };
}

/** A file is no profile, or a profile is not for this guest. The message says what was expected, what was found and what to do. */
export class ProfileError extends Error {
  override readonly name = 'ProfileError';
}

const INFER = 'make a new one with wolfden infer GUEST -o FILE';

/**
 * Reads a profile.
 * @param text JSON.
 * @param source names the file in messages.
 * @throws ProfileError
 */
export function parseProfile(text: string, source: string): Profile {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new ProfileError(`${source}: expected a profile in JSON, found none: ${(error as Error).message}; ${INFER}`);
  }
  const version = (json as { version?: unknown } | null)?.version;
  if (version !== PROFILE_VERSION)
    throw new ProfileError(
      `${source}: expected a profile of version ${PROFILE_VERSION}, found ${version === undefined ? 'no version' : `version ${JSON.stringify(version)}`}; ${INFER}`,
    );
  return checkProfile(json, source);
}

/** Checks what is to be a profile. @throws ProfileError with the first thing that is wrong and where it is */
export function checkProfile(profile: unknown, source: string): Profile {
  const result = v.safeParse(ProfileSchema, profile);
  if (result.success) return result.output as Profile;
  const [issue] = result.issues;
  throw new ProfileError(`${source}: ${v.getDotPath(issue) ?? 'profile'}: ${issue.message}; ${INFER}`);
}

/** The profile as text for a file. */
export const profileText = (profile: Profile): string => `${JSON.stringify(profile, undefined, 2)}\n`;
