// Event `interrupt`: a device wants the CPU. Counts the interrupts of timer, keyboard and serial port in one virtual second.
import { bootGuest } from '../index.ts';

/** pup's interrupt controller delivers IRQ n as vector 32 + n. */
const DEVICES: Record<number, string> = { 32: 'timer', 33: 'keyboard', 36: 'serial port' };

const machine = await bootGuest('pup');
const counts = new Map<string, number>();
machine.on('interrupt', ({ vector }) => {
  const device = DEVICES[vector] ?? `vector ${vector}`;
  counts.set(device, (counts.get(device) ?? 0) + 1);
});
const enter = [0x1c, 0x9c]; // pressed, released
machine.schedule({ give: { scancodes: enter } }, { on: { after: 200 }, give: { serial: 'sleep 10\n' } });
await machine.run({ for: 1000 });
console.log(`in a virtual second: ${JSON.stringify(Object.fromEntries(counts))}`);
await machine.close();
