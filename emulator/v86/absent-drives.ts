// Configuration registers of the IDE controller for a channel without drives (PCI Local Bus Specification 2.2, 3.2.2.3 and 6.2.5).
import type { Environment } from './vmm-imports.ts';

const CONFIG_ADDRESS = 0xcf8;
const CONFIG_DATA = 0xcfc;
const ENABLE = 0x80000000;
/** v86's IDE controller is device 30 of bus 0. */
const IDE_CONTROLLER = 30 << 11;
/** Base address registers of the primary channel. */
const PRIMARY_CHANNEL = [0x10, 0x14];

/**
 * Clears the address registers of the primary channel, as firmware does that finds nothing there. v86 fails to restore its own state
 * while they claim ports for a channel that does not exist, and no guest without a PCI driver would clear them.
 */
export function clearPrimaryChannel(devices: Environment): void {
  for (const register of PRIMARY_CHANNEL) {
    devices.io_port_write32!(CONFIG_ADDRESS, ENABLE | IDE_CONTROLLER | register | 0);
    devices.io_port_write32!(CONFIG_DATA, 0);
  }
  devices.io_port_write32!(CONFIG_ADDRESS, 0);
}
