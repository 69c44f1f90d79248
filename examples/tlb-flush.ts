// Event `tlb-flush`: translations are forgotten, here at each switch of address spaces. Global pages outlive it: the kernel that has
// them walks less to its own pages.
import { bootGuest } from '../index.ts';

for (const name of ['pup', 'pup-sysenter']) {
  const machine = await bootGuest(name);
  const flushes = { all: 0, 'non-global': 0, page: 0 };
  let walks = 0;
  machine.on('tlb-flush', ({ scope }) => void flushes[scope]++);
  machine.on('tlb-fill', ({ user }) => {
    if (!user) walks++;
  });
  machine.type('pingpong 100\n');
  await machine.run({ until: 'pup# ' });
  const globals = machine.cpu.cr4 & 0x80 ? 'with' : 'without'; // CR4.PGE
  console.log(`${name}, ${globals} global pages:`, flushes, `${walks} walks to the kernel's pages`);
  await machine.close();
}
