// Event `msr-write`: WRMSR. A kernel that takes system calls by SYSENTER says here where they are to arrive.
import { loadGuest } from '../index.ts';

/** Model-specific registers (SDM vol. 4). */
const NAMES: Record<number, string> = { 372: 'SYSENTER_CS', 373: 'SYSENTER_ESP', 374: 'SYSENTER_EIP' };

const machine = await loadGuest('pup-sysenter');
const names = new Set<string>();
machine.on('msr-write', ({ msr }) => void names.add(NAMES[msr] ?? `MSR 0x${msr.toString(16)}`));
await machine.run({ until: 'pup# ' });
console.log(`written: ${[...names].join(', ')}`);

// The entry point is where any SYSENTER leads from now on.
const { sysenterCs, sysenterEip } = machine.cpu.msr;
let entries = 0;
machine.probe(sysenterEip, () => void entries++);
machine.type('echo hello\n');
await machine.run({ until: 'pup# ' });
console.log(`code segment 0x${sysenterCs.toString(16)}; \`echo hello\` came in ${entries} times`);
await machine.close();
