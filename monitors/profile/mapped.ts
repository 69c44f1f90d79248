// Kernels that have tables of their own are hidden while programs run: before their memory is read, they have to be let in.
import { type Machine, virt } from '../../emulator/index.ts';

/** Virtual milliseconds in which any kernel is entered: its timer sees to it. */
const PATIENCE = 2000;
/** Of the addresses: some may be of code that was thrown away after its use. */
const LEAST_SHARE = 0.75;

/**
 * Runs a machine until the CPU sees most of some addresses of its kernel: usually it does at once.
 * @returns whether it does.
 */
export async function untilMapped(machine: Machine, addresses: readonly number[]): Promise<boolean> {
  const seen = (): boolean =>
    addresses.filter((at) => machine.memory.translate(virt(at)) !== undefined).length >= LEAST_SHARE * addresses.length;
  const end = machine.cpu.time + PATIENCE;
  while (!seen() && machine.cpu.time < end) {
    using _entered = machine.on('cr3-write', () => 'stop');
    if ((await machine.run({ for: end - machine.cpu.time })) === 'halted') break;
  }
  return seen();
}
