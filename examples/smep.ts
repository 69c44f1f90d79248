// Execute protection: the kernel must not run code of programs. It is what SMEP does, which this guest's CPU does not have. A driver
// with a hole jumps to an address that a program gave it.
import { bootGuest } from '../index.ts';

for (const guarded of [false, true]) {
  console.log(guarded ? '\nguarded:' : 'unguarded:');
  const machine = await bootGuest('pup');
  if (guarded)
    machine.smep(({ eip, cpl }) => {
      console.log(`CPL ${cpl} would execute the program's page 0x${(eip & ~0xfff).toString(16)}: denied`);
      return 'deny';
    });
  const start = machine.console.text.length;
  machine.type('ret2usr jump\n');
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
