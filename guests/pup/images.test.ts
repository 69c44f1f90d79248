// The committed images are what the sources give. Needs the expected gcc and binutils; with others the bytes may differ.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { staleImages } from './images.ts';
import { toolDifferences } from './toolchain.ts';

const differences = await toolDifferences().catch((error: Error) => [error.message]);
if (differences.length > 0) console.warn(`skipped, the tools are not those of the images:\n${differences.join('\n')}`);

(differences.length > 0 ? test.skip : test)('all images and maps rebuild byte for byte', async () => {
  assert.equal(await staleImages(), []);
});

test.run();
