// Event `tlb-fill`: a page walk has succeeded. Each page that a program uses is walked to again after each switch of address spaces.
import { bootGuest } from '../index.ts';

const machine = await bootGuest('pup');
let [fills, writable] = [0, 0];
let frames = new Set<number>();
const walked = machine.on('tlb-fill', (event) => {
  if (!event.user) return;
  fills++;
  if (event.writable) writable++;
  frames.add(event.frame);
});
for (const pages of [10, 100, 200]) {
  [fills, writable, frames] = [0, 0, new Set()];
  machine.type(`walker ${pages}\n`);
  await machine.run({ until: 'pup# ' });
  console.log(
    `walker ${pages}: ${fills} walks to ${frames.size} frames of programs, ${writable} gave the right to write`,
  );
}
walked[Symbol.dispose](); // from here on the hook costs nothing
await machine.close();
