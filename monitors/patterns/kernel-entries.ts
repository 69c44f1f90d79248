import { virt } from '../../emulator/index.ts';
import { interruptGate } from '../profile/anchor.ts';
import { kernelsOwn } from './kernels-own.ts';
import { pattern } from './pattern.ts';

export default pattern({
  name: 'kernel-entries',
  parameter: 'kernelEntries',
  words:
    'From CPL 3 the CPU enters the kernel only where the kernel has told it to: at the gates of the IDT, at SYSENTER_EIP, and at call gates. Once the system runs these stay.',
  source:
    'Intel SDM vol. 3, 5.8, 6.10; the public half of Estrada et al. (VEE 2017), which logs EIP at each change of CPL',
  refutation: 'An entry from CPL 3 at another address',
  stage: 'switches',
  needs: [],
  infer({ machine, entries }, { kernelSplit }) {
    if (!entries.programs) return { reason: 'nothing ran at CPL 3: nothing was entered from there' };
    const addresses = new Map<number, number>();
    const LAST_VECTOR = 255;
    for (let vector = 0; vector <= LAST_VECTOR; vector++) {
      const gate = interruptGate(machine, vector);
      if (gate)
        addresses.set(gate.offset >>> 0, (addresses.get(gate.offset >>> 0) ?? 0) + (entries.vectors.get(vector) ?? 0));
    }
    for (const { kind, entry, count } of entries.gates.values()) if (kind !== 'int') addresses.set(entry, count);
    const { sysenterEip, sysenterCs } = machine.cpu.msr;
    if (sysenterCs !== 0 && !addresses.has(sysenterEip)) addresses.set(sysenterEip, 0);
    const own = kernelsOwn(machine, kernelSplit);
    for (const at of addresses.keys()) if (!own(at)) addresses.delete(at);
    const used = [...addresses].filter(([, count]) => count > 0);
    if (used.length === 0) return { reason: 'programs ran, but none was seen to enter the kernel' };
    return {
      value: [...addresses.keys()].sort((a, b) => a - b).map(virt),
      confidence: 0.95,
      evidence: used.map(([at, count]) => ({ what: 'entries from CPL 3', at: virt(at), count })),
    };
  },
});
