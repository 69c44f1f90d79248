// Builds pups of random design with random flags of the compiler, infers each and compares it with the map of its build: kernels that no
// rule can have been tuned to. Takes gcc.
//   node --import tsx bench/infer-pups.ts [--count 40] [--seed 1]

import { parseArgs } from 'node:util';
import { Machine } from '../emulator/index.ts';
import { loadAssets } from '../emulator/node/assets.ts';
import { buildPup, type PupBuild } from '../guests/pup/build.ts';
import { DEFAULT_OPTIONS, POINTS, PupOptionError, type PupOptions } from '../guests/pup/options.ts';
import { PROMPT } from '../guests/pup/testing/session.ts';
import { infer, PATTERNS } from '../monitors/patterns/index.ts';
import { PARAMETER_NAMES } from '../monitors/profile/index.ts';
import { judge, type Verdict } from './truth/judge.ts';
import { pupTruth } from './truth/pup.ts';

const LEVELS = ['-O1', '-O2', '-O3', '-Os'];
/** Flags that change how code looks, each taken or not. */
const FLAGS = [
  '-fno-optimize-sibling-calls',
  '-fno-inline-small-functions',
  '-falign-functions=1',
  '-falign-functions=32',
  '-fno-jump-tables',
  '-mno-accumulate-outgoing-args',
  '-maccumulate-outgoing-args',
  '-fno-reorder-blocks',
  '-fno-omit-frame-pointer',
  '-mtune=i486',
  '-mtune=atom',
];
const MEMORY = [16, 24, 48];

/** Numbers from 0 to 1 that a seed gives (the generator of Numerical Recipes, without its low bits). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
}

const { values: words } = parseArgs({
  options: { count: { type: 'string', default: '40' }, seed: { type: 'string', default: '1' } },
});
const next = random(Number(words.seed));
const oneOf = <Value>(values: readonly Value[]): Value => values[Math.floor(next() * values.length)]!;

function randomOptions(): PupOptions {
  const points = Object.entries(POINTS).map(([point, values]) => [point, oneOf<string>(values)]);
  const rest = { framePointers: oneOf([true, false]), split: oneOf([2, 3]), base: oneOf([1, 4, 7]) };
  // A quiet one shows less: now and then is enough.
  return { ...DEFAULT_OPTIONS, ...Object.fromEntries(points), ...rest, clock: next() < 0.1 ? 'quiet' : 'pit' };
}

async function randomBuild(): Promise<{ readonly build: PupBuild; readonly flags: readonly string[] }> {
  const flags = [oneOf(LEVELS), ...FLAGS.filter(() => next() < 0.25), '-Wno-error'];
  try {
    return { build: await buildPup(randomOptions(), undefined, flags), flags };
  } catch (error) {
    // Not every choice fits every other.
    if (error instanceof PupOptionError) return randomBuild();
    throw error;
  }
}

const assets = await loadAssets();
const totals: Record<Verdict, number> = { right: 0, absent: 0, wrong: 0, none: 0 };
for (let index = 0; index < Number(words.count); index++) {
  const { build, flags } = await randomBuild();
  const memorySize = oneOf(MEMORY) << 20;
  const quiet = build.map.options.clock === 'quiet';
  const start = async (): Promise<Machine> => {
    const boot = { multiboot: build.image.slice() };
    const machine = await Machine.create({ boot, memorySize }, assets);
    if (!quiet) await machine.run({ until: PROMPT, for: 60_000 });
    return machine;
  };
  const prompt = quiet ? undefined : PROMPT;
  const { conclusions, observations } = await infer({ name: build.map.variant, prompt, start }, PATTERNS);
  await observations.machine.close();
  const truth = await pupTruth(build.map, await start());
  console.log(`${index}: ${build.map.variant} ${flags.join(' ')}, ${memorySize >> 20} MiB`);
  for (const name of PARAMETER_NAMES) {
    const { finding } = conclusions.get(name)!;
    const verdict = judge(truth, name, 'value' in finding ? (finding.value as never) : undefined);
    totals[verdict]++;
    if (verdict === 'wrong') process.exitCode = 1;
    if (verdict === 'wrong' || verdict === 'absent') console.log(`  ${verdict}: ${name} ${JSON.stringify(finding)}`);
  }
}
console.log(JSON.stringify(totals));
