// Event `software-interrupt`: INT n, at any privilege level, admitted or not. What is not admitted is no system call.
import { bootGuest } from '../index.ts';

const machine = await bootGuest('pup-int2e'); // its system calls are INT 0x2E, as in Windows NT
const tried = new Map<number, number>();
const admitted = new Map<number, number>();
const count = (map: Map<number, number>, vector: number) => map.set(vector, (map.get(vector) ?? 0) + 1);
machine.on('software-interrupt', ({ vector }) => void count(tried, vector));
machine.on('syscall', ({ vector }) => void count(admitted, vector));
machine.type('crash gate\n'); // INT 0x21: that gate is for hardware
await machine.run({ until: 'pup# ' });
for (const [vector, times] of tried)
  console.log(`INT 0x${vector.toString(16)}: tried ${times}, admitted ${admitted.get(vector) ?? 0}`);
await machine.close();
