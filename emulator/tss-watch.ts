// Watches ESP0 of the current TSS (SDM vol. 3, 7.2.1): no instruction announces its change, so the store is what is watched.
import type { Access } from './access.ts';
import { type Frame, frameOf, phys, type VirtAddr, virt } from './address.ts';
import { type EventHub, type Subscription, subscription } from './event-hub.ts';
import type { GuestMemory } from './guest-memory.ts';
import type { Protections } from './protect.ts';
import type { Vmm } from './v86/vmm.ts';
import { TSS32 } from './x86/index.ts';

const TR = 6;

/** Reports `tss-esp0` while it lives: from stores into the TSS that TR names, and when TR comes to name another. */
export function watchEsp0(vmm: Vmm, hub: EventHub, memory: GuestMemory, protections: Protections): Subscription {
  const frames = new Map<Frame, Subscription>();
  // What the first TSS holds is a change if it is not zero, as ESP0 was before there was one.
  let known = current(vmm, memory) ?? virt(0);

  const report = (value: VirtAddr): void => {
    if (value === known) return;
    vmm.emit('tss-esp0', known, value, 0);
    known = value;
  };
  const onWrite = (access: Access): void => {
    const at = address(vmm, memory);
    const old = at === undefined ? undefined : memory.wordAt(phys(at));
    if (at === undefined || old === undefined) return;
    const value = patched(old, at, access);
    if (value !== old) report(virt(value));
  };
  const watchFrame = (): void => {
    const at = address(vmm, memory);
    if (at === undefined || at >= memory.size) return;
    const frame = frameOf(phys(at));
    // Frames of earlier TSSs stay watched: a system that switches tasks by TSS comes back to them.
    if (!frames.has(frame)) frames.set(frame, protections.protect(frame, { write: true }, onWrite, { own: true }));
    const value = current(vmm, memory);
    if (value !== undefined) report(value);
  };

  watchFrame();
  // TR may name a page that is mapped later, or under another address space.
  const parts = [
    hub.on('task-register', watchFrame),
    hub.on('cr3-write', () => void (frames.size === 0 && watchFrame())),
  ];
  return subscription(() => {
    for (const part of [...parts, ...frames.values()]) part[Symbol.dispose]();
  });
}

/** Physical address of ESP0 in the current TSS; undefined while TR names none that is mapped. */
function address(vmm: Vmm, memory: GuestMemory): number | undefined {
  const { base, selector } = vmm.cpu.segment(TR);
  return selector === 0 ? undefined : memory.translate(virt(base + TSS32.ESP0));
}

function current(vmm: Vmm, memory: GuestMemory): VirtAddr | undefined {
  const at = address(vmm, memory);
  const value = at === undefined ? undefined : memory.wordAt(phys(at));
  return value === undefined ? undefined : virt(value);
}

/** The word at a physical address as it will be once an access has stored its bytes. */
function patched(word: number, at: number, { physical, size, value }: Access): number {
  let result = word;
  for (let i = 0; i < 4; i++) {
    const offset = at + i - physical;
    if (offset < 0 || offset >= size || value === undefined) continue;
    const byte = (value[offset >> 2]! >>> (8 * (offset & 3))) & 0xff;
    result = (result & ~(0xff << (8 * i))) | (byte << (8 * i));
  }
  return result >>> 0;
}
