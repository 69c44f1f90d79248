// The ways into CPL 0 that the CPU takes by itself: gates of its tables and SYSENTER's register, and which of them lead to an address.
import { type Machine, type VirtAddr, virt, x86 } from '../../emulator/index.ts';

/** A way into the kernel. */
export type Gate =
  | { readonly kind: 'idt'; readonly vector: number }
  | { readonly kind: 'gdt'; readonly selector: number }
  | { readonly kind: 'sysenter' };

const ENTRY_BYTES = 8;
const CALL_GATE = 'call-gate';
const IDT_GATES: readonly string[] = ['interrupt-gate', 'trap-gate'];

interface Entry {
  readonly index: number;
  readonly kind: string;
  readonly offset: number;
}

/** Gates of a descriptor table that are present. */
function* entries(machine: Machine, base: VirtAddr, limit: number): Generator<Entry> {
  for (let at = 0; at + ENTRY_BYTES - 1 <= limit; at += ENTRY_BYTES) {
    const low = machine.memory.readWord(virt(base + at));
    const high = machine.memory.readWord(virt(base + at + 4));
    if (low === undefined || high === undefined) continue;
    const found = x86.decodeDescriptor(low, high);
    if (found.present && 'offset' in found) yield { index: at / ENTRY_BYTES, kind: found.kind, offset: found.offset };
  }
}

/** The gates that lead to an address. */
export function gatesTo(machine: Machine, target: VirtAddr): Gate[] {
  const { cpu } = machine;
  const found: Gate[] = [];
  for (const { index, kind, offset } of entries(machine, cpu.idtrBase, cpu.idtrLimit))
    if (offset === target && IDT_GATES.includes(kind)) found.push({ kind: 'idt', vector: index });
  for (const { index, kind, offset } of entries(machine, cpu.gdtrBase, cpu.gdtrLimit))
    if (offset === target && kind === CALL_GATE) found.push({ kind: 'gdt', selector: index * ENTRY_BYTES });
  if (cpu.msr.sysenterCs !== 0 && cpu.msr.sysenterEip === target) found.push({ kind: 'sysenter' });
  return found;
}

/** How many of the IDT's gates lead to pages of the user's, and how many there are: one that was corrupted, or all of a kernel's. */
export function openGates(machine: Machine): { readonly open: number; readonly all: number } {
  let [open, all] = [0, 0];
  for (const { kind, offset } of entries(machine, machine.cpu.idtrBase, machine.cpu.idtrLimit)) {
    if (!IDT_GATES.includes(kind)) continue;
    all++;
    const page = machine.memory.walk(virt(offset));
    if (page.kind === 'page' && page.rights.user) open++;
  }
  return { open, all };
}
