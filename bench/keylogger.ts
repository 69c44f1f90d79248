// The keylogger campaign: every logger must be found, by each of its names and no other, and nobody else reported.
// Usage: npm run bench:keylogger [-- --guest pup,linux,FILE] [--seeds 1,2] [--stretches 32] [--only TEXT,TEXT] [--skip TEXT] [--no-jit]
// The same command gives the same table, but for the seconds. TEXT is part of a case's name. Exit code 1 when a verdict is wrong. Linux is
// skipped where it has not been fetched (wolfden guests fetch debian-6.1-villains). Training and all cases of a seed use the same pattern. A
// FILE describes another Linux with the loggers' programs: what is known of its kernel is inferred, and loggers whose drivers it refuses are
// left out.
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { Progress } from '../cli/progress.ts';
import type { Machine } from '../emulator/index.ts';
import { type FoundGuest, findGuest, guestState, prepareGuest } from '../guests/index.ts';
import type { Expectation } from '../monitors/keylogger/expectation.ts';
import type { Judgement } from '../monitors/keylogger/judge.ts';
import { LINUX_GUEST, readyLinux, studyLinux } from '../monitors/keylogger/testing/linux-study.ts';
import { studyPup } from '../monitors/keylogger/testing/pup-study.ts';
import { linuxCommand } from '../monitors/testing/linux-parameters.ts';
import { inferredParameters } from './inferred.ts';
import {
  type Case,
  LINUX_FOREGROUND,
  LINUX_INNOCENT,
  LINUX_LOGGERS,
  type LoggerCase,
  PUP_FOREGROUND,
  PUP_INNOCENT,
  PUP_LOGGERS,
} from './keylogger-cases.ts';

const progress = new Progress(process.stderr);

const { values } = parseArgs({
  options: {
    guest: { type: 'string', default: 'pup,linux' },
    seeds: { type: 'string', default: '1' },
    stretches: { type: 'string', default: '32' },
    only: { type: 'string', default: '' },
    skip: { type: 'string' },
    jit: { type: 'boolean', default: true },
  },
  allowNegative: true,
});
const seeds = values.seeds.split(',').map(Number);
const stretches = Number(values.stretches);
const { jit } = values;

interface Wanted extends Case {
  readonly kind: 'logger' | 'innocent' | 'foreground';
  readonly names: readonly string[];
  readonly code?: boolean;
  /** Programs that are started. */
  readonly programs: number;
}

type Run = (
  wanted: Pick<Case, 'lines' | 'typed'>,
  seed: number,
  expectation: Expectation | undefined,
) => Promise<Judgement>;

function cases(loggers: readonly LoggerCase[], innocent: Case, foreground: readonly Case[]): Wanted[] {
  const none: readonly string[] = [];
  const programs = innocent.lines.filter((line) => line.includes('&')).length;
  const beside = loggers[1]!;
  return [
    ...loggers.map((one) => ({ ...one, kind: 'logger' as const, programs: 1 })),
    { ...innocent, kind: 'innocent', names: none, programs },
    {
      what: `${innocent.what}, and ${beside.what}`,
      lines: [...innocent.lines, ...beside.lines],
      ...{ kind: 'logger', names: beside.names, programs: programs + 1 },
    },
    ...foreground.map((one) => ({ ...one, kind: 'foreground' as const, names: none, programs: 1 })),
  ];
}

interface Bench {
  readonly cases: readonly Wanted[];
  readonly run: Run;
}

const PUP: Bench = {
  cases: cases(PUP_LOGGERS, { what: 'all innocent programs', lines: PUP_INNOCENT }, PUP_FOREGROUND),
  run: (wanted, seed, expectation) => studyPup({ ...wanted, expectation, seed, stretches, jit }),
};

/** The guest with the loggers, or another one from a file; undefined where it has not been fetched. */
async function linux(file: string | undefined): Promise<Bench | undefined> {
  const found = await findGuest(file ?? LINUX_GUEST);
  const state = await guestState(found);
  if (state.kind === 'to-fetch' || state.kind === 'unavailable') return undefined;
  const ready = file === undefined ? await readyLinux() : await readyLinux(file, await inferring(found));
  const loggers = LINUX_LOGGERS.filter(({ driverless }) => ready.drivers || driverless);
  return {
    cases: cases(loggers, { what: 'all innocent programs', lines: LINUX_INNOCENT }, LINUX_FOREGROUND),
    run: (wanted, seed, expectation) => studyLinux(ready, { ...wanted, expectation, seed, stretches, jit }),
  };
}

async function inferring(found: FoundGuest) {
  const prepared = await prepareGuest(found, { offline: true });
  return async (machine: Machine) => {
    await linuxCommand(machine, 'stty -echo');
    return inferredParameters(prepared, machine);
  };
}

const benchOf = async (name: string): Promise<Bench | undefined> =>
  name === 'pup' ? PUP : linux(name === 'linux' ? undefined : name);

const table = new Table({
  head: ['guest', 'seed', 'kind', 'what', 'started', 'active', 'reported', 'largest p', 'verdict', 's'],
});
const totals = { loggers: 0, found: 0, innocent: 0, active: 0, falseReports: 0, wrong: 0 };

/** Compares a judgement with what is true. */
function record(guest: string, seed: number, wanted: Wanted, judgement: Judgement, seconds: number): void {
  const { reports, newCode, tested } = judgement;
  const reported = [...new Set(reports.map(({ name }) => name ?? '?'))];
  const missed = wanted.names.filter((name) => !reported.includes(name));
  if (wanted.code && newCode.length === 0) missed.push('the code in the interrupt');
  // Who has the kernel work for him in the interrupt is a logger without code of his own.
  const extra =
    reports.filter(({ name }) => !wanted.names.includes(name ?? '?')).length +
    (wanted.kind === 'logger' ? 0 : newCode.length);
  if (wanted.kind === 'logger') {
    totals.loggers++;
    if (missed.length === 0) totals.found++;
  }
  totals.innocent += wanted.programs - Number(wanted.kind === 'logger');
  totals.active += tested - reports.length;
  totals.falseReports += extra;
  const verdict = missed.length > 0 ? `missed ${missed.join()}` : extra > 0 ? 'false report' : 'right';
  if (verdict !== 'right') totals.wrong++;
  const all = [...reports, ...newCode].map(({ p }) => p);
  const p = all.length > 0 ? Math.max(...all).toExponential(1) : '';
  const list = reports.map(({ name, pids, reason }) => `${name} ${pids.join()} ${reason}`);
  if (newCode.length > 0) list.push(`${newCode.length} new functions in the interrupt`);
  const what = [guest, seed, wanted.kind, wanted.what, wanted.programs, tested];
  table.push([...what, list.join('\n'), p, verdict, seconds.toFixed(1)]);
}

const isWanted = ({ what }: Wanted): boolean =>
  values.only.split(',').some((text) => what.includes(text)) &&
  (values.skip === undefined || !what.includes(values.skip));

for (const name of values.guest.split(',')) {
  const bench = await benchOf(name);
  if (!bench) {
    console.log(
      `skipped: ${name}: the guest is not here: wolfden guests fetch ${name === 'linux' ? LINUX_GUEST : name}`,
    );
    continue;
  }
  for (const seed of seeds) {
    const { expected } = await bench.run({ lines: [] }, seed, undefined);
    for (const wanted of bench.cases.filter(isWanted)) {
      const begin = performance.now();
      const judgement = await bench.run(wanted, seed, expected);
      record(name, seed, wanted, judgement, (performance.now() - begin) / 1000);
      progress.say(`${name} ${seed}: ${wanted.what.slice(0, 60)}`);
    }
  }
}
progress.end();
console.log(table.toString());
console.log(
  [
    `${totals.found} of ${totals.loggers} loggers found`,
    `${totals.falseReports} false reports with ${totals.innocent} innocent starts, ${totals.active} others (processes, crowds of them, the kernel's threads) active while keys were typed`,
    `${totals.wrong} wrong verdicts`,
  ].join('; '),
);
process.exitCode = totals.wrong > 0 ? 1 : 0;
