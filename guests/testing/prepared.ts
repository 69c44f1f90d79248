// Guests for tests: a guest that can't be had here is no failure of what is tested, but must be said.
import { GuestError } from '../error.ts';
import { findGuest } from '../find.ts';
import { type PreparedGuest, prepareGuest } from '../prepare.ts';

/** A guest of the catalogue; undefined, with a line that `npm test` shows, where it can't be fetched. */
export async function preparedForTest(name: string): Promise<PreparedGuest | undefined> {
  try {
    return await prepareGuest(await findGuest(name));
  } catch (error) {
    if (!(error instanceof GuestError)) throw error;
    console.log(`skipped: ${name} can't be had here: ${error.message}`);
    return undefined;
  }
}
