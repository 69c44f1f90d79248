// Runs two machines that do the same work line by line in turns, each of them watched in one of two periods, and times them.
//
// Rounds that only warm come first in each period: v86 goes on finding hot code for many rounds, and until the engine has optimised a module, its code is
// several times slower. Which code gets hot when is a matter of a few instructions more or less between interrupts, so it differs between two machines
// whatever watches them. Each run waits for the engine's threads, which would slow the next.
import type { Machine } from '../emulator/index.ts';
import { engineIsIdle } from './engine-idle.ts';
import { type LineTimes, type Overhead, overheadOf } from './overhead.ts';
import { threadTime } from './thread-time.ts';

/** A machine that is ready for its first line. */
export interface Side {
  readonly machine: Machine;
  /** Types a line and waits until it is done. */
  command(line: string): Promise<unknown>;
}

/** What watching costs, and what that was found from. */
export interface Cost extends Overhead {
  /** Instructions of one round, unwatched. */
  readonly instructions: number;
  /** Largest difference of the two machines' instructions for one line, as a share. */
  readonly difference: number;
  /** Rounds that both periods had, and those of them that were measured. */
  readonly allRounds: number;
  readonly rounds: number;
  /** Modules of compiled code that were made in the rounds that were measured, unwatched and watched. */
  readonly modules: readonly [number, number];
}

/** How long is measured in each period. */
export interface Rounds {
  readonly measured: number;
  /** Rounds before those, which only warm compiled code and the host's caches. */
  readonly warming: number;
}

/** How to compare. */
export interface CrossoverOptions extends Rounds {
  /** What is done to both machines when a period begins, so that they begin it alike. */
  readonly prepare?: (machine: Machine) => void;
  /** Told of each round. */
  readonly told?: (message: string) => void;
}

/**
 * Share by which the instructions of two runs of one line may differ: a probe ends a block of compiled code, so interrupts may come earlier,
 * and a scheduler may choose differently. So times are compared per instruction.
 */
const SAME = 0.05;

interface Run {
  /** Microseconds of the host's CPU per instruction of the guest. */
  readonly time: number;
  readonly instructions: number;
}

async function timed({ machine, command }: Side, line: string): Promise<Run> {
  const before = { time: threadTime(), instructions: machine.cpu.instructions };
  await command(line);
  const time = threadTime() - before.time;
  await engineIsIdle();
  const instructions = machine.cpu.instructions - before.instructions;
  return { time: time / instructions, instructions };
}

/** What one period gave. */
interface Period {
  readonly times: LineTimes[];
  readonly instructions: number;
  readonly difference: number;
  readonly modules: readonly [number, number];
}

/** @param sides the unwatched one, the watched one */
async function measurePeriod(
  sides: readonly [Side, Side],
  lines: readonly string[],
  { measured, warming }: Rounds,
  told: (message: string) => void,
): Promise<Period> {
  const modules: [number, number] = [0, 0];
  const counts = ([0, 1] as const).map((which) => sides[which].machine.on('jit-install', () => void modules[which]++));
  const times = lines.map(() => ({ plain: [] as number[], watched: [] as number[], weight: 0 }));
  let difference = 0;
  for (let round = 0; round < warming + measured; round++) {
    if (round === warming) modules.fill(0);
    for (const [number, line] of lines.entries()) {
      const runs: Run[] = [];
      for (const which of (round + number) % 2 === 0 ? [0, 1] : [1, 0]) runs[which] = await timed(sides[which]!, line);
      const [plain, watched] = [runs[0]!, runs[1]!];
      const apart = Math.abs(watched.instructions / plain.instructions - 1);
      if (apart > SAME)
        throw new Error(`${line}: expected the same work, found ${plain.instructions} and ${watched.instructions}`);
      if (round < warming) continue;
      difference = Math.max(difference, apart);
      const of = times[number]!;
      of.plain.push(plain.time);
      of.watched.push(watched.time);
      of.weight = plain.instructions;
    }
    told(`round ${round + 1}${round < warming ? ', warming' : ''}; ${modules.join(' and ')} modules`);
  }
  for (const one of counts) one[Symbol.dispose]();
  return { times, instructions: times.reduce((sum, { weight }) => sum + weight, 0), difference, modules };
}

/**
 * Compares.
 * @param watch begins to watch a machine, and returns what ends it
 * @throws Error when the two machines don't do the same work.
 */
export async function crossover(
  [first, second]: readonly [Side, Side],
  watch: (machine: Machine) => Disposable,
  lines: readonly string[],
  options: CrossoverOptions,
): Promise<Cost> {
  const { measured, warming, prepare, told } = options;
  const periods: Period[] = [];
  for (const [plain, watched] of [
    [first, second],
    [second, first],
  ] as const) {
    for (const { machine } of [plain, watched]) prepare?.(machine);
    using _ = watch(watched.machine);
    const number = periods.length + 1;
    periods.push(
      await measurePeriod([plain, watched], lines, options, (message) => told?.(`period ${number} of 2, ${message}`)),
    );
  }
  const both = (which: 0 | 1) => periods.reduce((sum, { modules }) => sum + modules[which], 0);
  return {
    ...overheadOf(periods.map(({ times }) => times)),
    instructions: periods[0]!.instructions,
    difference: Math.max(...periods.map((one) => one.difference)),
    rounds: 2 * measured,
    allRounds: 2 * (warming + measured),
    modules: [both(0), both(1)],
  };
}

/** A cost in one line. */
export const costText = ({ typical, fastest, periods, modules, rounds, instructions }: Cost): string =>
  `CPU time ${typical.toFixed(3)} (median runs; ${periods.map((one) => one.toFixed(3)).join(' and ')} in the two periods), ${fastest.toFixed(3)} (fastest runs), ` +
  `over ${rounds} rounds of ${instructions} instructions; ${modules.join(' and ')} modules compiled meanwhile, unwatched and watched`;
