// Finds a guest by its name in the catalogue, or reads a user's own from a JSON file. Node only.

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as v from 'valibot';
import { CATALOGUE } from './catalogue/index.ts';
import { closeNames } from './close-names.ts';
import { GuestError } from './error.ts';
import type { FoundGuest } from './prepare.ts';
import { GuestSchema } from './schema.ts';

/** Names of the guests that come with Wolfden. */
export const guestNames = (): string[] => [...CATALOGUE.keys()];

/**
 * A guest by name, or from a file: what has a slash or ends in ".json" is a path.
 * @throws GuestError when there is no such guest (with names like it) or the file does not describe one
 */
export async function findGuest(nameOrPath: string): Promise<FoundGuest> {
  const guest = CATALOGUE.get(nameOrPath);
  if (guest !== undefined) return { guest };
  if (nameOrPath.includes('/') || nameOrPath.endsWith('.json')) return loadGuestFile(nameOrPath);
  const close = closeNames(nameOrPath, guestNames());
  const remedy = close.length > 0 ? `did you mean ${close.join(' or ')}?` : 'see the list of guests: wolfden guests';
  throw new GuestError('unknown-guest', `there is no guest "${nameOrPath}"`, remedy);
}

/** A guest file bigger than this is something else. */
const MAX_GUEST_FILE = 1 << 20;

/** Reads a user's own guest. Paths in the file are relative to it. */
export async function loadGuestFile(path: string): Promise<FoundGuest> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const problem = `cannot read the guest file ${path}: ${(error as Error).message}`;
    throw new GuestError('catalogue', problem, 'give the path of a guest file', { cause: error });
  }
  return { guest: parseGuest(path, text), folder: dirname(resolve(path)) };
}

/**
 * A guest from the text of a guest file.
 * @param path of the file, for messages
 */
export function parseGuest(path: string, text: string): FoundGuest['guest'] {
  if (text.length > MAX_GUEST_FILE) {
    throw new GuestError('catalogue', `${path} has over 1 MiB`, 'give a guest file, which is JSON');
  }
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch (error) {
    throw new GuestError('catalogue', `${path} is not JSON: ${(error as Error).message}`, 'correct the file');
  }
  const result = v.safeParse(GuestSchema, input);
  if (result.success && !Array.isArray(input)) return result.output;
  const issues = result.issues?.map(describe) ?? ['the whole file: expected an object, found an array'];
  throw new GuestError('catalogue', `${path} does not describe a guest: ${issues.join('; ')}`, 'correct the file');
}

/** What is wrong, where, in the words of the schema or, where it has none, of valibot. */
function describe(issue: v.BaseIssue<unknown>): string {
  const place = v.getDotPath(issue) ?? 'the whole file';
  if (issue.expected === 'never') return `${place}: there is no such property`;
  const ownWords = issue.message.startsWith('expected');
  const expected = ownWords ? issue.message : `expected ${issue.expected ?? issue.message}`;
  return `${place}: ${issue.received === 'undefined' ? `${expected}, found nothing` : `${expected}, found ${issue.received}`}`;
}
