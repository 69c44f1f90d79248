// What the hooks cost: unmodified v86 against the machine with nobody listening, and with a counter of every event.
// Usage: npm run bench:hooks [-- GUEST UNTIL ROUNDS]. Runs are interleaved; ratios are medians of the rounds' ratios.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import Table from 'cli-table3';
import { median } from 'simple-statistics';
import type { HookRun, Variant } from './hooks-run.ts';

const [guest = 'debian-6.1', until = '# ', rounds = '5'] = process.argv.slice(2);
const ORDER: readonly Variant[] = ['plain', 'none', 'typescript', 'assemblyscript'];
const script = fileURLToPath(new URL('./hooks-run.ts', import.meta.url));

function measure(variant: Variant): HookRun {
  const output = execFileSync(process.execPath, ['--import', 'tsx', script, variant, guest, until], {
    encoding: 'utf8',
  });
  return JSON.parse(output) as HookRun;
}

/** Host nanoseconds for one instruction: unmodified v86 sees time pass a little differently, so that its boot is some instructions longer or shorter. */
const perInstruction = (run: HookRun): number => (run.milliseconds * 1e6) / run.instructions;

const results = new Map<Variant, HookRun[]>(ORDER.map((variant) => [variant, []]));
for (let round = 0; round < Number(rounds); round++) {
  // Each round begins with another variant, so that none always runs on the warmest processor.
  for (let i = 0; i < ORDER.length; i++) {
    const variant = ORDER[(i + round) % ORDER.length]!;
    results.get(variant)!.push(measure(variant));
    if (process.stderr.isTTY) process.stderr.write(`round ${round + 1} of ${rounds}: ${variant}   \r`);
  }
}

const ratio = (variant: Variant, base: Variant): string =>
  median(
    results.get(variant)!.map((run, round) => perInstruction(run) / perInstruction(results.get(base)![round]!)),
  ).toFixed(3);

const table = new Table({
  head: ['listeners', 'instructions', 'events', 'ns an instruction', 'to plain', 'to none', 'peak MiB'],
});
for (const variant of ORDER) {
  const runs = results.get(variant)!;
  const { instructions, events } = runs[0]!;
  table.push([
    variant,
    instructions,
    events,
    median(runs.map(perInstruction)).toFixed(3),
    ratio(variant, 'plain'),
    variant === 'plain' ? '' : ratio(variant, 'none'),
    median(runs.map((run) => run.memory)),
  ]);
}
console.log(`${guest} to ${JSON.stringify(until)}, ${rounds} interleaved rounds, medians`);
console.log(table.toString());
