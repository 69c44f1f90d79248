// What the hooks cost: unmodified v86 against the machine with nobody listening, and with a counter of every event.
// Usage: npm run bench:hooks [-- GUEST UNTIL ROUNDS]. All variants execute the same instructions, in interleaved runs. A ratio is given twice:
// the median of the rounds' ratios, and that of the fastest runs, which other load of the host disturbs least.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { median } from 'simple-statistics';
import { Progress } from '../cli/progress.ts';
import { compileCounter } from './counter.ts';
import type { HookRun, Variant } from './hooks-run.ts';

const progress = new Progress(process.stderr);

const [guest = 'debian-6.1', until = '# ', rounds = '5'] = process.argv.slice(2);
const ORDER: readonly Variant[] = ['plain', 'none', 'typescript', 'assemblyscript'];
const counter = Buffer.from(await compileCounter()).toString('base64');
const script = fileURLToPath(new URL('./hooks-run.ts', import.meta.url));

function measure(variant: Variant): HookRun {
  const output = execFileSync(process.execPath, ['--import', 'tsx', script, variant, guest, until, counter], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as HookRun;
}

const results = new Map<Variant, HookRun[]>(ORDER.map((variant) => [variant, []]));
for (let round = 0; round < Number(rounds); round++) {
  // Each round begins with another variant, so that none always runs on the warmest processor.
  for (let i = 0; i < ORDER.length; i++) {
    const variant = ORDER[(i + round) % ORDER.length]!;
    results.get(variant)!.push(measure(variant));
    progress.say(`round ${round + 1} of ${rounds}: ${variant}`);
  }
}
progress.end();

const counts = new Set([...results.values()].flat().map((run) => run.instructions));
if (counts.size !== 1) throw new Error(`expected the same instructions in each run, found ${[...counts].join(', ')}`);

const milliseconds = (variant: Variant): number[] => results.get(variant)!.map((run) => run.milliseconds);

function ratio(variant: Variant, base: Variant): string {
  const [runs, bases] = [milliseconds(variant), milliseconds(base)];
  const rounds = median(runs.map((run, round) => run / bases[round]!));
  return `${rounds.toFixed(3)} / ${(Math.min(...runs) / Math.min(...bases)).toFixed(3)}`;
}

const table = new Table({ head: ['listeners', 'events', 'seconds', 'to plain', 'to none', 'peak MiB'] });
for (const variant of ORDER) {
  const runs = results.get(variant)!;
  table.push([
    variant,
    runs[0]!.events,
    (median(milliseconds(variant)) / 1000).toFixed(2),
    ratio(variant, 'plain'),
    variant === 'plain' ? '' : ratio(variant, 'none'),
    median(runs.map((run) => run.memory)),
  ]);
}
const [instructions] = counts;
console.log(
  `${guest} to ${JSON.stringify(until)}: ${instructions} instructions, ${rounds} interleaved rounds; ratios: median of rounds / fastest runs`,
);
console.log(table.toString());
