// Infers guests and compares every parameter with the truth of bench/truth.
//   node --import tsx bench/infer.ts [--json] [--no-jit] [GUEST ...]
// GUEST is a name or a guest file; without any, all of the catalogue that have user mode, and those of bench/guests, kernels that nothing was
// written for. Guests that are not in the cache are left out, and said to be.

import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { startGuest } from '../cli/start-guest.ts';
import { plainTable } from '../cli/table.ts';
import { cacheFolder } from '../emulator/node/cache-folder.ts';
import {
  type FoundGuest,
  findGuest,
  guestNames,
  guestState,
  type PreparedGuest,
  prepareGuest,
} from '../guests/index.ts';
import { load } from '../guests/load.ts';
import { catalogueMap } from '../guests/pup/testing/session.ts';
import { isBiosGuest } from '../guests/schema.ts';
import type { ParameterName } from '../monitors/parameters.ts';
import { infer, makeProfile, PATTERNS } from '../monitors/patterns/index.ts';
import { PARAMETER_NAMES } from '../monitors/profile/index.ts';
import { elfNames } from './truth/elf.ts';
import { judge, type Truth, type Verdict } from './truth/judge.ts';
import { linuxTruth } from './truth/linux.ts';
import type { Values } from './truth/linux-run.ts';
import { machTruth } from './truth/mach.ts';
import { pupTruth } from './truth/pup.ts';

/** Host seconds. */
interface Cost {
  readonly elapsed: number;
  /** Of the CPU: what a machine that does nothing else takes at most. */
  readonly used: number;
}

/** How a guest came out. */
interface Outcome {
  readonly guest: string;
  /** From the image to the prompt; nothing for a guest without one. */
  readonly boot: Cost;
  /** From the machine at the prompt to the profile. */
  readonly infer: Cost;
  readonly verdicts: Readonly<Record<ParameterName, Verdict>>;
  readonly values: Values;
  readonly reasons: Readonly<Partial<Record<ParameterName, string>>>;
}

const { values: options, positionals: chosen } = parseArgs({
  options: { json: { type: 'boolean', default: false }, jit: { type: 'boolean', default: true } },
  allowPositionals: true,
  allowNegative: true,
});
const OFFLINE = { offline: true };

const start = async (prepared: PreparedGuest) =>
  (await startGuest(prepared, { machine: { jit: options.jit }, cold: false })).machine;

async function costOf<Result>(act: () => Promise<Result>): Promise<readonly [Cost, Result]> {
  const [begin, usage] = [performance.now(), process.cpuUsage()];
  const result = await act();
  const { user, system } = process.cpuUsage(usage);
  return [{ elapsed: (performance.now() - begin) / 1000, used: (user + system) / 1e6 }, result];
}

/** klibc's user land has no program that searches files: the same kernel, as it is without KASLR, with another one does. With KASLR any other initrd moves it. */
function twinOf(found: FoundGuest): Promise<PreparedGuest> {
  const { guest } = found;
  const isKlibc =
    !isBiosGuest(guest) && guest.initrd !== undefined && 'built' in guest.initrd && guest.initrd.built === 'klibc';
  return prepareGuest(isKlibc ? { ...found, guest: { ...guest, initrd: { built: 'busybox' } } } : found, OFFLINE);
}

async function truthOf(found: FoundGuest, prepared: PreparedGuest, values: Values): Promise<Truth> {
  const { name } = prepared;
  if (name.startsWith('pup')) return pupTruth(await catalogueMap(name), await start(prepared));
  if (name.startsWith('debian'))
    return linuxTruth(name, await start(prepared), await start(await twinOf(found)), values);
  const { guest } = found;
  if (isBiosGuest(guest)) throw new Error(`${name} has no truth to be compared with`);
  const { bytes } = await load(guest.kernel, found, { ...OFFLINE, cache: cacheFolder() });
  return machTruth(elfNames(gunzipSync(bytes)), await start(prepared));
}

async function bootFromImage(prepared: PreparedGuest, prompt: string): Promise<void> {
  const { machine } = await startGuest(prepared, { machine: { jit: options.jit }, cold: true });
  await machine.run({ until: prompt });
  await machine.close();
}

async function outcomeOf(found: FoundGuest, prepared: PreparedGuest): Promise<Outcome> {
  const prompt = prepared.guest.outcome === 'prompt' ? prepared.prompt : undefined;
  const [boot] = await costOf(async () => prompt !== undefined && bootFromImage(prepared, prompt));
  // The first start of a guest makes the snapshot at its prompt.
  await (await start(prepared)).close();
  const [cost, { conclusions, observations }] = await costOf(async () => {
    const inference = await infer({ name: prepared.name, prompt, start: () => start(prepared) }, PATTERNS);
    await makeProfile(prepared.name, inference);
    return inference;
  });
  await observations.machine.close();
  const known = [...conclusions].flatMap(([name, { finding }]) => ('value' in finding ? [[name, finding.value]] : []));
  const unknown = [...conclusions].flatMap(([name, { finding }]) =>
    'reason' in finding ? [[name, finding.reason]] : [],
  );
  const values = Object.fromEntries(known) as Values;
  const truth = await truthOf(found, prepared, values);
  const verdicts = PARAMETER_NAMES.map((name) => [name, judge(truth, name, values[name])]);
  return {
    ...{ guest: prepared.name, boot, infer: cost, verdicts: Object.fromEntries(verdicts), values },
    reasons: Object.fromEntries(unknown),
  };
}

const FOLDER = fileURLToPath(new URL('guests/', import.meta.url));

/** Those that inference is for: with user mode, and not there for attacks or loads. */
const defaultGuests = async (): Promise<string[]> =>
  [
    ...guestNames().filter((name) => /^(pup|debian|gnumach)/.test(name)),
    ...(await readdir(FOLDER)).sort().map((file) => FOLDER + file),
  ].filter((name) => !/workloads|villains/.test(name));

const of = ({ verdicts }: Outcome, verdict: Verdict) => PARAMETER_NAMES.filter((name) => verdicts[name] === verdict);

const outcomes: Outcome[] = [];
for (const name of chosen.length > 0 ? chosen : await defaultGuests()) {
  const found = await findGuest(name);
  const state = await guestState(found);
  if (state.kind === 'to-fetch' || state.kind === 'unavailable') {
    console.error(`${name} is not here: wolfden guests fetch ${name}`);
    continue;
  }
  const outcome = await outcomeOf(found, await prepareGuest(found, OFFLINE));
  outcomes.push(outcome);
  const { guest, boot, infer, values, reasons } = outcome;
  const counts = (['right', 'absent', 'wrong', 'none'] as const).map((one) => `${of(outcome, one).length} ${one}`);
  console.error(
    `${guest}: ${counts.join(', ')}; to the prompt ${boot.elapsed.toFixed(1)} s, to the profile ${infer.elapsed.toFixed(1)} s more (of the CPU ${boot.used.toFixed(1)} and ${infer.used.toFixed(1)} s)`,
  );
  for (const wrong of of(outcome, 'wrong')) console.error(`  wrong: ${wrong} ${JSON.stringify(values[wrong])}`);
  for (const absent of of(outcome, 'absent')) console.error(`  absent: ${absent}: ${reasons[absent]}`);
  if (options.json) console.log(JSON.stringify(outcome));
}
if (!options.json)
  console.log(
    plainTable(
      { head: ['guest', 'right', 'absent', 'wrong', 'none', 'boot s', 'infer s', 'CPU s'], align: 'right' },
      outcomes.map((one) => [
        one.guest,
        ...(['right', 'absent', 'wrong', 'none'] as const).map((verdict) => String(of(one, verdict).length)),
        ...[one.boot.elapsed, one.infer.elapsed, one.boot.used + one.infer.used].map((seconds) => seconds.toFixed(1)),
      ]),
    ),
  );
if (outcomes.some((one) => of(one, 'wrong').length > 0)) process.exitCode = 1;
