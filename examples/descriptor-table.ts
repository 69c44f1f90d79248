// Event `descriptor-table`: LGDT or LIDT. Finds the kernel's table of gates as it is installed, and later reads it.
import { loadGuest, virt } from '../index.ts';

const machine = await loadGuest('pup');
machine.on('descriptor-table', ({ register, base, limit, cpu }) => {
  const paging = cpu.cr0 >>> 31 ? 'on' : 'off';
  console.log(
    `${register}: ${(limit + 1) / 8} entries, ${base >= 0xc0000000 ? 'kernel half' : 'low memory'}, paging ${paging}`,
  );
});
await machine.run({ until: 'pup# ' });

/** A gate is two words; bits 8 to 15 of the second are type, DPL and present (SDM vol. 3, 6.11). */
const gates: number[] = [];
for (let vector = 0; vector <= machine.cpu.idtrLimit >> 3; vector++) {
  const access = (machine.memory.readWord(virt(machine.cpu.idtrBase + 8 * vector + 4)) ?? 0) >>> 8;
  const [present, dpl] = [(access >> 7) & 1, (access >> 5) & 3];
  if (present && dpl === 3) gates.push(vector);
}
console.log(`gates that programs may use: ${gates.map((vector) => `0x${vector.toString(16)}`)}`);
await machine.close();
