// The guests that come with Wolfden: one data file per family, put together and checked here.

import * as v from 'valibot';
import { type Guest, type GuestInput, GuestSchema } from '../schema.ts';
import { biosGuests } from './bios.ts';
import { debian } from './debian.ts';
import { gnumach } from './gnumach.ts';
import { pup } from './pup.ts';

/** A new family is a data file and a line here. */
const FAMILIES: readonly (readonly GuestInput[])[] = [pup, debian, gnumach, biosGuests];

/** All guests by name, in the order of their families. */
export const CATALOGUE: ReadonlyMap<string, Guest> = catalogueOf(FAMILIES);

/** @throws Error for a mistake in a data file: an entry that does not fit the schema, or a name used twice */
export function catalogueOf(families: readonly (readonly GuestInput[])[]): Map<string, Guest> {
  const catalogue = new Map<string, Guest>();
  for (const input of families.flat()) {
    const guest = v.parse(GuestSchema, input);
    if (catalogue.has(guest.name)) throw new Error(`the catalogue has two guests named ${guest.name}`);
    catalogue.set(guest.name, guest);
  }
  return catalogue;
}
