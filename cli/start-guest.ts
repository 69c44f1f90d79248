// From a prepared guest to a machine that runs it. The one place where a run begins: at power-on today.
import { Machine, type MachineOptions } from '../emulator/index.ts';
import { loadAssets } from '../emulator/node/assets.ts';
import type { PreparedGuest } from '../guests/index.ts';

/** How the machine is to be made. */
export type MachineChoice = Pick<MachineOptions, 'jit' | 'mips' | 'seed'>;

/** How a guest is to be started. */
export interface StartOptions {
  readonly machine: MachineChoice;
  /** Whether to begin at power-on even if there is a snapshot at the prompt. */
  readonly cold: boolean;
}

/** A guest that is ready to run. */
export interface StartedGuest {
  readonly machine: Machine;
  /** Whether it stands at its prompt; otherwise it stands before its first instruction. */
  readonly atPrompt: boolean;
}

/** Starts a guest. To be closed by the caller. */
export async function startGuest(prepared: PreparedGuest, { machine }: StartOptions): Promise<StartedGuest> {
  const { boot, memorySize } = prepared;
  const options: MachineOptions = { ...machine, boot, memorySize };
  return { machine: await Machine.create(options, await loadAssets()), atPrompt: false };
}
