// What EDM costs: the same instruction stream on the machine with the same memory layout and no EDM, with IPR and ledger, and with all policies.
// Usage: node --import tsx bench/edm-cost.ts [ROUNDS [GUEST]]. Rounds are interleaved, each run is a process of its own; the fastest run of each
// counts, for what the host does beside only ever adds. Ends with an error when the variants did not execute the same instructions.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { geometricMean } from 'simple-statistics';
import { Progress } from '../cli/progress.ts';
import { type CostRun, VARIANTS, type Variant } from './edm-cost-run.ts';

const progress = new Progress(process.stderr);

const [rounds = '5', guest = 'debian-6.1'] = process.argv.slice(2);
const script = fileURLToPath(new URL('./edm-cost-run.ts', import.meta.url));

const measure = (variant: Variant): CostRun =>
  JSON.parse(
    execFileSync(process.execPath, ['--import', 'tsx', script, variant, guest], { encoding: 'utf8' }),
  ) as CostRun;

const runs = new Map<Variant, CostRun[]>(VARIANTS.map((variant) => [variant, []]));
for (let round = 0; round < Number(rounds); round++)
  for (let i = 0; i < VARIANTS.length; i++) {
    // Each round begins with another variant, so that none always runs on the warmest processor.
    const variant = VARIANTS[(i + round) % VARIANTS.length]!;
    runs.get(variant)!.push(measure(variant));
    progress.say(`round ${round + 1} of ${rounds}: ${variant}`);
  }
progress.end();

const all = [...runs.values()].flat();
const instructions = new Set(all.map((run) => run.instructions));
if (instructions.size > 1) throw new Error(`${guest}: the runs differ: ${[...instructions].join(', ')} instructions`);
const alarms = all.reduce((sum, run) => sum + run.alarms, 0);
if (alarms > 0) throw new Error(`${guest}: ${alarms} alarms in a run without an attack`);

const fastest = (variant: Variant, workload: string): number =>
  Math.min(...runs.get(variant)!.map(({ milliseconds }) => milliseconds[workload]!));

const workloads = Object.keys(all[0]!.milliseconds);
const ratios = (variant: Variant): number[] =>
  workloads.map((workload) => fastest(variant, workload) / fastest('none', workload));
const [ledger, policies] = [ratios('ledger'), ratios('all')];
const table = new Table({ head: ['workload', 'CPU ms without', 'IPR + ledger', 'all policies'] });
for (const [i, workload] of workloads.entries())
  table.push([workload, fastest('none', workload).toFixed(0), ledger[i]!.toFixed(3), policies[i]!.toFixed(3)]);
table.push(['geometric mean', '', geometricMean(ledger).toFixed(3), geometricMean(policies).toFixed(3)]);
console.log(
  `${guest}, ${rounds} interleaved rounds of ${[...instructions][0]} instructions, ratios of the fastest runs`,
);
console.log(table.toString());
