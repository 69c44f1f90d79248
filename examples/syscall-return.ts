// Event `syscall-return`: the kernel goes back to a program. IRET ends interrupts and exceptions too; `entry` tells them apart.
import { bootGuest } from '../index.ts';

const machine = await bootGuest('pup');
const counts = new Map<string, number>();
machine.on('syscall-return', ({ path, entry, value }) => {
  // A new process returns from a fork that it never called: its entry is unknown.
  const what = `${path} ends: ${entry}`;
  counts.set(what, (counts.get(what) ?? 0) + 1);
  const result = value | 0; // EAX as a signed number
  if (entry === 'syscall' && result < 0) console.log(`a system call failed: ${result}`);
});
machine.type('cat /etc/motd /nosuchfile\n');
await machine.run({ until: 'pup# ' });
machine.type('walker 20\n');
await machine.run({ until: 'pup# ' });
for (const [what, count] of [...counts].sort()) console.log(`${what}: ${count}`);
await machine.close();
