// Page protection: a write to the kernel's table of gates is denied before it happens. The exploit fills a free gate with the
// address of its own code, which would then run with the kernel's privilege.
import { bootGuest, frameOf } from '../index.ts';

for (const guarded of [false, true]) {
  console.log(guarded ? '\nguarded:' : 'unguarded:');
  const machine = await bootGuest('pup');
  const { idtrBase, idtrLimit } = machine.cpu;
  const table = machine.memory.translate(idtrBase);
  if (table === undefined) throw new Error('the IDT is not mapped');
  if (guarded)
    machine.protect(frameOf(table), { write: true }, ({ physical, size, cpl }) => {
      const offset = physical - table;
      if (offset < 0 || offset > idtrLimit) return; // a neighbour in the same page: allowed
      console.log(`CPL ${cpl} writes ${size} bytes of gate 0x${(offset >> 3).toString(16)}: denied`);
      return 'deny'; // the guest sees a page fault
    });
  const start = machine.console.text.length;
  machine.type('ret2usr idt\n');
  await machine.run({ until: 'pup# ' });
  const said = machine.console.text.slice(start).split('\r\n');
  console.log(
    said
      .filter((line) => /stage=|killed/.test(line))
      .map((line) => line.replace(/ at .*/, ''))
      .join('\n'),
  );
  await machine.close();
}
