// Event `cr3-write`: another address space becomes current. Two processes play ping-pong; each rally costs two switches.
import { bootGuest } from '../index.ts';

const machine = await bootGuest('pup');
const switches = new Map<number, number>();
machine.on('cr3-write', ({ old, value, cause }) => {
  if (value === old) return; // some kernels write the same value again to flush the TLB
  switches.set(value, (switches.get(value) ?? 0) + 1);
  if (switches.size === 1 && switches.get(value) === 1) console.log(`the first switch: by ${cause}`);
});
machine.type('pingpong 100\n');
await machine.run({ until: 'pup# ' });
console.log(`${switches.size} address spaces`);
[...switches.values()].forEach((count, i) => {
  console.log(`address space ${i + 1} became current ${count} times`);
});
await machine.close();
