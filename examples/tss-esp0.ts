// Event `tss-esp0`: the kernel stack for the next entry changes. It tells threads apart where CR3 can't: they share an address space.
import { bootGuest } from '../index.ts';

const machine = await bootGuest('pup-threads');
const stacks = new Map<number, Set<number>>();
machine.on('tss-esp0', ({ value, cr3 }) => {
  const known = stacks.get(cr3) ?? new Set();
  stacks.set(cr3, known.add(value));
});
machine.type('threads 5\n');
await machine.run({ until: 'pup# ' });
const sizes = [...stacks.values()].map((known) => known.size);
console.log(`kernel stacks seen in each address space: ${sizes.sort((a, b) => b - a).join(', ')}`);
await machine.close();
