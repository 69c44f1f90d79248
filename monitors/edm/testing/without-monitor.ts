// For tests and benchmarks: the machine that EDM is compared with.
import { Machine, type MachineAssets, type MachineOptions } from '../../../emulator/index.ts';
import { reserveArena } from '../reserve.ts';

/** A machine without EDM, its memory laid out as with it. */
export const withoutMonitor = (options: MachineOptions, v86: MachineAssets): Promise<Machine> =>
  Machine.create(options, { ...v86, companion: reserveArena() });
