// Whether the return-to-user detector finds and stops every exploit, reports nothing else, and what it costs.
// Usage: npm run bench:ret2usr [-- --guest NAME] [--hours N] [--loaded-hours N] [--mips N] [--load NAME] [--rounds N] [--warming N]
// [--no-exploits] [--json].
// Each exploit runs in a machine of its own, with the JIT on and off: once only reported, so that its payload shows that it works, and once
// blocked. Then guests do ordinary work for virtual hours (fewer instructions in a virtual microsecond make them shorter for the host), and the
// same work on two machines in turns, each with the detector in one of two periods.
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { Progress } from '../cli/progress.ts';
import { isFound, isStopped, tryExploit } from '../monitors/ret2usr/testing.ts';
import { costText } from './crossover.ts';
import { type ExploitGuest, exploitGuest } from './ret2usr/guests.ts';
import { detectorCost, ordinaryLoad } from './ret2usr/ordinary.ts';

const progress = new Progress(process.stderr);

const { values } = parseArgs({
  options: {
    guest: { type: 'string', multiple: true, default: ['pup', 'debian-6.1-villains'] },
    load: { type: 'string', multiple: true, default: ['pup', 'debian-6.1-workloads'] },
    hours: { type: 'string', default: '0' },
    'loaded-hours': { type: 'string', default: '0.05' },
    mips: { type: 'string', default: '100' },
    rounds: { type: 'string', default: '5' },
    warming: { type: 'string', default: '10' },
    exploits: { type: 'boolean', default: true },
    json: { type: 'boolean', default: false },
  },
  allowNegative: true,
});

function numberOf(option: 'hours' | 'loaded-hours' | 'mips' | 'rounds' | 'warming'): number {
  const value = Number(values[option]);
  if (value >= 0) return value;
  throw new RangeError(`--${option}: expected a number from 0 on, found ${values[option]}`);
}
const hours = numberOf('hours');
const rounds = { measured: numberOf('rounds'), warming: numberOf('warming') };
const loadedHours = Math.min(numberOf('loaded-hours'), hours);
const mips = numberOf('mips');

/** What became of an exploit, with the JIT on or off. */
async function verdict(guest: ExploitGuest, kind: string, jit: boolean) {
  const seen = await tryExploit(guest, kind, 'report', jit);
  const blocked = await tryExploit(guest, kind, 'block', jit);
  const [first] = blocked.violations;
  return {
    ...{ kind, jit, works: seen.cpl === 0, found: isFound(seen) && isFound(blocked), stopped: isStopped(blocked) },
    ...{ by: first?.kind, instruction: first?.instruction, target: first?.target, process: first?.process?.name },
    survived: blocked.survived,
  };
}
type Verdict = Awaited<ReturnType<typeof verdict>>;

const yes = (value: boolean): string => (value ? 'yes' : 'NO');

function show(name: string, verdicts: readonly Verdict[]): void {
  const head = [
    'exploit',
    'JIT',
    'works',
    'found',
    'stopped',
    'by',
    'instruction',
    'reached',
    'process',
    'guest lives',
  ];
  const table = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const { kind, jit, works, found, stopped, by, instruction, target, process: who, survived } of verdicts)
    table.push([
      ...[kind, jit ? 'on' : 'off', yes(works), yes(found), yes(stopped), by ?? '', instruction ?? '', target ?? ''],
      ...[who ?? '', survived ? 'yes' : 'no'],
    ]);
  console.log(`${name}\n${table.toString()}`);
}

for (const name of values.exploits ? values.guest : []) {
  const guest = await exploitGuest(name);
  const verdicts: Verdict[] = [];
  for (const kind of guest.exploits) for (const jit of [true, false]) verdicts.push(await verdict(guest, kind, jit));
  const stopped = verdicts.filter((one) => one.works && one.found && one.stopped).length;
  if (values.json) console.log(JSON.stringify({ guest: name, verdicts }));
  else show(name, verdicts);
  if (!values.json) console.log(`${name}: ${stopped} of ${verdicts.length} work, are found and are stopped`);
  if (stopped < verdicts.length) process.exitCode = 1;
}

for (const name of hours > 0 ? values.load : []) {
  const result = await ordinaryLoad(name, { hours, loadedHours, mips }, (done) =>
    progress.say(`${name}: ${done.toFixed(2)} of ${hours} hours`),
  ).finally(() => progress.end());
  if (values.json) console.log(JSON.stringify({ guest: name, load: result }));
  else {
    const { reports } = result;
    console.log(
      `${name}: ${reports.length} reports in ${result.hours.toFixed(2)} virtual hours, ${result.loadedHours.toFixed(2)} of them at work, ${result.lines} lines, ${result.instructions} instructions, ${result.userPages} translations of user pages`,
    );
    for (const report of reports.slice(0, 20)) console.log(`  ${report}`);
  }
  if (result.reports.length > 0) process.exitCode = 1;
}

for (const name of rounds.measured > 0 ? values.load : []) {
  const cost = await detectorCost(name, rounds, (message) => progress.say(`${name}: ${message}`)).finally(() =>
    progress.end(),
  );
  if (values.json) console.log(JSON.stringify({ guest: name, cost }));
  else console.log(`${name}: ${costText(cost)}; ${cost.userPages} translations of user pages a round`);
}
