// A whole monitor: subscribe, script the guest, run. What each address space does, seen from below the system.
import { bootGuest } from '../index.ts';

const spaces = new Map<number, { turns: number; calls: number; faults: number }>();
const space = (cr3: number) => {
  const known = spaces.get(cr3) ?? { turns: 0, calls: 0, faults: 0 };
  spaces.set(cr3, known);
  return known;
};

const machine = await bootGuest('pup');
machine.on('cr3-write', ({ value }) => void space(value).turns++);
machine.on('syscall', ({ cr3 }) => void space(cr3).calls++);
machine.on('page-fault', ({ cr3 }) => void space(cr3).faults++);

machine.type('pingpong 100 & walker 50 & wait\n');
await machine.run({ until: 'walker:' });
await machine.run({ until: 'pup# ' });
console.table([...spaces.values()]);
await machine.close();
