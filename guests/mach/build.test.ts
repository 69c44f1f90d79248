// Tests of the committed bootstrap task: that it is what its sources give, and that GNU Mach can load it.

import { readFile } from 'node:fs/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readElf } from '../../emulator/boot/elf.ts';
import { toolDifferences } from '../pup/toolchain.ts';
import { buildBootstrap, IMAGE_PATH } from './build.ts';

// Other tools give other bytes, and none are needed to use the image.
const differences = await toolDifferences().catch((error: Error) => [error.message]);
if (differences.length > 0) console.log(`skipped: rebuilding the bootstrap task: ${differences.join('; ')}`);

(differences.length > 0 ? test.skip : test)('the committed image is what the sources give, byte for byte', async () => {
  const kept = new Uint8Array(await readFile(IMAGE_PATH));
  const built = await buildBootstrap();
  assert.equal(built, kept);
  assert.equal(await buildBootstrap(), built);
});

test('the image is a small executable with no page that is both code and data', async () => {
  const image = new Uint8Array(await readFile(IMAGE_PATH));
  assert.ok(image.length < 16 << 10, `${image.length} bytes`);
  const { entry, segments } = readElf('bootstrap.elf', image);
  assert.is(segments.length, 2);
  const [code, data] = segments as [(typeof segments)[0], (typeof segments)[0]];
  assert.ok(entry >= code.virtualAddress && entry < code.virtualAddress + code.bytes.length);
  // The kernel allocates each segment's pages by themselves and would refuse a page twice.
  assert.ok(data.virtualAddress % 4096 === 0 && data.virtualAddress >= code.virtualAddress + code.memorySize);
});

test.run();
