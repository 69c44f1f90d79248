// The reference copy: what must be as it was after an attack, kept in this side's memory, which no VMM code reaches. It alone says whether
// EDM was lost; EDM is not asked.
import { type Machine, VMM_STATE, VMM_STATICS } from '../../emulator/index.ts';
import type { Edm } from '../../monitors/edm/index.ts';
import { LAYOUT } from '../../monitors/edm/layout.ts';

/** Bytes of linear memory that only EDM may change, or nobody. */
interface Part {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Frames of the guest that are under protection: guest-physical bytes. */
export interface GuestPart {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

const TLB_SIZE = 4 << 20;

/** Takes the copy. @returns what tells the parts that have changed since */
export function takeReference(machine: Machine, edm: Edm, guest: readonly GuestPart[]): () => string[] {
  const memory = (): Uint8Array => new Uint8Array(edm.vmm.memory.buffer);
  const parts = [...edmParts(edm), ...stateParts(), ...ramParts(machine, guest)];
  const bytes = memory();
  const copies = parts.map(({ from, to }) => bytes.slice(from, to));
  const { table } = edm.vmm;
  const slots = Array.from({ length: table.length }, (_, slot) => table.get(slot) as unknown);
  const hooks = hookGlobals(edm).map((global) => global.value as number);
  const pages = bytes.length;
  return () => {
    const now = memory();
    const changed = parts
      .filter(({ from, to }, index) => !same(copies[index]!, now.subarray(from, to)))
      .map(({ name }) => name);
    if (table.length !== slots.length || slots.some((slot, index) => table.get(index) !== slot)) changed.push('table');
    if (hookGlobals(edm).some((global, index) => global.value !== hooks[index])) changed.push('hooks');
    if (!edm.gateIntact()) changed.push('gate');
    if (now.length !== pages) changed.push('memory size');
    return changed;
  };
}

function edmParts({ placement: { base, size }, core }: Edm): Part[] {
  const part = (name: string, offset: number, length: number): Part => ({
    name,
    from: base + offset,
    to: base + offset + length,
  });
  const written = Math.min(core.logWritten(), LAYOUT.LOG_RECORDS);
  return [
    part('ledger', LAYOUT.LEDGER, LAYOUT.LEDGER_SIZE),
    // Beside its tables EDM's page of state holds the work space of its hash, which says nothing.
    part('constants', LAYOUT.ROUND_CONSTANTS, LAYOUT.MESSAGE - LAYOUT.ROUND_CONSTANTS),
    part('state', LAYOUT.FIRST_DIGEST, LAYOUT.COUNTS - LAYOUT.FIRST_DIGEST),
    part('counts', LAYOUT.COUNTS, 8 * LAYOUT.MAX_KINDS),
    part('log', LAYOUT.LOG, written * LAYOUT.RECORD_SIZE),
    part('frames', LAYOUT.FRAMES, size - LAYOUT.FRAMES),
  ];
}

/** What v86 may not store to but through the gate. */
function stateParts(): Part[] {
  const words: readonly [name: string, at: number, length: number][] = [
    ['cpl', VMM_STATE.cpl, 1],
    ['cpu', VMM_STATE.idtrLimit, 16],
    ['cpu', VMM_STATE.cr0, 4],
    ['cpu', VMM_STATE.cr3, 8],
    ['cpu', VMM_STATE.sysenterCs, 12],
    ['cpu', VMM_STATE.selectors + 12, 2],
    ['cpu', VMM_STATE.segmentBases + 24, 4],
    ['ram', VMM_STATICS.memoryBase, 4],
    ['rights', 2072, 8],
    ['tlb', VMM_STATICS.tlbData, TLB_SIZE],
  ];
  return words.map(([name, from, length]) => ({ name, from, to: from + length }));
}

const ramParts = ({ vmm }: Machine, guest: readonly GuestPart[]): Part[] =>
  guest.map(({ name, from, to }) => ({ name, from: vmm.ramBase + from, to: vmm.ramBase + to }));

const hookGlobals = ({ vmm }: Edm): WebAssembly.Global[] =>
  Object.entries(vmm.exports)
    .filter(([name]) => name.startsWith('wolfden.slot.') || name.startsWith('wolfden.watch.'))
    .map(([, global]) => global as WebAssembly.Global);

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && Buffer.compare(a, b) === 0;
}
