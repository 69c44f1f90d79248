// Single-step: follows one system call through the kernel, instruction by instruction, from its gate to its return.
import { bootGuest } from '../index.ts';

const machine = await bootGuest('pup');
const waiting = machine.on('syscall', ({ number }) => {
  if (number === 6) return 'stop'; // getpid: the machine stops behind this instruction
});
machine.type('ls /\n');
console.log(await machine.run());
waiting[Symbol.dispose]();

const { cpu } = machine;
const pages = new Set<number>();
let instructions = 0;
const depth = { start: cpu.esp, most: 0 };
machine.step(10_000, () => {
  instructions++;
  if (cpu.cpl === 3) return false; // back in the program: no more steps
  pages.add(cpu.eip >>> 12);
  depth.most = Math.max(depth.most, depth.start - cpu.esp);
});
console.log(`CPL ${cpu.cpl} again after ${instructions} instructions on ${pages.size} pages of code`);
console.log(`the kernel's stack grew by ${depth.most} bytes; the result is ${cpu.eax}`);
await machine.close();
