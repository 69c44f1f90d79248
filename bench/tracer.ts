// Whether the process tracer is exact, and what it costs.
// Usage: npm run bench:tracer [-- --guest NAME] [--rounds N] [--warming N] [--no-exact] [--null] [--truth] [--no-jit] [--json].
// What is known of the kernel is inferred; with --truth it is asked of the guest's symbols. Each fork, exec and exit of a workload of all sorts
// is matched with the guest's own log, on Linux each switch too. Then two machines from one snapshot do the same work line by line in turns, each
// with the tracer in one of two periods, and the ratio of CPU time is given; with --null neither ever has it, but the second has run a command
// before, so that its interrupts come elsewhere: how far a ratio may be trusted.
import { parseArgs } from 'node:util';
import { keptProfile } from '../cli/infer-guest.ts';
import { Progress } from '../cli/progress.ts';
import { startGuest } from '../cli/start-guest.ts';
import { Machine } from '../emulator/index.ts';
import { loadAssets } from '../emulator/node/assets.ts';
import { findGuest, prepareGuest } from '../guests/index.ts';
import type { Parameters } from '../monitors/parameters.ts';
import { locate } from '../monitors/profile/index.ts';
import { Tracer } from '../monitors/tracer/index.ts';
import { costText, crossover } from './crossover.ts';
import { Told, truthOf } from './tracer/guests.ts';
import { match, occursIn } from './tracer/match.ts';

const progress = new Progress(process.stderr);

const { values } = parseArgs({
  options: {
    guest: { type: 'string', multiple: true, default: ['pup', 'pup-threads', 'debian-6.1-workloads'] },
    rounds: { type: 'string', default: '5' },
    warming: { type: 'string', default: '10' },
    exact: { type: 'boolean', default: true },
    jit: { type: 'boolean', default: true },
    null: { type: 'boolean', default: false },
    truth: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const assets = await loadAssets();

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

/** @param noted whether switches are noted and booked later, as they are when nobody wants to hear of each */
async function exactness(name: string, snapshot: Uint8Array, parameters: Parameters, noted: boolean) {
  const guest = truthOf(name);
  const machine = await restored(snapshot);
  await guest.quiet(machine);
  await guest.prepare(machine);
  const told = new Told(name);
  const { created, executed, ended } = told;
  const tracer = new Tracer(machine, parameters, noted ? { created, executed, ended } : told);
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
  const inOrder = switches === undefined || noted ? undefined : occursIn(switches, told.switches);
  return { ...result, switches: switches?.length, switchesInOrder: inOrder, source: tracer.source };
}

async function tracerCost(name: string, snapshot: Uint8Array, parameters: Parameters) {
  const guest = truthOf(name);
  const side = async () => {
    const machine = await restored(snapshot);
    await guest.quiet(machine);
    return { machine, command: (line: string) => guest.command(machine, line) };
  };
  const sides = [await side(), await side()] as const;
  let switches = 0;
  const watch = (machine: Machine): Disposable => {
    const tracer = values.null ? undefined : new Tracer(machine, parameters);
    return {
      [Symbol.dispose]() {
        switches += tracer?.counts.switched ?? 0;
        tracer?.[Symbol.dispose]();
      },
    };
  };
  if (values.null) await sides[1].command('ls');
  const options = {
    ...{ measured: Number(values.rounds), warming: Number(values.warming) },
    told: (message: string) => progress.say(`${name}: ${message}`),
  };
  const cost = await crossover(sides, watch, guest.measured, options).finally(() => progress.end());
  for (const { machine } of sides) await machine.close();
  return { ...cost, switches: Math.round(switches / cost.allRounds) };
}

type Exactness = Awaited<ReturnType<typeof exactness>>;

const isWrong = ({ missed, extra, switchesInOrder }: Exactness): boolean =>
  missed.length + extra.length > 0 || switchesInOrder === false;

function showExactness(name: string, exact: Exactness): void {
  const { matched, truth, missed, extra, switches, switchesInOrder } = exact;
  console.log(`${name}: ${matched} of ${truth} events matched, ${missed.length} missed, ${extra.length} extra`);
  if (switchesInOrder !== undefined)
    console.log(`${name}: ${switches} switches ${switchesInOrder ? 'matched in their order' : 'NOT matched'}`);
  const wrong = [...missed.map((one) => `missed: ${one}`), ...extra.map((one) => `extra: ${one}`)];
  for (const line of wrong.slice(0, 40)) console.log(`  ${line}`);
}

for (const name of values.guest) {
  const snapshot = await atPrompt(name);
  const parameters = await parametersFor(name, snapshot);
  const exact = values.exact ? await exactness(name, snapshot, parameters, false) : undefined;
  const noted = values.exact ? await exactness(name, snapshot, parameters, true) : undefined;
  if (exact && !values.json) showExactness(name, exact);
  if (noted && !values.json) showExactness(`${name}, with switches noted`, noted);
  const cost = Number(values.rounds) > 0 ? await tracerCost(name, snapshot, parameters) : undefined;
  if (values.json) console.log(JSON.stringify({ guest: name, ...exact, noted, cost }));
  else if (cost) console.log(`${name}: ${costText(cost)}; ${cost.switches} switches a round`);
  if ([exact, noted].some((one) => one && isWrong(one))) process.exitCode = 1;
}
