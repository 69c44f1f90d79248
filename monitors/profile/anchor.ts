// The anchor: an address of the kernel's that the CPU knows in every boot, from which a profile counts.
import { type Machine, type VirtAddr, virt, x86 } from '../../emulator/index.ts';
import type { StoredAnchor } from './profile.ts';

/** An anchor in a boot. */
export interface Anchor extends StoredAnchor {
  readonly address: VirtAddr;
}

/** The entry of the IDT, if it is an interrupt or trap gate that is present. */
export function interruptGate(machine: Machine, vector: number): x86.InterruptGate | undefined {
  const { cpu, memory } = machine;
  if (vector * 8 + 7 > cpu.idtrLimit) return undefined;
  const low = memory.readWord(virt(cpu.idtrBase + vector * 8));
  const high = memory.readWord(virt(cpu.idtrBase + vector * 8 + 4));
  if (low === undefined || high === undefined) return undefined;
  const gate = x86.decodeDescriptor(low, high);
  return (gate.kind === 'interrupt-gate' || gate.kind === 'trap-gate') && gate.present ? gate : undefined;
}

/** Exceptions that every system handles, the surest first: page fault, general protection, breakpoint, divide error. */
const SURE_VECTORS = [14, 13, 3, 0];

/** The best anchor that a machine has; undefined while its kernel has set up neither SYSENTER nor exceptions. */
export function findAnchor(machine: Machine): Anchor | undefined {
  const { sysenterEip } = machine.cpu.msr;
  if (sysenterEip !== 0) return { kind: 'sysenter-eip', address: sysenterEip };
  for (const vector of SURE_VECTORS) {
    const address = anchorAddress(machine, { kind: 'idt-gate', vector });
    if (address !== undefined) return { kind: 'idt-gate', vector, address };
  }
  return undefined;
}

/** Where a profile's anchor lies in this boot. */
export function anchorAddress(machine: Machine, { kind, vector }: StoredAnchor): VirtAddr | undefined {
  if (kind === 'sysenter-eip') return machine.cpu.msr.sysenterEip || undefined;
  const gate = vector === undefined || !machine.cpu.protectedMode ? undefined : interruptGate(machine, vector);
  return gate && virt(gate.offset);
}
