// When threads are switched, while the machine has work and while it has none.
import type { Machine } from '../../../emulator/index.ts';
import { converse, LOAD } from './stimulus.ts';
import { type SwitchPoint, ThreadWatch } from './threads.ts';

/** Virtual times in milliseconds. */
export interface Spell {
  readonly from: number;
  readonly to: number;
  /** Of switches. */
  readonly switches: readonly number[];
  /** By vector, of interrupts. */
  readonly interrupts: ReadonlyMap<number, readonly number[]>;
}

export interface TimeLog {
  readonly idle: Spell;
  readonly busy: Spell;
}

/** Virtual milliseconds without anything to do. */
const IDLE_TIME = 6000;

async function spell(machine: Machine, point: SwitchPoint, run: () => Promise<void>): Promise<Spell> {
  const interrupts = new Map<number, number[]>();
  using watch = new ThreadWatch(machine, point, [], { numberRegister: 0, split: 0, sampling: false });
  using _interrupts = machine.on('interrupt', ({ vector, time }) => {
    const times = interrupts.get(vector);
    if (times) times.push(time);
    else interrupts.set(vector, [time]);
  });
  const from = machine.cpu.time;
  await run();
  return { from, to: machine.cpu.time, switches: watch.log.switches.map(({ time }) => time), interrupts };
}

/** Watches an idle machine, then one that is kept busy by commands. */
export async function watchTime(machine: Machine, prompt: string, point: SwitchPoint): Promise<TimeLog> {
  const idle = await spell(machine, point, async () => void (await machine.run({ for: IDLE_TIME })));
  const busy = await spell(machine, point, () => converse(machine, prompt, LOAD));
  return { idle, busy };
}
