// The committed images are what the sources give. Needs the expected gcc and binutils; with others the bytes may differ.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { staleImages } from './images.ts';
import { DEFAULT_OPTIONS, type PupOptions, resolveOptions } from './options.ts';
import { toolDifferences } from './toolchain.ts';
import { VARIANTS } from './variants.ts';

/** A rebuild takes the compiler seconds: these have between them all sources. `images.ts --check` rebuilds all variants. */
const REBUILT = VARIANTS.filter(({ name }) => ['pup', 'pup-int2e', 'pup-callgate', 'pup-quiet-alien'].includes(name));

const differences = await toolDifferences().catch((error: Error) => [error.message]);
if (differences.length > 0) console.warn(`skipped: the tools are not those of the images: ${differences.join('; ')}`);

test('the variants that are rebuilt have every value of every option that the catalogue has', () => {
  for (const option of Object.keys(DEFAULT_OPTIONS) as (keyof PupOptions)[]) {
    const values = (variants: typeof VARIANTS) =>
      new Set(variants.map(({ options }) => resolveOptions(options)[option]));
    assert.equal([...values(REBUILT)].sort(), [...values(VARIANTS)].sort(), option);
  }
});

(differences.length > 0 ? test.skip : test)('images and maps rebuild byte for byte', async () => {
  assert.equal(await staleImages(REBUILT), []);
});

test.run();
