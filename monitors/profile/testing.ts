// A profile for tests: everything unknown but what the test gives, recognised by code at addresses that the test knows.
import { type Machine, type VirtAddr, virt, x86 } from '../../emulator/index.ts';
import type { ParameterName, ParameterValues } from '../parameters.ts';
import { stored } from './address-fields.ts';
import { findAnchor } from './anchor.ts';
import { takePiece } from './code-pieces.ts';
import { checkProfile, PROFILE_VERSION, type Profile } from './profile.ts';
import { PARAMETER_NAMES } from './values.ts';

/**
 * Makes a profile of values that a test knows to be true.
 * @param code addresses of instructions.
 */
export async function profileOf(
  machine: Machine,
  guest: string,
  values: Partial<ParameterValues>,
  code: readonly VirtAddr[],
): Promise<Profile> {
  const decoder = await x86.loadDecoder();
  const anchor = findAnchor(machine)!;
  const { address, ...anchorForm } = anchor;
  const split = values.kernelSplit ?? virt(0x80000000);
  const parameter = (name: ParameterName) =>
    values[name] === undefined
      ? { state: 'unknown', reason: 'the test does not say' }
      : {
          ...{ state: 'known', value: stored(name, values[name] as never, address), confidence: 1, evidence: [] },
          ...{ refutation: 'none', pattern: 'test', source: 'inferred' },
        };
  const profile = {
    ...{ version: PROFILE_VERSION, guest, anchor: anchorForm },
    code: code.map((at) => takePiece(machine, decoder, at, address, split)!),
    parameters: Object.fromEntries(PARAMETER_NAMES.map((name) => [name, parameter(name)])),
  };
  return checkProfile(profile, 'test');
}
