// Event `cpl-change`: the CPU enters or leaves the kernel. The ways in and out of a kernel whose system calls use a call gate.
import { bootGuest } from '../index.ts';

const machine = await bootGuest('pup-callgate');
const ways = new Map<string, number>();
let entered = 0;
let inKernel = 0;
machine.on('cpl-change', ({ old, value, way, instructions }) => {
  const name = `CPL ${old} -> ${value} by ${way}`;
  ways.set(name, (ways.get(name) ?? 0) + 1);
  if (value === 0) entered = instructions;
  else if (entered > 0) inKernel += instructions - entered;
});
const start = machine.cpu.instructions;
machine.type('sieve 20000\n');
await machine.run({ until: 'pup# ' });
console.log(Object.fromEntries(ways));
console.log(
  `${Math.round((100 * inKernel) / (machine.cpu.instructions - start))} % of the instructions were the kernel's`,
);
await machine.close();
