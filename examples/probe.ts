// A probe: called each time one instruction is about to be executed. This one sits at the kernel's entry for system calls, which is
// found as the CPU finds it, in the IDT; nothing need be known of the kernel.
import { bootGuest, virt } from '../index.ts';

const machine = await bootGuest('pup');
const { memory, cpu } = machine;
/** A gate's offset is split over its two words (SDM vol. 3, 6.11). */
const gate = (vector: number) => {
  const [low = 0, high = 0] = [0, 4].map((half) => memory.readWord(virt(cpu.idtrBase + 8 * vector + half)));
  return virt((high & 0xffff0000) | (low & 0xffff));
};

let forks = 0;
const probe = machine.probe(gate(0x80), ({ cpu }) => {
  if (cpu.eax === 2) forks++; // the number of pup's fork
});
machine.type('forkstorm 30\n');
await machine.run({ until: 'pup# ' });
console.log(`${probe.hits > 100 ? 'over a hundred' : probe.hits} system calls, ${forks} of them fork`);

probe[Symbol.dispose](); // the guest's own byte is back
const hits = probe.hits;
machine.type('forkstorm 30\n');
await machine.run({ until: 'pup# ' });
console.log(`${probe.hits - hits} hits since it was removed`);
await machine.close();
