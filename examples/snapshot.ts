// Snapshots: save a machine, restore it, and both go on alike, with what a listener had counted.
import { bootGuest, type Machine, restoreMachine } from '../index.ts';

/** Counts system calls. Its state belongs to the machine's. */
function countSyscalls(machine: Machine) {
  let count = 0;
  machine.on('syscall', () => void count++);
  machine.keep('syscalls', {
    save: () => count,
    restore(saved) {
      count = Number(saved);
    },
  });
  return () => count;
}

async function goOn(name: string, machine: Machine, count: () => number) {
  machine.type('pingpong 100\n');
  await machine.run({ until: 'pup# ' });
  const { instructions, time } = machine.cpu;
  console.log(`${name}: ${count()} system calls since power-on`);
  await machine.close();
  return { instructions, time, count: count(), text: machine.console.text };
}

const machine = await bootGuest('pup');
const count = countSyscalls(machine);
machine.type('forkstorm 10\n');
await machine.run({ until: 'pup# ' });
const snapshot = await machine.save(); // or saveMachine(machine, path)
console.log(`saved after ${count()} system calls`);

const twin = await restoreMachine(snapshot);
const a = await goOn('the machine', machine, count);
const b = await goOn('its twin', twin, countSyscalls(twin));
console.log(`same to the instruction: ${JSON.stringify(a) === JSON.stringify(b)}`);
