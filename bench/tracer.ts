// Whether the process tracer is exact, and what it costs. Usage: npm run bench:tracer [-- --guest NAME] [--rounds N] [--truth] [--json].
// What is known of the kernel is inferred; with --truth it is asked of the guest's symbols. Each fork, exec and exit of a workload of all sorts is matched with the guest's own log, on Linux each switch too; then the same lines are
// typed from one snapshot with the tracer and without, in turns, and the ratio of the host's CPU time is given.
import { parseArgs } from 'node:util';
import { median } from 'simple-statistics';
import { keptProfile } from '../cli/infer-guest.ts';
import { startGuest } from '../cli/start-guest.ts';
import { Machine } from '../emulator/index.ts';
import { loadAssets } from '../emulator/node/assets.ts';
import { findGuest, prepareGuest } from '../guests/index.ts';
import type { Parameters } from '../monitors/parameters.ts';
import { locate } from '../monitors/profile/index.ts';
import { Tracer } from '../monitors/tracer/index.ts';
import { Told, truthOf } from './tracer/guests.ts';
import { match, occursIn } from './tracer/match.ts';

const { values } = parseArgs({
  options: {
    guest: { type: 'string', multiple: true, default: ['pup', 'pup-threads', 'debian-6.1-workloads'] },
    rounds: { type: 'string', default: '5' },
    jit: { type: 'boolean', default: true },
    truth: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const assets = await loadAssets();

/** Share by which the instructions of two runs of the same work may differ. */
const SAME = 1e-3;

const perInstruction = (run: { readonly microseconds: number; readonly instructions: number }): number =>
  run.microseconds / run.instructions;

/** A guest at its prompt as a snapshot, so that all runs begin alike. */
async function atPrompt(name: string): Promise<Uint8Array> {
  const { machine } = await startGuest(await prepareGuest(await findGuest(name)), { machine: {}, cold: false });
  // A guest without interrupts left to it has its prompt and no more: all of ours go on.
  if (!name.startsWith('debian')) await machine.run({ until: 'pup# ', for: 1000 });
  const snapshot = await machine.save();
  await machine.close();
  return snapshot;
}

const restored = (snapshot: Uint8Array): Promise<Machine> => Machine.restore(snapshot, assets, { jit: values.jit });

async function parametersFor(name: string, snapshot: Uint8Array): Promise<Parameters> {
  const machine = await restored(snapshot);
  const parameters = values.truth
    ? await truthOf(name).parameters(machine, name)
    : locate(await keptProfile(await prepareGuest(await findGuest(name)), { machine: {} }), machine);
  await machine.close();
  return parameters;
}

async function exactness(name: string, snapshot: Uint8Array, parameters: Parameters) {
  const guest = truthOf(name);
  const machine = await restored(snapshot);
  await guest.quiet(machine);
  await guest.prepare(machine);
  const told = new Told(name);
  const tracer = new Tracer(machine, parameters, told);
  await guest.begin(machine);
  for (const line of guest.workload) await guest.command(machine, line);
  const truthReader = await guest.end(machine);
  tracer[Symbol.dispose]();
  const { records, switches } = await truthReader();
  await machine.close();
  // Those that the kernel itself made are told as seen for the first time: their forks are true all the same.
  const madeByKernel = new Set(told.seen.map(({ parent, pid }) => `fork ${parent} ${pid}`));
  const own = records.filter((record) => madeByKernel.has(record));
  const result = match([...told.records, ...own], records);
  const inOrder = switches === undefined ? undefined : occursIn(switches, told.switches);
  return { ...result, switches: switches?.length, switchesInOrder: inOrder, source: tracer.source };
}

async function overhead(name: string, snapshot: Uint8Array, parameters: Parameters) {
  const guest = truthOf(name);
  const run = async (traced: boolean) => {
    const machine = await restored(snapshot);
    await guest.quiet(machine);
    // Compiled code and caches of the host are warm before it counts.
    const tracer = traced ? new Tracer(machine, parameters) : undefined;
    for (const line of guest.measured) await guest.command(machine, line);
    const before = { cpu: process.cpuUsage(), instructions: machine.cpu.instructions };
    for (const line of guest.measured) await guest.command(machine, line);
    const { user, system } = process.cpuUsage(before.cpu);
    const result = {
      microseconds: user + system,
      instructions: machine.cpu.instructions - before.instructions,
      switches: tracer?.counts.switched ?? 0,
    };
    tracer?.[Symbol.dispose]();
    await machine.close();
    return result;
  };
  const ratios: number[] = [];
  let last = await run(false);
  const fastest = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < Number(values.rounds); round++) {
    const order = round % 2 === 0 ? [false, true] : [true, false];
    const results = new Map<boolean, typeof last>();
    for (const traced of order) results.set(traced, await run(traced));
    const [plain, traced] = [results.get(false)!, results.get(true)!];
    // A probe ends a block of compiled code, so interrupts may come some instructions earlier: runs differ a little.
    if (Math.abs(traced.instructions / plain.instructions - 1) > SAME)
      throw new Error(
        `${name}: expected the same work, found ${plain.instructions} and ${traced.instructions} instructions`,
      );
    ratios.push(perInstruction(traced) / perInstruction(plain));
    fastest[0] = Math.min(fastest[0]!, perInstruction(plain));
    fastest[1] = Math.min(fastest[1]!, perInstruction(traced));
    last = traced;
  }
  const { instructions, switches } = last;
  return { ratio: median(ratios), fastest: fastest[1]! / fastest[0]!, instructions, switches };
}

for (const name of values.guest) {
  const snapshot = await atPrompt(name);
  const parameters = await parametersFor(name, snapshot);
  const exact = await exactness(name, snapshot, parameters);
  const cost = Number(values.rounds) > 0 ? await overhead(name, snapshot, parameters) : undefined;
  if (values.json) console.log(JSON.stringify({ guest: name, ...exact, cost }));
  else {
    console.log(
      `${name}: ${exact.matched} of ${exact.truth} events matched, ${exact.missed.length} missed, ${exact.extra.length} extra`,
    );
    if (exact.switches !== undefined)
      console.log(
        `${name}: ${exact.switches} switches ${exact.switchesInOrder ? 'matched in their order' : 'NOT matched'}`,
      );
    for (const line of [
      ...exact.missed.map((one) => `missed: ${one}`),
      ...exact.extra.map((one) => `extra: ${one}`),
    ].slice(0, 40))
      console.log(`  ${line}`);
    if (cost)
      console.log(
        `${name}: host time ${cost.ratio.toFixed(3)} (median of ${values.rounds} rounds), ${cost.fastest.toFixed(3)} (fastest runs), over ${cost.instructions} instructions and ${cost.switches} switches`,
      );
  }
  if (exact.missed.length + exact.extra.length > 0 || exact.switchesInOrder === false) process.exitCode = 1;
}
