// Event `jit-install`: v86 has compiled hot guest code. Suppressed, the guest goes on in the interpreter: same result, more time.
import { bootGuest } from '../index.ts';

for (const compile of [true, false]) {
  const machine = await bootGuest('pup');
  let modules = 0;
  machine.on('jit-install', () => {
    modules++;
    if (!compile) return 'suppress';
  });
  const start = machine.console.text.length;
  machine.type('sieve 200000\n');
  await machine.run({ until: 'pup# ' });
  console.log(machine.console.text.slice(start).split('\r\n')[1]);
  const some = modules > 0 ? 'some modules' : 'nothing'; // how many depends on what v86 finds hot
  console.log(`${some} compiled, and ${compile ? 'installed' : 'refused'}`);
  await machine.close();
}
