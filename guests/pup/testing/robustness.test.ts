// Nothing that a program does may stop the kernel: exhaustion is an error, and what ends is given back.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { catalogueImage, PROMPT, PupSession } from './session.ts';

const freeFrames = (output: string) => Number(/(\d+) of \d+ frames/.exec(output)![1]);

for (const name of ['pup', 'pup-alien']) {
  const image = await catalogueImage(name);

  test(`${name}: out of memory is an error for system calls, and the end of a program that touches more`, async () => {
    await using pup = await PupSession.start(image);
    await pup.until(PROMPT);
    const refused = /^memhog: out of memory\r\nmemhog: stopped with more than 1000 pages: yes/;
    assert.match(await pup.command('memhog'), refused);
    assert.match(
      await pup.command('memhog touch'),
      /pup: out of memory\r\npup: process \d+ \(memhog\) killed: page fault/,
    );
    assert.match(await pup.command('memhog'), refused);
    assert.is(await pup.command('echo alive'), 'alive\r\n');
  });

  test(`${name}: more processes than fit are refused, and all memory comes back`, async () => {
    await using pup = await PupSession.start(image);
    await pup.until(PROMPT);
    const storm = async () => {
      const text = await pup.command('forkstorm 900');
      const [started, ended, refused] = /forkstorm: (\d+) started, (\d+) ended, (\d+) refused/
        .exec(text)!
        .slice(1)
        .map(Number) as [number, number, number];
      assert.is(started, ended);
      assert.is(started + refused, 900);
      assert.ok(refused > 0);
    };
    await storm();
    const before = freeFrames(await pup.command('free'));
    await storm();
    for (const line of ['memhog', 'crash all']) await pup.command(line);
    assert.is(freeFrames(await pup.command('free')), before, 'the kernel heap keeps what it once took, and no more');
  });
}

test('memory is what the loader says, within limits', async () => {
  const image = await catalogueImage('pup');
  for (const memoryMib of [16, 64, 128, 512]) {
    await using pup = await PupSession.start(image, { memoryMib });
    await pup.until(PROMPT);
    const freeMib = Number(/(\d+) KiB free/.exec(pup.output)![1]) / 1024;
    const expected = Math.min(memoryMib, 256);
    assert.ok(freeMib > expected - 2 && freeMib < expected, `${freeMib} MiB of ${memoryMib}`);
  }
});

test.run();
