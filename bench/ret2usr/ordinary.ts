// Ordinary load under the return-to-user detector: how often it reports, and what it costs.
import { median } from 'simple-statistics';
import { Machine, x86 } from '../../emulator/index.ts';
import { loadAssets } from '../../emulator/node/assets.ts';
import { Ret2UserDetector, violationText } from '../../monitors/ret2usr/index.ts';
import { truthOf } from '../tracer/guests.ts';
import { atPrompt } from './guests.ts';

const HOUR = 3_600_000;
/** Share by which the instructions of two runs of the same work may differ. */
const SAME = 1e-3;

/** What came of ordinary load. */
export interface OrdinaryLoad {
  readonly hours: number;
  readonly rounds: number;
  readonly userPages: number;
  readonly reports: readonly string[];
}

/** Has a guest work, with rests between, for virtual hours in which it rests as much as it works. */
export async function ordinaryLoad(name: string, hours: number, jit: boolean): Promise<OrdinaryLoad> {
  const guest = truthOf(name);
  const machine = await restored(await snapshotOf(name), jit);
  const parameters = await guest.parameters(machine, name);
  await guest.quiet(machine);
  const reports: string[] = [];
  const decoder = await x86.loadDecoder();
  const detector = new Ret2UserDetector(machine, decoder, parameters, 'block', (one) =>
    reports.push(violationText(one)),
  );
  const start = machine.cpu.time;
  const spent = () => machine.cpu.time - start;
  let rounds = 0;
  const lines = [...guest.workload, ...guest.measured];
  while (spent() < hours * HOUR) {
    const before = machine.cpu.time;
    for (const line of lines) {
      if (spent() >= hours * HOUR) break;
      await guest.command(machine, line);
    }
    await machine.run({ for: Math.max(0, Math.min(machine.cpu.time - before, hours * HOUR - spent())) });
    rounds++;
  }
  const result = { hours: spent() / HOUR, rounds, userPages: detector.pages, reports };
  detector[Symbol.dispose]();
  await machine.close();
  return result;
}

/** A ratio of host time with the detector and without. */
export interface Overhead {
  /** Median of the rounds' ratios, and that of the fastest runs. */
  readonly ratio: number;
  readonly fastest: number;
  readonly instructions: number;
  readonly userPages: number;
}

/** Types the same lines from one snapshot with the detector and without, in turns. */
export async function overhead(name: string, rounds: number, jit: boolean): Promise<Overhead> {
  const guest = truthOf(name);
  const snapshot = await snapshotOf(name);
  const decoder = await x86.loadDecoder();
  const run = async (watched: boolean) => {
    const machine = await restored(snapshot, jit);
    const parameters = await guest.parameters(machine, name);
    await guest.quiet(machine);
    const detector = watched
      ? new Ret2UserDetector(machine, decoder, parameters, 'block', (one) => {
          throw new Error(`expected no violation, found ${violationText(one)}`);
        })
      : undefined;
    // Compiled code and caches of the host are warm before it counts.
    for (const line of guest.measured) await guest.command(machine, line);
    const before = { cpu: process.cpuUsage(), instructions: machine.cpu.instructions };
    for (const line of guest.measured) await guest.command(machine, line);
    const { user, system } = process.cpuUsage(before.cpu);
    const instructions = machine.cpu.instructions - before.instructions;
    const userPages = detector?.pages ?? 0;
    detector?.[Symbol.dispose]();
    await machine.close();
    return { instructions, userPages, each: (user + system) / instructions };
  };
  const ratios: number[] = [];
  const fastest = { plain: Number.POSITIVE_INFINITY, watched: Number.POSITIVE_INFINITY };
  let last = await run(false);
  for (let round = 0; round < rounds; round++) {
    const first = round % 2 === 1;
    const one = await run(first);
    const other = await run(!first);
    const [plain, watched] = first ? [other, one] : [one, other];
    if (Math.abs(watched.instructions / plain.instructions - 1) > SAME)
      throw new Error(`${name}: expected the same work, found ${plain.instructions} and ${watched.instructions}`);
    ratios.push(watched.each / plain.each);
    fastest.plain = Math.min(fastest.plain, plain.each);
    fastest.watched = Math.min(fastest.watched, watched.each);
    last = watched;
  }
  const { instructions, userPages } = last;
  return { ratio: median(ratios), fastest: fastest.watched / fastest.plain, instructions, userPages };
}

const restored = async (snapshot: Uint8Array, jit: boolean): Promise<Machine> =>
  Machine.restore(snapshot, await loadAssets(), { jit });

async function snapshotOf(name: string): Promise<Uint8Array> {
  const machine = await atPrompt(name);
  const snapshot = await machine.save();
  await machine.close();
  return snapshot;
}
