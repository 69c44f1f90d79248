// Tells the kernel's code from a program's that got to CPL 0 or put itself into a table of the CPU's: that is no kernel's, but an attack.
import { type Machine, type VirtAddr, virt } from '../../emulator/index.ts';

/** Whether an address is the kernel's: above the split, or where that is unknown in a page that programs may not access. */
export const kernelsOwn =
  (machine: Machine, split: VirtAddr | undefined) =>
  (address: number): boolean => {
    if (split !== undefined) return address >= split;
    const page = machine.memory.walk(virt(address));
    return page.kind === 'page' && !page.rights.user;
  };
