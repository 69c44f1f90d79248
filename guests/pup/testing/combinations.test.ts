// Options combine: some builds that are no catalogue variants boot and run. combinations.ts as a command tries every pair of values.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { optionsKey } from '../options.ts';
import { runTool } from '../toolchain.ts';
import { allPairs, coveringBuilds, pairsOf, tryCombination } from './combinations.ts';

/** Builds to try here: each costs some seconds of the compiler's time. */
const TRIED = 2;

const hasTools = await runTool('gcc', ['--version'], '.').then(
  () => true,
  () => false,
);
if (!hasTools) console.warn('skipped: gcc is not installed');

const builds = coveringBuilds();

test('the builds cover every pair of values', () => {
  assert.equal(new Set(builds.flatMap(pairsOf)), allPairs());
  assert.ok(builds.length < 30, `${builds.length} builds`);
});

// The first two builds are the default and its opposite, much like variants of the catalogue.
for (const options of hasTools ? builds.slice(2, 2 + TRIED) : []) {
  test(`${optionsKey(options)} boots and runs the program set`, async () => {
    assert.equal(await tryCombination(options), []);
  });
}

test.run();
