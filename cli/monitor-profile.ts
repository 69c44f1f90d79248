// What the monitors of a run know of the guest's kernel: a profile, found in this boot.
import { readFile } from 'node:fs/promises';
import type { Machine } from '../emulator/index.ts';
import type { PreparedGuest } from '../guests/index.ts';
import { type Parameters, unknownParameters } from '../monitors/parameters.ts';
import { locate, type Profile, parseProfile, reachKernel } from '../monitors/profile/index.ts';
import { UsageError } from './failure.ts';
import { type InferOptions, keptProfile } from './infer-guest.ts';
import { type LoadedMonitor, wantsProfile } from './monitors.ts';
import type { StartedGuest } from './start-guest.ts';

/** Reads the profile that --profile names. @throws UsageError when it can't be read, ProfileError when it is none */
export async function readProfile(file: string): Promise<Profile> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new UsageError(
      `--profile ${file}: cannot read it: ${error.message}; make one with wolfden infer GUEST -o FILE`,
    );
  });
  return parseProfile(text, file);
}

/** How to come by what is known. */
export interface ProfileChoice extends InferOptions {
  /** The user's own profile. */
  readonly profile: Profile | undefined;
}

/**
 * The parameters in a started guest: of the user's profile, else of one that is inferred, and kept for the next time, when a monitor wants it.
 * All are unknown, with the reason, where no monitor wants any, or where the guest stands at power-on and there is no kernel yet.
 * @throws ProfileError when the profile is of another kernel, GuestCrash when the guest crashes while it is observed.
 */
export async function parametersFor(
  monitors: readonly LoadedMonitor[],
  prepared: PreparedGuest,
  { machine, atPrompt }: StartedGuest,
  { profile, ...infer }: ProfileChoice,
): Promise<Parameters> {
  if (profile) return locatedIn(profile, machine);
  if (!monitors.some(wantsProfile)) return unknownParameters('no monitor of this run asked for it');
  if (!atPrompt) return unknownParameters('the run begins at power-on, before there is a kernel; begin at the prompt');
  return locatedIn(await keptProfile(prepared, infer), machine);
}

async function locatedIn(profile: Profile, machine: Machine): Promise<Parameters> {
  await reachKernel(profile, machine);
  return locate(profile, machine);
}
