import type { Spell } from './observe/time.ts';
import { pattern } from './pattern.ts';

/** The longest time without a switch, the ends of the spell included. */
const longestGap = ({ from, to, switches }: Spell): number => {
  const times = [from, ...switches, to];
  return Math.max(...times.slice(1).map((time, index) => time - times[index]!));
};

const round = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

export default pattern({
  name: 'scheduling-gap',
  parameter: 'schedulingGap',
  words:
    'A healthy system switches threads again and again. The longest time between two switches that was seen is what a watch for hangs must allow.',
  source: 'Estrada et al. (VEE 2017): the largest gap between two entries of the scheduler is the parameter for hangs',
  refutation: 'A longer time without a switch in a system that still answers',
  stage: 'time',
  needs: ['contextSwitch'],
  infer({ time }) {
    if (!time) return { reason: 'the guest has no prompt at which it could be left alone, or kept busy' };
    const { idle, busy } = time;
    return {
      value: { busyMs: round(longestGap(busy)), idleMs: round(longestGap(idle)) },
      confidence: 0.7,
      evidence: [
        { what: `switches in ${Math.round(busy.to - busy.from)} virtual ms with work`, count: busy.switches.length },
        { what: `switches in ${Math.round(idle.to - idle.from)} virtual ms without`, count: idle.switches.length },
      ],
    };
  },
});
