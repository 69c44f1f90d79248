// Event `task-register`: TR names another TSS. A kernel that lets the CPU switch tasks shows each switch here.
import { loadGuest } from '../index.ts';

for (const name of ['pup', 'pup-tss']) {
  const machine = await loadGuest(name);
  const counts = { ltr: 0, 'task-switch': 0 };
  const tasks = new Set<number>();
  machine.on('task-register', ({ base, cause }) => {
    counts[cause]++;
    tasks.add(base);
  });
  await machine.run({ until: 'pup# ' });
  machine.type('pingpong 100\n');
  await machine.run({ until: 'pup# ' });
  console.log(`${name}: LTR ${counts.ltr}, task switches ${counts['task-switch']}, different TSSs ${tasks.size}`);
  await machine.close();
}
