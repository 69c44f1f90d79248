// Options combine: a set of builds in which every pair of values of two options occurs is built, booted and used.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildPup } from '../build.ts';
import { optionsKey, POINTS, type PupOptions, resolveOptions } from '../options.ts';
import { runTool } from '../toolchain.ts';
import { bootPup } from './boot.ts';
import { records } from './run.ts';

const VALUES: { readonly [name: string]: readonly unknown[] } = {
  ...POINTS,
  framePointers: [true, false],
  split: [3, 2],
  base: [1, 4, 8],
};
const NAMES = Object.keys(VALUES);

type Choice = { [name: string]: unknown };
const pairKey = (a: string, x: unknown, b: string, y: unknown) => `${a}=${x} ${b}=${y}`;
const pairsOf = (choice: Choice) =>
  NAMES.flatMap((a, i) => NAMES.slice(i + 1).map((b) => pairKey(a, choice[a], b, choice[b])));

function allPairs(): Set<string> {
  const pairs = new Set<string>();
  NAMES.forEach((a, i) => {
    for (const b of NAMES.slice(i + 1))
      for (const x of VALUES[a]!) for (const y of VALUES[b]!) pairs.add(pairKey(a, x, b, y));
  });
  return pairs;
}

/** Greedy: starts a build from a pair not seen yet, and gives each other option the value that adds most new pairs. */
function coveringBuilds(): Choice[] {
  const missing = allPairs();
  const builds: Choice[] = [];
  for (let first = missing.values().next(); !first.done; first = missing.values().next()) {
    const choice: Choice = {};
    for (const part of first.value.split(' ')) {
      const [name, text] = part.split('=') as [string, string];
      choice[name] = VALUES[name]!.find((value) => String(value) === text);
    }
    for (const name of NAMES.filter((candidate) => !(candidate in choice))) {
      const gain = (value: unknown) => pairsOf({ ...choice, [name]: value }).filter((pair) => missing.has(pair)).length;
      choice[name] = [...VALUES[name]!].sort((x, y) => gain(y) - gain(x))[0];
    }
    for (const pair of pairsOf(choice)) missing.delete(pair);
    builds.push(choice);
  }
  return builds;
}

const hasTools = await runTool('gcc', ['--version'], '.').then(
  () => true,
  () => false,
);
if (!hasTools) console.warn('skipped: gcc is not installed');

test('the builds cover every pair of values', () => {
  const builds = coveringBuilds();
  assert.is(new Set(builds.flatMap(pairsOf)).size, allPairs().size);
  assert.ok(builds.length < 30, `${builds.length} builds`);
});

for (const choice of hasTools ? coveringBuilds() : []) {
  const options = resolveOptions(choice as Partial<PupOptions>);
  test(`${optionsKey(options)} boots and runs the program set`, async () => {
    const { image } = await buildPup(options);
    const { output, end } = await bootPup(image, { commandLine: 'run=/etc/quiet.sh' });
    assert.is(end, 'halted', output.slice(-400));
    assert.match(output, /badcalls: 0 of 18 wrong/);
    assert.is(
      records(output, 'villain').filter(({ fields }) => fields.get('stage') === 'ran').length,
      options.clock === 'quiet' ? 11 : 12,
    );
  });
}

test.run();
