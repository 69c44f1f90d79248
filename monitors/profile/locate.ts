// Finds a profile's addresses in a machine, after having made sure that it is the same kernel.
import type { Machine } from '../../emulator/index.ts';
import type { ParameterName, Parameters } from '../parameters.ts';
import { addressIn, type StoredAddress } from './address.ts';
import { located } from './address-fields.ts';
import { anchorAddress } from './anchor.ts';
import { samePiece } from './code-pieces.ts';
import { untilMapped } from './mapped.ts';
import { type Profile, ProfileError } from './profile.ts';

/** A kernel patches a few of its own instructions while it runs: that much of its code may differ. */
const LEAST_SAME = 0.75;

/** Runs a machine to where a profile's kernel can be read, which may be hidden while programs run. To be done before `locate`. */
export async function reachKernel({ anchor, code }: Profile, machine: Machine): Promise<void> {
  const address = anchorAddress(machine, anchor);
  if (address === undefined) return;
  await untilMapped(
    machine,
    code.map(({ at }) => addressIn(at, address)),
  );
}

/**
 * The parameters of a profile with the addresses of this boot.
 * @param machine at its prompt, or wherever its kernel has set up the CPU's tables.
 * @throws ProfileError when it is the profile of another kernel, or the guest has no kernel yet.
 */
export function locate(profile: Profile, machine: Machine): Parameters {
  const anchor = anchorAddress(machine, profile.anchor);
  if (anchor === undefined) {
    const what =
      profile.anchor.kind === 'sysenter-eip' ? 'an entry for SYSENTER' : `a gate for vector ${profile.anchor.vector}`;
    throw new ProfileError(
      `profile of ${profile.guest}: expected a guest that has set up ${what}, found none; run it to its prompt first, or infer a profile of this guest`,
    );
  }
  const different = profile.code.filter((piece) => !samePiece(machine, piece, anchor));
  if (different.length > profile.code.length * (1 - LEAST_SAME)) {
    const first = addressIn(different[0]!.at, anchor).toString(16);
    throw new ProfileError(
      `profile of ${profile.guest}: expected the same kernel, found another: ${different.length} of ${profile.code.length} pieces of code differ, the first at 0x${first}; infer a profile of this guest`,
    );
  }
  const names = Object.keys(profile.parameters) as ParameterName[];
  return Object.fromEntries(
    names.map((name) => {
      const parameter = profile.parameters[name];
      if (parameter.state === 'unknown') return [name, parameter];
      const at = (stored: StoredAddress) => addressIn(stored, anchor);
      const evidence = parameter.evidence.map((one) => (one.at === undefined ? one : { ...one, at: at(one.at) }));
      return [name, { ...parameter, value: located(name, parameter.value as never, anchor), evidence }];
    }),
  ) as unknown as Parameters;
}
