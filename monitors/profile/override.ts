// A user's own value in place of what was inferred.
import * as v from 'valibot';
import { type VirtAddr, virt } from '../../emulator/index.ts';
import type { ParameterName } from '../parameters.ts';
import { located, stored } from './address-fields.ts';
import { type Profile, ProfileError } from './profile.ts';
import { isParameterName, PARAMETER_FORMS, PARAMETER_NAMES } from './values.ts';

/** JSON that may have hexadecimal numbers; anything else is a text. */
function parsedValue(text: string): unknown {
  const decimal = text.replace(/(?<![\w"])0x[0-9a-fA-F]+/g, (digits) => String(Number(digits)));
  try {
    return JSON.parse(decimal);
  } catch {
    return text;
  }
}

/** Puts a value at a path into a copy. */
function placed(owner: unknown, path: readonly string[], value: unknown): unknown {
  const [field, ...rest] = path;
  if (field === undefined) return value;
  if (Array.isArray(owner))
    return owner.map((one, index) => (String(index) === field ? placed(one, rest, value) : one));
  const fields = typeof owner === 'object' && owner !== null ? owner : {};
  return { ...fields, [field]: placed((fields as Record<string, unknown>)[field], rest, value) };
}

/**
 * Takes a setting apart.
 * @throws ProfileError when it has no such form, or there is no such parameter.
 */
export function parseSetting(setting: string): {
  readonly name: ParameterName;
  readonly fields: readonly string[];
  readonly text: string;
} {
  const [, path, text] = /^([\w.]+)=(.+)$/s.exec(setting) ?? [];
  const [name, ...fields] = (path ?? '').split('.');
  if (text !== undefined && name !== undefined && isParameterName(name)) return { name, fields, text };
  throw new ProfileError(
    `--set ${setting}: expected PARAMETER=VALUE or PARAMETER.FIELD=VALUE with one of ${PARAMETER_NAMES.join(', ')}`,
  );
}

/**
 * The profile with one value replaced.
 * @param setting `PARAMETER=VALUE` or `PARAMETER.FIELD=VALUE`; the value is JSON that may have hexadecimal numbers. Addresses are those
 * of the boot that the anchor is of.
 * @throws ProfileError when there is no such parameter, or it can't have that value.
 */
export function override(profile: Profile, setting: string, anchor: VirtAddr): Profile {
  const { name, fields, text } = parseSetting(setting);
  const old = profile.parameters[name];
  const before = old.state === 'known' ? located(name, old.value as never, virt(anchor)) : undefined;
  const result = v.safeParse(
    PARAMETER_FORMS[name].schema as v.GenericSchema,
    storedIfAddress(name, placed(before, fields, parsedValue(text)), anchor),
  );
  if (!result.success) {
    const [issue] = result.issues;
    throw new ProfileError(
      `--set ${setting}: ${[name, v.getDotPath(issue)].filter(Boolean).join('.')}: ${issue.message}`,
    );
  }
  const parameter = {
    ...{ state: 'known', value: result.output, confidence: 1, evidence: [{ what: `the user gave ${setting}` }] },
    ...{ refutation: 'none: it is what the user wants', pattern: 'override', source: 'override' },
  };
  return { ...profile, parameters: { ...profile.parameters, [name]: parameter } };
}

/** The stored form; what can't be an address is left as it is, for the schema to refuse. */
function storedIfAddress(name: keyof Profile['parameters'], value: unknown, anchor: VirtAddr): unknown {
  try {
    return stored(name, value as never, anchor);
  } catch {
    return value;
  }
}
