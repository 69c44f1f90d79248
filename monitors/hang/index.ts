// The OS hang detector as a monitor: see README.md.
import type { Machine } from '../../emulator/index.ts';
import type { Monitor, MonitorContext, MonitorHandle } from '../monitor.ts';
import type { ParameterName } from '../parameters.ts';
import { type Hang, HangDetector, type HangListeners } from './detector.ts';
import { type HangLimits, limitsOfProfile, NO_LIMITS } from './limits.ts';
import { HangTraining } from './training.ts';

export { type Hang, HangDetector, type HangKind, type HangListeners } from './detector.ts';
export { type HangLimits, limitsOfProfile, type Stretches } from './limits.ts';
export { HangTraining } from './training.ts';

const OPTIONAL = [
  'contextSwitch',
  'current',
  'kernelText',
  'schedulingGap',
  'thread',
  'processId',
  'name',
] as const satisfies readonly ParameterName[];

const whose = ({ name, pid }: Hang): string => (pid === undefined ? '' : `, ${name ?? '?'} ${pid}`);

const described = (hang: Hang): string =>
  `${hang.time.toFixed(1)} ${hang.kind} hang: ${hang.why}${whose(hang)}; no sign of life for ${(hang.time - hang.since).toFixed(1)} ms, the limit is ${hang.limit.toFixed(1)} ms${hang.interrupts === undefined ? '' : `; ${hang.interrupts} interrupts meanwhile`}`;

/** Milliseconds of the option `train`, which is in seconds. @throws Error */
function trainingTime({ options }: MonitorContext): number {
  const { train = '0' } = options;
  const seconds = Number(train);
  if (!(seconds >= 0)) throw new Error(`hang.train: expected virtual seconds to learn for, found ${train}`);
  return seconds * 1000;
}

/** Learns for a while, then watches with what was learnt. */
class Watch implements MonitorHandle {
  readonly #machine: Machine;
  readonly #context: MonitorContext;
  #training: HangTraining | undefined;
  #detector: HangDetector | undefined;
  #limits: HangLimits = NO_LIMITS;

  constructor(machine: Machine, context: MonitorContext) {
    this.#machine = machine;
    this.#context = context;
    const until = machine.cpu.time + trainingTime(context);
    if (until === machine.cpu.time) {
      this.#detect(limitsOfProfile(context.parameters) ?? NO_LIMITS);
      return;
    }
    this.#training = new HangTraining(machine, context.parameters);
    const timer = machine.afterSlice(() => {
      if (machine.cpu.time < until) return;
      timer[Symbol.dispose]();
      this.#detect(this.#training!.limits());
      this.#training?.[Symbol.dispose]();
      this.#training = undefined;
    });
  }

  summary() {
    const detector = this.#detector;
    return {
      state: detector ? 'watched' : 'still learning',
      limits: this.#limits.longest,
      places: Object.keys(this.#limits.waits).length,
      hangs: detector?.hangs ?? [],
      recovered: detector?.recovered.length ?? 0,
    };
  }

  text(): string {
    const detector = this.#detector;
    if (!detector) return 'was still learning: give more time, or fewer seconds with hang.train';
    if (Object.values(this.#limits.longest).every((limit) => limit === 0))
      return 'knows no limit: give a profile that has schedulingGap, or let it learn with --monitor-option hang.train=SECONDS';
    if (detector.hangs.length === 0) return `no hang in ${detector.looks} looks`;
    return detector.hangs.map(described).join('\n');
  }

  events(): number {
    return this.#detector?.looks ?? 0;
  }

  [Symbol.dispose](): void {
    this.#training?.[Symbol.dispose]();
    this.#detector?.[Symbol.dispose]();
  }

  #detect(limits: HangLimits): void {
    const { tell, parameters } = this.#context;
    const listeners: HangListeners = {
      hung: (hang) => tell({ event: 'hang', ...hang }, described(hang)),
      recovered: (hang, time) =>
        tell({ event: 'recovered', time, since: hang.time }, `${time.toFixed(1)} a sign of life: it was no hang`),
      halted: (time) => tell({ event: 'halted', time }, `${time.toFixed(1)} the CPU halted with interrupts off`),
    };
    this.#limits = limits;
    this.#detector = new HangDetector(this.#machine, parameters, limits, listeners);
  }
}

const monitor: Monitor = {
  name: 'hang',
  needs: { required: [], optional: OPTIONAL },
  attach: (machine, context) => new Watch(machine, context),
};

export default monitor;
