// The longest time between two switches of threads, by the address that the truth has for the switch.
import { type Machine, virt } from '../../emulator/index.ts';

/** Longest virtual time in milliseconds between two runs of the function at an address, while something is done. */
export async function longestGap(machine: Machine, address: number, act: () => Promise<unknown>): Promise<number> {
  let [last, longest] = [machine.cpu.time, 0];
  using _probe = machine.probe(virt(address), () => {
    longest = Math.max(longest, machine.cpu.time - last);
    last = machine.cpu.time;
  });
  await act();
  return Math.max(longest, machine.cpu.time - last);
}
