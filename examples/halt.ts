// Event `halt`: the CPU has nothing to do, and later it has. How much of a second a guest sleeps.
import { bootGuest } from '../index.ts';

const machine = await bootGuest('pup');
let asleep = 0;
let since = machine.cpu.time; // at its prompt the guest waits already
machine.on('halt', ({ halted, time }) => {
  if (halted) since = time;
  else asleep += time - since;
});
for (const command of ['sleep 100', 'spin 100']) {
  const [start, before] = [machine.cpu.time, asleep];
  machine.type(`${command}\n`);
  await machine.run({ until: 'pup# ' });
  const share = (asleep - before) / (machine.cpu.time - start);
  console.log(`${command}: ${(machine.cpu.time - start).toFixed(0)} virtual ms, asleep ${(100 * share).toFixed(0)} %`);
}
await machine.close();
