// The soundness of IPR, tried: random modules are restricted, verified and run in a memory with pages that are closed to them, and beside it as they were.
// Usage: node --import tsx bench/edm-fuzz.ts [--modules N] [--binaryen N] [--seed S] [--kind core|jit|extension]. Of our own generator N modules, most of them
// extensions and modules of the JIT; of binaryen's, which takes a process for each, N more. Ends with an error at the first module that writes what it
// may not, that does something else than unrewritten where all is open, or that the verifier refuses; seed and kind make it again.
import { parseArgs } from 'node:util';
import { Progress } from '../cli/progress.ts';
import type { ModuleKind } from '../monitors/edm/ipr.ts';
import { binaryenGuest, binaryenModule } from '../monitors/edm/testing/binaryen.ts';
import { FuzzArena, type Trial } from '../monitors/edm/testing/fuzz-arena.ts';
import { randomModule } from '../monitors/edm/testing/random-module.ts';

const progress = new Progress(process.stderr);

const { values } = parseArgs({
  options: {
    modules: { type: 'string', default: '20000' },
    binaryen: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    kind: { type: 'string' },
  },
});
const [modules, binaryen, firstSeed] = [values.modules, values.binaryen, values.seed].map(Number) as [
  number,
  number,
  number,
];
if (![modules, binaryen, firstSeed].every(Number.isInteger))
  throw new RangeError('bench/edm-fuzz.ts: expected whole numbers for --modules, --binaryen and --seed');
const KINDS: readonly ModuleKind[] = ['extension', 'jit', 'core'];
if (values.kind !== undefined && !KINDS.includes(values.kind as ModuleKind))
  throw new RangeError(`bench/edm-fuzz.ts: expected --kind core, jit or extension, found ${values.kind}`);

const counts = { modules: 0, wrote: 0, asked: 0, compared: 0, ended: 0, asIs: 0 };

function note(name: string, trial: Trial): void {
  if (trial.fault !== undefined) throw new Error(`${name}: ${trial.fault}`);
  counts.modules++;
  counts.wrote += Number(trial.wrote);
  counts.asked += trial.asked;
  counts.compared += Number(trial.compared);
  counts.ended += Number(trial.ended);
  counts.asIs += Number(trial.asIs);
  if (counts.modules % 50 === 0) progress.say(`${counts.modules} modules`);
}

function report(name: string): void {
  progress.end();
  const { asked, wrote, compared, ended, asIs } = counts;
  console.log(
    `${name}: ${counts.modules} modules, no fault; ${asIs} passed as they were. ${wrote} wrote something with pages closed, where the gate was asked ${asked} times; ${compared} did the same with all open as unrewritten, ${ended} of them without a trap.`,
  );
  for (const key of Object.keys(counts) as (keyof typeof counts)[]) counts[key] = 0;
}

const started = performance.now();
/** A module of v86.wasm's kind has a memory of its own, which takes long to make: fewer of them. */
const kindOf = (seed: number): ModuleKind =>
  (values.kind as ModuleKind | undefined) ?? (seed % 16 === 0 ? 'core' : seed % 2 === 0 ? 'jit' : 'extension');
const arena = new FuzzArena(firstSeed);
for (let seed = firstSeed; seed < firstSeed + modules; seed++) {
  const kind = kindOf(seed);
  note(`seed ${seed}, ${kind}`, arena.try(randomModule(seed, kind), kind));
}
report('own generator');
for (let seed = firstSeed; seed < firstSeed + binaryen; seed++)
  note(`seed ${seed}, binaryen`, arena.try(binaryenModule(seed), 'core', binaryenGuest(seed)));
report('binaryen');
console.log(`${((performance.now() - started) / 1000).toFixed(0)} s`);
