import { virt } from '../../emulator/index.ts';
import { kernelsOwn } from './kernels-own.ts';
import { pattern } from './pattern.ts';

export default pattern({
  name: 'kernel-exits',
  parameter: 'kernelExits',
  words:
    'A kernel goes back to programs by a handful of instructions, IRET, SYSEXIT or RETF, at the end of its common ways out.',
  source: 'Intel SDM vol. 3, 5.8; the public half of Estrada et al. (VEE 2017), which logs EIP at each change of CPL',
  refutation: 'A return to CPL 3 by an instruction elsewhere',
  stage: 'switches',
  needs: [],
  infer({ machine, entries }, { kernelSplit }) {
    const own = kernelsOwn(machine, kernelSplit);
    const exits = [...entries.exits].filter(([at]) => own(at));
    if (exits.length === 0) return { reason: 'the kernel never went to CPL 3' };
    const total = exits.reduce((sum, [, { count }]) => sum + count, 0);
    return {
      value: exits.map(([at]) => virt(at)),
      confidence: total > 100 ? 0.9 : 0.6,
      evidence: exits.map(([at, { way, count }]) => ({ what: `returns by ${way}`, at: virt(at), count })),
    };
  },
});
