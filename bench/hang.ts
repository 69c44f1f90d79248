// How many hangs the detector finds, how soon, and how often it is wrong. Usage: npm run bench:hang [-- --guest NAME] [--runs N] [--seed N]
// [--hours N] [--loaded-hours N] [--output FILE] [--truth] [--no-jit] [--json]. A guest is one of the catalogue or a file that describes one.
// What is known of the kernel is inferred; with --truth it is asked of the guest's symbols. Each guest is watched while it is healthy; then
// faults are placed in its kernel, one a run, and what the detector says is compared with whether the guest still answers at its console.
// With --output each run is appended to a file as it ends, and the next time is not done again.
import { appendFile, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { quantile } from 'simple-statistics';
import { Progress } from '../cli/progress.ts';
import { startGuest } from '../cli/start-guest.ts';
import { Machine } from '../emulator/index.ts';
import { loadAssets } from '../emulator/node/assets.ts';
import { findGuest, prepareGuest } from '../guests/index.ts';
import {
  type Campaign,
  type FaultRun,
  type HealthyHours,
  healthyHours,
  learn,
  MIPS,
  runWithFault,
  targetsOf,
} from './hang/campaign.ts';
import { FAULTS } from './hang/faults.ts';
import { shellGuest } from './hang/guests.ts';
import type { Targets } from './hang/targets.ts';
import { inferredParameters } from './inferred.ts';
import { truthOf } from './tracer/guests.ts';

const progress = new Progress(process.stderr);

const { values } = parseArgs({
  options: {
    guest: { type: 'string', multiple: true, default: ['pup', 'debian-6.1'] },
    runs: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    hours: { type: 'string', default: '4' },
    'loaded-hours': { type: 'string', default: '2' },
    output: { type: 'string' },
    truth: { type: 'boolean', default: false },
    jit: { type: 'boolean', default: true },
    json: { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const loaded = await loadAssets();
// Compiled once, not for each machine.
const assets = { ...loaded, wasm: await WebAssembly.compile(loaded.wasm as BufferSource) };
const [runs, firstSeed, hours, loadedHours] = [values.runs, values.seed, values.hours, values['loaded-hours']].map(
  Number,
) as [number, number, number, number];

/** What was done earlier. */
async function earlier(): Promise<(FaultRun | HealthyHours)[]> {
  if (values.output === undefined) return [];
  const text = await readFile(values.output, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

async function keep(result: FaultRun | HealthyHours): Promise<void> {
  if (values.output !== undefined) await appendFile(values.output, `${JSON.stringify(result)}\n`);
}

async function prepare(nameOrPath: string): Promise<Campaign> {
  const prepared = await prepareGuest(await findGuest(nameOrPath));
  const { name } = prepared;
  const { machine } = await startGuest(prepared, { machine: { mips: MIPS }, cold: false });
  const snapshot = await machine.save();
  await machine.close();
  const asked = await Machine.restore(snapshot, assets);
  const parameters = values.truth
    ? await truthOf(name).parameters(asked, name)
    : await inferredParameters(prepared, asked);
  await asked.close();
  return { name, guest: shellGuest(name), snapshot, parameters, assets, jit: values.jit };
}

/** Virtual hours that are done in one piece, each from the prompt on and by a seed of its own. */
const PIECE = 0.5;

const done = await earlier();
const isRun = (one: FaultRun | HealthyHours): one is FaultRun => 'oracle' in one;

async function campaign(nameOrPath: string): Promise<{ name: string; runs: FaultRun[]; hours: HealthyHours[] }> {
  const prepared = await prepare(nameOrPath);
  const { name } = prepared;
  const mine = done.filter(({ guest }) => guest === name);
  const results = { name, runs: mine.filter(isRun), hours: mine.filter((one): one is HealthyHours => !isRun(one)) };
  progress.say(`${name}: learning`);
  const limits = await learn(prepared);
  let targets: Targets | undefined;
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    if (results.runs.some((one) => one.seed === seed)) continue;
    targets ??= await targetsOf(prepared);
    const result = await runWithFault(prepared, targets, limits, seed);
    results.runs.push(result);
    await keep(result);
    progress.say(
      `${name}: run ${results.runs.length} of ${runs}: ${result.kind}, ${result.oracle}, ${result.alarm ?? 'no alarm'}`,
    );
  }
  for (const [load, wanted] of [
    [false, hours],
    [true, loadedHours],
  ] as const) {
    for (let piece = 0; piece < Math.ceil(wanted / PIECE); piece++) {
      const seed = firstSeed + piece;
      if (results.hours.some((one) => one.load === load && one.seed === seed)) continue;
      const tell = (share: number) =>
        progress.say(`${name}: ${((piece + share) * PIECE).toFixed(2)} of ${wanted} hours`);
      const result = await healthyHours(prepared, limits, load, Math.min(PIECE, wanted - piece * PIECE), seed, tell);
      results.hours.push(result);
      await keep(result);
    }
  }
  return results;
}

function summary({ name, runs: all, hours: healthy }: Awaited<ReturnType<typeof campaign>>) {
  const hung = all.filter(({ oracle }) => oracle === 'silent');
  const found = hung.filter(({ alarm }) => alarm !== undefined);
  const answering = all.filter(({ oracle, crash }) => oracle === 'answers' && !crash);
  const crashedYetAnswering = all.filter(({ oracle, crash }) => oracle === 'answers' && crash);
  const alarmsOf = (some: readonly FaultRun[]) =>
    some.filter(({ alarm }) => alarm !== undefined).map(({ seed, kind, alarm, why }) => ({ seed, kind, alarm, why }));
  const latencies = found.map(({ latency }) => latency!);
  return {
    ...{ guest: name, runs: all.length, hung: hung.length, found: found.length },
    missed: hung.filter(({ alarm }) => alarm === undefined).map(({ seed, kind }) => ({ seed, kind })),
    crashed: all.filter(({ oracle }) => oracle === 'crashed' || oracle === 'halted').length,
    /** The console answers, and some thread or device of the kernel hangs all the same, or the alarm is wrong: it can't tell. */
    answering: { runs: answering.length, alarms: alarmsOf(answering) },
    crashedYetAnswering: { runs: crashedYetAnswering.length, alarms: alarmsOf(crashedYetAnswering) },
    latency:
      latencies.length > 0 ? { median: quantile(latencies, 0.5), percentile99: quantile(latencies, 0.99) } : undefined,
    early: all.reduce((sum, { early }) => sum + early, 0),
    healthy: [false, true].flatMap((load) => {
      const pieces = healthy.filter((one) => one.load === load);
      if (pieces.length === 0) return [];
      const virtualHours = pieces.reduce((sum, one) => sum + one.virtualHours, 0);
      const busy = pieces.reduce((sum, one) => sum + one.busy * one.virtualHours, 0) / virtualHours;
      return { load, virtualHours, busy, alarms: pieces.flatMap(({ alarms }) => alarms) };
    }),
  };
}

for (const nameOrPath of values.guest) {
  const results = await campaign(nameOrPath).finally(() => progress.end());
  const told = summary(results);
  if (values.json) console.log(JSON.stringify(told));
  else {
    for (const kind of FAULTS) {
      const some = results.runs.filter((one) => one.kind === kind);
      console.log(
        `${results.name} ${kind}: ${some.length} runs, ${some.filter(({ oracle }) => oracle === 'silent').length} hung, ${some.filter(({ oracle, alarm }) => oracle === 'silent' && alarm).length} found`,
      );
    }
    console.log(JSON.stringify(told, undefined, 2));
  }
  if (told.missed.length > 0 || told.early > 0 || told.healthy.some(({ alarms }) => alarms.length > 0))
    process.exitCode = 1;
}
