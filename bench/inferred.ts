// What is inferred of a guest's kernel, as it is in a machine of it: the profile is made once and kept.
import { keptProfile } from '../cli/infer-guest.ts';
import type { Machine } from '../emulator/index.ts';
import type { PreparedGuest } from '../guests/index.ts';
import type { Parameters } from '../monitors/parameters.ts';
import { locate, reachKernel } from '../monitors/profile/index.ts';

/** The parameters of a guest. @param machine at its prompt; it may run on for a moment, to where its kernel can be read */
export async function inferredParameters(prepared: PreparedGuest, machine: Machine): Promise<Parameters> {
  const profile = await keptProfile(prepared, { machine: {} });
  await reachKernel(profile, machine);
  return locate(profile, machine);
}
