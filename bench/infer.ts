// Infers guests and compares every parameter with the truth of bench/truth.
//   node --import tsx bench/infer.ts [--json] [GUEST ...]
// Guests that are not in the cache are left out, and said to be.

import { startGuest } from '../cli/start-guest.ts';
import { plainTable } from '../cli/table.ts';
import { findGuest, guestNames, guestState, type PreparedGuest, prepareGuest } from '../guests/index.ts';
import type { ParameterName } from '../monitors/parameters.ts';
import { infer, makeProfile, PATTERNS } from '../monitors/patterns/index.ts';
import { PARAMETER_NAMES } from '../monitors/profile/index.ts';
import { judge, type Truth, type Verdict } from './truth/judge.ts';
import { linuxTruth, type Values } from './truth/linux.ts';
import { machTruth } from './truth/mach.ts';
import { pupTruth } from './truth/pup.ts';

/** How a guest came out. */
interface Outcome {
  readonly guest: string;
  /** Host seconds from the machine at the prompt to the profile. */
  readonly seconds: number;
  readonly verdicts: Readonly<Record<ParameterName, Verdict>>;
  readonly values: Values;
  readonly reasons: Readonly<Partial<Record<ParameterName, string>>>;
}

const start = async (prepared: PreparedGuest) => (await startGuest(prepared, { machine: {}, cold: false })).machine;

/** klibc's user land has no program that searches files: the same kernel, as it is without KASLR, has one elsewhere. */
const twinOf = async (prepared: PreparedGuest): Promise<PreparedGuest> =>
  prepared.name.endsWith('-klibc')
    ? prepareGuest(await findGuest(prepared.name.replace('-klibc', '')), { offline: true })
    : prepared;

async function truthOf(prepared: PreparedGuest, values: Values): Promise<Truth> {
  const { name } = prepared;
  if (name.startsWith('pup')) return pupTruth(name);
  if (name.startsWith('debian'))
    return linuxTruth(name, await start(prepared), await start(await twinOf(prepared)), values);
  return machTruth(await start(prepared));
}

async function outcomeOf(prepared: PreparedGuest): Promise<Outcome> {
  const prompt = prepared.guest.outcome === 'prompt' ? prepared.prompt : undefined;
  // The first start of a guest makes the snapshot at its prompt.
  await (await start(prepared)).close();
  const begin = performance.now();
  const inference = await infer({ name: prepared.name, prompt, start: () => start(prepared) }, PATTERNS);
  await makeProfile(prepared.name, inference);
  const seconds = (performance.now() - begin) / 1000;
  await inference.observations.machine.close();
  const known = [...inference.conclusions].flatMap(([name, { finding }]) =>
    'value' in finding ? [[name, finding.value]] : [],
  );
  const unknown = [...inference.conclusions].flatMap(([name, { finding }]) =>
    'reason' in finding ? [[name, finding.reason]] : [],
  );
  const values = Object.fromEntries(known) as Values;
  const truth = await truthOf(prepared, values);
  const verdicts = PARAMETER_NAMES.map((name) => [name, judge(truth, name, values[name])]);
  return {
    guest: prepared.name,
    seconds,
    verdicts: Object.fromEntries(verdicts),
    values,
    reasons: Object.fromEntries(unknown),
  };
}

/** Those that inference is for: with user mode, and not there for attacks or loads. */
const DEFAULT_GUESTS = guestNames().filter(
  (name) => /^(pup|debian|gnumach)/.test(name) && !/workloads|villains/.test(name),
);

const words = process.argv.slice(2);
const json = words.includes('--json');
const chosen = words.filter((word) => !word.startsWith('--'));
const count = ({ verdicts }: Outcome, verdict: Verdict) =>
  Object.values(verdicts).filter((one) => one === verdict).length;
const of = ({ verdicts }: Outcome, verdict: Verdict) => PARAMETER_NAMES.filter((name) => verdicts[name] === verdict);

const outcomes: Outcome[] = [];
for (const name of chosen.length > 0 ? chosen : DEFAULT_GUESTS) {
  const found = await findGuest(name);
  const state = await guestState(found);
  if (state.kind === 'to-fetch' || state.kind === 'unavailable') {
    console.error(`${name} is not here: wolfden guests fetch ${name}`);
    continue;
  }
  const outcome = await outcomeOf(await prepareGuest(found, { offline: true }));
  outcomes.push(outcome);
  const { seconds, values, reasons } = outcome;
  console.error(
    `${name}: ${count(outcome, 'right')} right, ${count(outcome, 'absent')} absent, ${count(outcome, 'wrong')} wrong, ${seconds.toFixed(1)} s`,
  );
  for (const wrong of of(outcome, 'wrong')) console.error(`  wrong: ${wrong} ${JSON.stringify(values[wrong])}`);
  for (const absent of of(outcome, 'absent')) console.error(`  absent: ${absent}: ${reasons[absent]}`);
}
if (json) for (const outcome of outcomes) console.log(JSON.stringify(outcome));
else
  console.log(
    plainTable(
      { head: ['guest', 'right', 'absent', 'wrong', 'not judged', 'seconds'], align: 'right' },
      outcomes.map((one) => [
        one.guest,
        ...(['right', 'absent', 'wrong', 'not judged'] as const).map((verdict) => String(count(one, verdict))),
        one.seconds.toFixed(1),
      ]),
    ),
  );
if (outcomes.some((one) => count(one, 'wrong') > 0)) process.exitCode = 1;
