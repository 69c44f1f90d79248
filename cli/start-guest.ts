// From a prepared guest to a machine that runs it. The one place where a run begins.
import { Machine, type MachineOptions, type RunLimits } from '../emulator/index.ts';
import { loadAssets } from '../emulator/node/assets.ts';
import { startAt } from '../emulator/node/start-at.ts';
import type { PreparedGuest } from '../guests/index.ts';

/** How the machine is to be made. */
export type MachineChoice = Pick<MachineOptions, 'jit' | 'mips' | 'seed'>;

/** How a guest is to be started. */
export interface StartOptions {
  readonly machine: MachineChoice;
  /** Whether to begin at power-on even if there is a snapshot at the prompt. */
  readonly cold: boolean;
  /** Ends a boot that never shows the prompt. */
  readonly limits?: Pick<RunLimits, 'for' | 'signal'>;
  /** Told when the guest has to be booted first. */
  readonly onBoot?: () => void;
}

/** A guest that is ready to run. */
export interface StartedGuest {
  readonly machine: Machine;
  /** Whether it stands at its prompt; otherwise it stands before its first instruction. */
  readonly atPrompt: boolean;
}

/**
 * Starts a guest: at its prompt, from a snapshot that is kept from the first time, or at power-on. To be closed by the caller.
 * @throws GuestCrash when the guest crashes on its way to the prompt.
 */
export async function startGuest(prepared: PreparedGuest, start: StartOptions): Promise<StartedGuest> {
  const { boot, memorySize, prompt, guest } = prepared;
  const options: MachineOptions = { ...start.machine, boot, memorySize };
  const assets = await loadAssets();
  if (start.cold || prompt === undefined || guest.outcome !== 'prompt')
    return { machine: await Machine.create(options, assets), atPrompt: false };
  const { machine, end } = await startAt(options, assets, {
    until: prompt,
    ...start.limits,
    ...(start.onBoot ? { onBoot: start.onBoot } : {}),
  });
  return { machine, atPrompt: end === 'until' };
}
