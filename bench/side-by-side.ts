// What watching costs: two machines that do the same work line by line in turns, one of them watched. What else the host does falls on
// both alike, and of each line the fastest run counts, since noise only ever adds.
//
// Most of that noise is the engine's own. v86 goes on finding hot code for many rounds, the engine optimises each module of it on threads of its own, and
// for that it takes as long as the guest for a whole line. Which code gets hot when is a matter of a few instructions more or less between interrupts, so it
// differs between two machines whatever watches them. Hence rounds that only warm, until hardly a module is made any more, and each run waits for the
// engine's threads: what is compiled is paid for by the machine that it is compiled for.
import { median } from 'simple-statistics';
import type { Machine } from '../emulator/index.ts';
import { engineIsIdle } from './engine-idle.ts';

/** A machine that is ready for its first line. */
export interface Side {
  readonly machine: Machine;
  /** Types a line and waits until it is done. */
  command(line: string): Promise<unknown>;
}

/** A ratio of the host's CPU time, watched to unwatched. */
export interface Cost {
  /** Of the sums of each line's fastest runs. */
  readonly fastest: number;
  /** Median of the rounds' ratios. */
  readonly median: number;
  /** Instructions of one round, of the unwatched machine. */
  readonly instructions: number;
  /** Largest difference of the two machines' instructions for one line, as a share. */
  readonly difference: number;
  /** Rounds that were measured, and all that were run. */
  readonly rounds: number;
  readonly allRounds: number;
  /** Modules of compiled code that each machine made in the rounds that were measured, the unwatched one's first. */
  readonly modules: readonly [number, number];
}

/** How long is measured. */
export interface Rounds {
  readonly measured: number;
  /** Rounds before those, which only warm compiled code and the host's caches. */
  readonly warming: number;
}

/**
 * Share by which the instructions of two runs of one line may differ: a probe ends a block of compiled code, so interrupts may come earlier,
 * and a scheduler may choose differently. So times are compared per instruction.
 */
const SAME = 0.05;

interface Run {
  /** Of the host's CPU time, per instruction of the guest. */
  readonly microseconds: number;
  readonly instructions: number;
}

async function timed({ machine, command }: Side, line: string): Promise<Run> {
  const before = { cpu: process.cpuUsage(), instructions: machine.cpu.instructions };
  await command(line);
  await engineIsIdle();
  const { user, system } = process.cpuUsage(before.cpu);
  const instructions = machine.cpu.instructions - before.instructions;
  return { microseconds: (user + system) / instructions, instructions };
}

/**
 * Compares.
 * @throws Error when the two machines don't do the same work.
 */
export async function sideBySide(
  plain: Side,
  watched: Side,
  lines: readonly string[],
  { measured, warming }: Rounds,
  told: (message: string) => void = () => {},
): Promise<Cost> {
  const sides = [plain, watched];
  const fastest = lines.map(() => [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
  const weights = lines.map(() => 0);
  const ratios: number[] = [];
  const made: [number, number] = [0, 0];
  for (const side of [0, 1] as const) sides[side]!.machine.on('jit-install', () => void made[side]++);
  let [instructions, difference] = [0, 0];
  for (let round = 0; round < warming + measured; round++) {
    const warms = round < warming;
    if (round === warming) made.fill(0);
    const sums = [0, 0];
    instructions = 0;
    for (const [number, line] of lines.entries()) {
      const runs: Run[] = [];
      const order = (round + number) % 2 === 0 ? [0, 1] : [1, 0];
      for (const side of order) runs[side] = await timed(sides[side]!, line);
      const [one, other] = [runs[0]!, runs[1]!];
      const apart = Math.abs(other.instructions / one.instructions - 1);
      if (apart > SAME)
        throw new Error(`${line}: expected the same work, found ${one.instructions} and ${other.instructions}`);
      if (warms) continue;
      difference = Math.max(difference, apart);
      instructions += one.instructions;
      weights[number] = one.instructions;
      for (const side of [0, 1]) {
        sums[side]! += runs[side]!.microseconds * one.instructions;
        fastest[number]![side] = Math.min(fastest[number]![side]!, runs[side]!.microseconds);
      }
    }
    if (!warms) ratios.push(sums[1]! / sums[0]!);
    told(`round ${round + 1}${warms ? ', warming' : `: ${ratios.at(-1)!.toFixed(3)}`}; ${made.join(' and ')} modules`);
  }
  const sum = (side: number) => fastest.reduce((total, pair, number) => total + pair[side]! * weights[number]!, 0);
  return {
    ...{ fastest: sum(1) / sum(0), median: median(ratios), instructions, difference },
    ...{ rounds: measured, allRounds: warming + measured, modules: made },
  };
}
