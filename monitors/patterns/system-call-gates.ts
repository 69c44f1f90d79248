import { virt } from '../../emulator/index.ts';
import { kernelsOwn } from './kernels-own.ts';
import { pattern } from './pattern.ts';

export default pattern({
  name: 'system-call-gates',
  parameter: 'systemCallGates',
  words:
    'Programs enter the kernel on purpose by an instruction made for it: INT n through a gate that admits them, SYSENTER, or a far call through a call gate. The CPU itself says where each leads.',
  source: 'Intel SDM vol. 2, INT n, SYSENTER; vol. 3, 5.8.4 call gates, 6.11 IDT descriptors',
  refutation: 'A program that enters on purpose by another way',
  stage: 'switches',
  needs: [],
  infer({ machine, entries }, { kernelSplit }) {
    const own = kernelsOwn(machine, kernelSplit);
    const gates = [...entries.gates.values()].filter(
      ({ kind, vector, entry }) => (kind !== 'int' || (vector !== 3 && vector !== 4)) && own(entry),
    );
    if (gates.length === 0)
      return {
        reason: entries.programs
          ? 'programs ran, but none called the kernel'
          : 'no program ran, so none called the kernel',
      };
    return {
      value: gates.map(({ kind, vector, selector, entry }) => ({
        kind,
        ...(kind === 'int' ? { vector } : {}),
        ...(kind === 'call-gate' ? { selector } : {}),
        entry: virt(entry),
      })),
      confidence: 1,
      evidence: gates.map(({ kind, vector, entry, count }) => ({
        what: `calls by ${kind === 'int' ? `int 0x${vector.toString(16)}` : kind}`,
        at: virt(entry),
        count,
      })),
    };
  },
});
