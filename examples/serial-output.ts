// Event `serial-output`: a byte leaves a serial port. Gives each line of the console its virtual time, as `dmesg` does.
import { loadGuest } from '../index.ts';

const machine = await loadGuest('pup', { commandLine: 'run=/etc/load.sh' });
let line = '';
machine.on('serial-output', ({ port, byte, time }) => {
  if (port !== 0) return; // COM1 is 0
  const character = String.fromCharCode(byte);
  if (character !== '\r' && character !== '\n') line += character;
  else if (character === '\n') {
    if (line.startsWith('+')) console.log(`[${time.toFixed(1).padStart(8)} ms] ${line}`);
    line = '';
  }
});
console.log(`the run ended: ${await machine.run()}`);
await machine.close();
