// Event `cr4-write`: the kernel turns a feature of the CPU on. Here PAE and global pages; no kernel may turn PAE off again.
import { loadGuest } from '../index.ts';

/** Bits of CR4 (SDM vol. 3, 2.5). */
const BITS: Record<string, number> = { VME: 0, PVI: 1, TSD: 2, DE: 3, PSE: 4, PAE: 5, MCE: 6, PGE: 7, OSFXSR: 9 };
const names = (value: number) =>
  Object.keys(BITS)
    .filter((name) => (value >>> BITS[name]!) & 1)
    .join(' ') || 'nothing';

const machine = await loadGuest('pup-pae');
machine.on('cr4-write', ({ old, value }) => {
  console.log(`${names(old)} -> ${names(value)}`);
  // What a listener returns decides: the register keeps its value when the write is suppressed.
  if (old & ~value & (1 << BITS.PAE!)) return 'suppress';
});
await machine.run({ until: 'pup# ' });
console.log(`at the prompt: ${names(machine.cpu.cr4)}`);
await machine.close();
