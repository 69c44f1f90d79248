// Event `exception`: an instruction could not be executed. Programs with bugs, and what the CPU says about each.
import { bootGuest } from '../index.ts';

/** Names of exceptions (SDM vol. 3, table 6-1). */
const NAMES: Record<number, string> = {
  0: '#DE divide',
  6: '#UD invalid opcode',
  13: '#GP protection',
  14: '#PF page fault',
};

const machine = await bootGuest('pup');
let bug = '';
machine.on('exception', ({ vector, errorCode, cpl }) => {
  if (vector === 14) return; // see page-fault.ts
  const code = errorCode === undefined ? 'without an error code' : `error code 0x${errorCode.toString(16)}`;
  console.log(`${bug}: ${NAMES[vector] ?? vector} at CPL ${cpl}, ${code}`);
});
for (bug of ['divide', 'opcode', 'privileged', 'port', 'gate', 'segment']) {
  machine.type(`crash ${bug}\n`);
  await machine.run({ until: 'pup# ' });
}
await machine.close();
