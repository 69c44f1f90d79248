// Event `syscall`: a program asks the kernel for something. Prints what is written, and how often each call was made.
import { bootGuest, virt } from '../index.ts';

/** Numbers of some of pup's system calls (guests/pup/abi/syscalls.h). */
const NAMES: Record<number, string> = {
  1: 'exit',
  2: 'fork',
  3: 'exec',
  4: 'wait',
  12: 'open',
  14: 'read',
  15: 'write',
};

const machine = await bootGuest('pup');
const counts = new Map<string, number>();
machine.on('syscall', ({ gate, vector, number, arguments: [file, buffer, length] }) => {
  const name = `${gate} 0x${vector.toString(16)} ${NAMES[number] ?? 'others'}`;
  counts.set(name, (counts.get(name) ?? 0) + 1);
  if (NAMES[number] !== 'write' || length === 1) return; // the shell echoes each key
  // The buffer is in the program's memory, and the program's address space is the current one.
  const text = machine.memory.readString(virt(buffer), length);
  console.log(`write(${file}, ${JSON.stringify(text)})`);
});
machine.type('cat /etc/motd\n');
await machine.run({ until: 'pup# ' });
for (const [name, count] of [...counts].sort()) console.log(`${name}: ${count}`);
await machine.close();
