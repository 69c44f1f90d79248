// Event `page-fault`: an access that the page tables don't allow. Most are ordinary: memory is given when it is first touched.
import { bootGuest } from '../index.ts';

const machine = await bootGuest('pup');
let ordinary = 0;
machine.on('page-fault', ({ address, write, user, present }) => {
  const near = address < 4096 ? 'the null page' : address >= 0xc0000000 ? 'the kernel' : 'the program';
  if (near === 'the program' && !present) ordinary++;
  else {
    const who = user ? 'a program' : 'the kernel';
    const why = present ? 'which its rights forbid' : 'where nothing is mapped';
    console.log(`${who} ${write ? 'writes' : 'reads'} in ${near}, ${why}`);
  }
});
for (const command of ['walker 50', 'crash null', 'crash kernel', 'crash code']) {
  const before = ordinary;
  machine.type(`${command}\n`);
  await machine.run({ until: 'pup# ' });
  console.log(`${command}: ${ordinary - before} first touches\n`);
}
await machine.close();
