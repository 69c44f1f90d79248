// Scheduled input: a whole session written down beforehand. Each input waits for what the guest shows, or for virtual time to pass.
import { loadGuest } from '../index.ts';

const prompt = { when: 'pup# ' };
const [L, S, ENTER] = [0x26, 0x1f, 0x1c]; // scancodes, set 1
const press = (key: number) => [key, key | 0x80]; // and release

const machine = await loadGuest('pup');
machine.schedule(
  { on: prompt, give: { serial: 'echo typed at the serial line\n' } },
  { on: prompt, give: { scancodes: [L, S, ENTER].flatMap(press) } },
  { on: prompt, give: { serial: 'sleep 1000 &\n' } },
  { on: { after: 500 }, give: { serial: 'halt\n' } }, // virtual milliseconds
);
console.log(await machine.run()); // without limits: until the guest is done
console.log(machine.console.text.replaceAll('\r', ''));
console.log(`${machine.cpu.time.toFixed(0)} virtual ms`);
await machine.close();
