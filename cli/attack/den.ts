// Where a wolf is let loose: pup at its prompt on a machine with EDM, with parts of its kernel under protection.
import { Machine, type PhysAddr, type VirtAddr, VMM_OURS, VMM_STATICS, virt, x86 } from '../../emulator/index.ts';
import type { PreparedGuest } from '../../guests/index.ts';
import type { WolfFacts } from '../../guests/wolves/wat.ts';
import { Edm, type EdmAssets } from '../../monitors/edm/index.ts';
import { ARENA_SIZE, LAYOUT } from '../../monitors/edm/layout.ts';
import { ARENA_START } from '../../monitors/edm/placement.ts';
import type { GuestPart } from './reference.ts';
import type { Setting } from './settings.ts';

const PAGE = 4096;
/** Bytes of the disk that wolves have write memory for them. */
const DISK_SIZE = 1 << 20;
/** Kinds of protected ranges, as alarms show them. */
const PROTECTED = ['kernel-text', 'idt', 'page-directory'] as const;

/** A command that keeps the guest busy until its loops are compiled. */
const BUSY = 'sieve 100000\n';

/** A machine that waits for its wolf. */
export interface Den {
  readonly machine: Machine;
  readonly edm: Edm;
  /** The parts of the guest that are under protection. */
  readonly guest: readonly GuestPart[];
  /** What an attacker knows: the layout of v86 and of EDM, which are public, and of this guest. Not EDM's place. */
  readonly facts: WolfFacts;
}

/** Boots the guest to its prompt under a setting. */
export async function makeDen(guest: PreparedGuest, assets: EdmAssets, setting: Setting, seed: number): Promise<Den> {
  const edm = await Edm.create(assets, guest.memorySize, { ...setting, seed });
  const boot = { ...guest.boot, disk: new Uint8Array(DISK_SIZE).fill(0xc3) };
  const machine = await Machine.create({ boot, memorySize: guest.memorySize }, edm.machineAssets);
  edm.attach(machine);
  await machine.run({ until: guest.prompt! });
  // A wolf that forges compiled code finds some there.
  machine.type(BUSY);
  await machine.run({ until: guest.prompt! });
  const parts = protectedParts(machine);
  for (const [kind, { from, to }] of parts.entries()) edm.protect(from as PhysAddr, to, kind);
  edm.log.drain();
  return { machine, edm, guest: parts, facts: attackerFacts(parts, machine.cpu.idtrBase) };
}

/** Page of the system call's entry, the IDT, and the page directory in use. */
function protectedParts(machine: Machine): GuestPart[] {
  const { cpu } = machine;
  const entry = systemCallEntry(machine);
  const places = [physical(machine, entry), physical(machine, cpu.idtrBase), cpu.cr3 & -PAGE];
  const sizes = [16, 8 * 256, 16];
  return places.map((from, index) => ({ name: PROTECTED[index]!, from: from >>> 0, to: (from >>> 0) + sizes[index]! }));
}

function physical(machine: Machine, address: VirtAddr): number {
  const found = machine.memory.translate(address);
  if (found === undefined)
    throw new Error(`0x${address.toString(16)}: expected a mapped address of the guest's kernel, found none`);
  return found;
}

/** Where pup's system calls enter: the target of gate 0x80. */
function systemCallEntry({ cpu, memory }: Machine): VirtAddr {
  const bytes = memory.read(virt(cpu.idtrBase + 8 * 0x80), 8);
  if (!(bytes instanceof Uint8Array)) throw new Error('the IDT is not mapped');
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const gate = x86.decodeDescriptor(view.getUint32(0, true), view.getUint32(4, true));
  if (gate.kind !== 'interrupt-gate' && gate.kind !== 'trap-gate') throw new Error(`vector 0x80 has a ${gate.kind}`);
  return virt(gate.offset);
}

/** @param idtBase virtual address of the IDT */
const attackerFacts = ([text, idt, directory]: readonly GuestPart[], idtBase: VirtAddr): WolfFacts => ({
  ARENA: ARENA_START,
  'ARENA-END': ARENA_START + ARENA_SIZE,
  LOG: LAYOUT.LOG,
  RANGES: LAYOUT.RANGES,
  FRAMES: LAYOUT.FRAMES,
  COUNTS: LAYOUT.COUNTS,
  TLB: VMM_STATICS.tlbData,
  'MEMORY-BASE': VMM_STATICS.memoryBase,
  RIGHTS: VMM_OURS.rightsTable,
  'KERNEL-TEXT': text!.from,
  IDT: idt!.from,
  'IDT-BASE': idtBase,
  'PAGE-DIRECTORY': directory!.from,
});
