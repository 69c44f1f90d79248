// Guest memory: a page walk level by level, everything that an address space maps, and an address behind which there is nothing.
import { bootGuest, virt } from '../index.ts';

/** Where pup's programs are loaded. */
const PROGRAM = virt(0x400000);

for (const name of ['pup', 'pup-pae']) {
  const machine = await bootGuest(name);
  const { memory } = machine;
  machine.on('syscall', () => 'stop'); // so that a program's address space is the current one
  machine.type('ls\n');
  await machine.run();

  const walk = memory.walk(PROGRAM); // with a CR3 as second argument: in that address space
  const levels = walk.levels.map((level) => level.name);
  console.log(`${name}, ${walk.mode} paging: ${[...levels, walk.kind].join(' -> ')}`);
  if (walk.kind === 'page') console.log(`the program's code is ${walk.rights.writable ? 'writable' : 'read-only'}`);

  let [user, kernel] = [0, 0];
  for (const { bytes, rights } of memory.mappings()) {
    if (rights.user) user += bytes;
    else kernel += bytes;
  }
  console.log(`mapped: ${user >> 10} KiB for the program, ${kernel >> 20} MiB for the kernel`);

  // What is not mapped reads as a miss that says why, never as zeros.
  const nothing = memory.read(virt(0), 4);
  if (!(nothing instanceof Uint8Array)) console.log(`address 0: ${nothing.reason}, says the ${nothing.level}`);
  await machine.close();
}
