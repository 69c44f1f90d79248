// Nothing that a program does may stop the kernel: exhaustion is an error, and what ends is given back.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bootPup } from './boot.ts';
import { catalogueImage } from './catalogue.ts';
import { typing } from './run.ts';

/** The least that pup expects. */
const SMALL = { memoryMib: 16 };
const freeFrames = (output: string) => [...output.matchAll(/(\d+) of \d+ frames/g)].map((match) => Number(match[1]));

for (const name of ['pup', 'pup-alien']) {
  const image = await catalogueImage(name);

  test(`${name}: out of memory is an error for system calls, and the end of a program that touches more`, async () => {
    const steps = typing('memhog', 'memhog touch', 'memhog', 'echo alive');
    const { output, end } = await bootPup(image, { ...SMALL, steps });
    assert.is(end, 'done', output);
    assert.is(output.match(/memhog: out of memory\r\nmemhog: stopped with more than 1000 pages: yes/g)?.length, 2);
    assert.match(output, /pup: out of memory\r\npup: process \d+ \(memhog\) killed: page fault/);
    assert.match(output, /\nalive\r\n/);
  });

  test(`${name}: more processes than fit are refused, and all memory comes back`, async () => {
    const steps = typing('forkstorm 900', 'free', 'forkstorm 900', 'memhog', 'crash all', 'free');
    const { output, end } = await bootPup(image, { ...SMALL, steps });
    assert.is(end, 'done', output);
    const storms = [...output.matchAll(/forkstorm: (\d+) started, (\d+) ended, (\d+) refused/g)];
    assert.is(storms.length, 2);
    for (const [, started, ended, refused] of storms) {
      assert.is(started, ended);
      assert.is(Number(started) + Number(refused), 900);
      assert.ok(Number(refused) > 0);
    }
    const [first, second] = freeFrames(output);
    assert.is(first, second, 'the kernel heap keeps what it once took, and no more');
  });
}

test('memory is what the loader says, within limits', async () => {
  const image = await catalogueImage('pup');
  for (const memoryMib of [16, 64, 128, 512]) {
    const { output } = await bootPup(image, { memoryMib, steps: typing() });
    const freeMib = Number(/(\d+) KiB free/.exec(output)![1]) / 1024;
    const expected = Math.min(memoryMib, 256);
    assert.ok(freeMib > expected - 2 && freeMib < expected, `${freeMib} MiB of ${memoryMib}`);
  }
});

test.run();
