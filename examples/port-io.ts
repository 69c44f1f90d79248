// Event `port-io`: IN and OUT. How a kernel sets up its timer, and which ports it uses while somebody types.
import { bootGuest, loadGuest } from '../index.ts';

const booting = await loadGuest('pup');
let divisor = '';
booting.on('port-io', ({ port, write, value }) => {
  if (port === 0x43 && write) console.log(`timer, command: 0x${value.toString(16)}`);
  if (port === 0x40 && write) divisor = value.toString(16).padStart(2, '0') + divisor; // low byte first
});
await booting.run({ until: 'pup# ' });
console.log(`timer, divisor: 0x${divisor}, so ${Math.round(1193182 / Number(`0x${divisor}`))} ticks per second`);
await booting.close();

const machine = await bootGuest('pup');
const ports = new Map<string, number>();
machine.on('port-io', ({ port, write }) => {
  const name = `${write ? 'OUT' : 'IN '} 0x${port.toString(16)}`;
  ports.set(name, (ports.get(name) ?? 0) + 1);
});
machine.type('echo hello\n');
await machine.run({ until: 'pup# ' });
for (const [name, count] of [...ports].sort()) console.log(`${name} ${count}`);
await machine.close();
