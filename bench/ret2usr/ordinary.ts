// Ordinary load under the return-to-user detector: how often it reports, and what it costs.
import { Machine, x86 } from '../../emulator/index.ts';
import { loadAssets } from '../../emulator/node/assets.ts';
import { findGuest, prepareGuest } from '../../guests/index.ts';
import { Ret2UserDetector, violationText } from '../../monitors/ret2usr/index.ts';
import { type Cost, crossover, type Rounds } from '../crossover.ts';
import { inferredParameters } from '../inferred.ts';
import { truthOf } from '../tracer/guests.ts';
import { atPrompt } from './guests.ts';

const HOUR = 3_600_000;

/** How a guest spends its virtual time. */
export interface LoadOptions {
  readonly hours: number;
  /** Those of them in which it works. */
  readonly loadedHours: number;
  /** Instructions in a virtual microsecond. */
  readonly mips: number;
}

/** What came of ordinary load. */
export interface OrdinaryLoad {
  readonly hours: number;
  readonly loadedHours: number;
  readonly instructions: number;
  readonly lines: number;
  readonly userPages: number;
  readonly reports: readonly string[];
}

/**
 * Has a guest work, with rests between.
 * @param nameOrPath what is known of a guest that has a file is inferred.
 */
export async function ordinaryLoad(
  nameOrPath: string,
  { hours, loadedHours, mips }: LoadOptions,
  progress: (hours: number) => void,
): Promise<OrdinaryLoad> {
  const found = await findGuest(nameOrPath);
  const guest = truthOf(found.guest.name);
  const machine = await restored(await snapshotOf(nameOrPath, mips), true);
  const parameters =
    found.folder === undefined
      ? await guest.parameters(machine, nameOrPath)
      : await inferredParameters(await prepareGuest(found), machine);
  await guest.quiet(machine);
  const reports: string[] = [];
  const decoder = await x86.loadDecoder();
  using detector = new Ret2UserDetector(machine, decoder, parameters, 'block', (one) =>
    reports.push(violationText(one)),
  );
  const start = { time: machine.cpu.time, instructions: machine.cpu.instructions };
  const spent = () => machine.cpu.time - start.time;
  const work = [...guest.workload, ...guest.measured];
  let [worked, lines] = [0, 0];
  while (worked < loadedHours * HOUR) {
    const before = spent();
    await guest.command(machine, work[lines++ % work.length]!);
    const took = spent() - before;
    worked += took;
    await machine.run({ for: (took * (hours - loadedHours)) / loadedHours });
    progress(spent() / HOUR);
  }
  await machine.run({ for: Math.max(0, hours * HOUR - spent()) });
  const instructions = machine.cpu.instructions - start.instructions;
  await machine.close();
  return { hours: spent() / HOUR, loadedHours: worked / HOUR, instructions, lines, userPages: detector.pages, reports };
}

/** What watching costs, and the pages of the user's that were heard of in a round. */
export interface DetectorCost extends Cost {
  readonly userPages: number;
}

/** Types the same lines to two machines from one snapshot, one of them watched. @throws Error for a report */
export async function detectorCost(
  name: string,
  rounds: Rounds,
  told: (message: string) => void,
): Promise<DetectorCost> {
  const guest = truthOf(name);
  const snapshot = await snapshotOf(name);
  const decoder = await x86.loadDecoder();
  const side = async () => {
    const machine = await restored(snapshot, true);
    const parameters = await guest.parameters(machine, name);
    await guest.quiet(machine);
    return { machine, parameters, command: (line: string) => guest.command(machine, line) };
  };
  const sides = [await side(), await side()] as const;
  let pages = 0;
  const watch = (machine: Machine): Disposable => {
    const { parameters } = sides.find((one) => one.machine === machine)!;
    const detector = new Ret2UserDetector(machine, decoder, parameters, 'block', (violation) => {
      throw new Error(`expected no violation, found ${violationText(violation)}`);
    });
    return {
      [Symbol.dispose]() {
        pages += detector.pages;
        detector[Symbol.dispose]();
      },
    };
  };
  const cost = await crossover(sides, watch, guest.measured, { ...rounds, told, prepare: dropCompiledCode });
  for (const { machine } of sides) await machine.close();
  return { ...cost, userPages: Math.round(pages / cost.allRounds) };
}

/** The detector has compiled code dropped when it begins: the machine without it is to have no older code, which more rounds have made better. */
const dropCompiledCode = (machine: Machine): void => machine.smep(() => undefined)[Symbol.dispose]();

const restored = async (snapshot: Uint8Array, jit: boolean): Promise<Machine> =>
  Machine.restore(snapshot, await loadAssets(), { jit });

async function snapshotOf(name: string, mips?: number): Promise<Uint8Array> {
  const machine = await atPrompt(name, mips);
  const snapshot = await machine.save();
  await machine.close();
  return snapshot;
}
