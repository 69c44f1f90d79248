// A machine whose VMM is monitored, in one call.
import { Machine, type MachineOptions } from '../../emulator/index.ts';
import { Edm, type EdmAssets, type EdmOptions } from './edm.ts';

/** Guest RAM that a machine has unless told otherwise, in bytes. */
const DEFAULT_RAM = 128 << 20;

/** A machine and what monitors its VMM. */
export interface MonitoredMachine {
  readonly machine: Machine;
  readonly edm: Edm;
}

/**
 * Makes a machine with EDM beside v86. It stands before the first instruction of its guest.
 * @example
 * const { machine, edm } = await createMonitoredMachine({ boot: { multiboot } }, await loadEdmAssets(), { seed: 1 });
 * await machine.run({ for: 1000 });
 * for (const { kind, address, site } of edm.log.alarms) console.log(kind, address.toString(16), site?.name);
 * @throws ModuleRefused when v86.wasm does not pass the verifier
 */
export async function createMonitoredMachine(
  options: MachineOptions,
  assets: EdmAssets,
  edmOptions: EdmOptions = {},
): Promise<MonitoredMachine> {
  const memorySize = options.memorySize ?? DEFAULT_RAM;
  const edm = await Edm.create(assets, memorySize, edmOptions);
  const machine = await Machine.create({ ...options, memorySize }, edm.machineAssets);
  edm.attach(machine);
  return { machine, edm };
}
