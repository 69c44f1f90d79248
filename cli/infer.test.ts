// wolfden infer as it is used: text, JSON, a file, a pattern and a value of one's own, and guests that have nothing to be found.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseProfile } from '../monitors/profile/index.ts';
import { EXIT } from './exit-code.ts';
import { wolfden } from './testing.ts';

const scratch = await mkdtemp(join(tmpdir(), 'wolfden-infer-'));
test.after(() => rm(scratch, { recursive: true }));

const EXAMPLE = 'monitors/patterns/example/interrupted-halt.ts';

test('a profile on the standard output and in a file, with a pattern and a value of the user', async () => {
  const file = join(scratch, 'pup.json');
  const words = ['infer', 'pup', '--json', '-o', file, '--pattern', EXAMPLE, '--set', 'processId.offset=0x40'];
  const { code, stdout, stderr } = await wolfden(words);
  assert.is(code, EXIT.ok, stderr);
  assert.is(stdout, await readFile(file, 'utf8'));
  const { parameters, guest } = parseProfile(stdout, file);
  assert.is(guest, 'pup');
  assert.is(parameters.idleLoop.pattern, 'interrupted-halt');
  const { processId } = parameters;
  assert.equal(processId.state === 'known' && [processId.value, processId.source], [
    { offset: 64, size: 4 },
    'override',
  ]);
});

test('people are told what is known, how surely and why', async () => {
  const { code, stdout } = await wolfden(['infer', 'pup-int2e', '--explain']);
  assert.is(code, EXIT.ok);
  for (const line of [
    /^kernelSplit +0xc0000000 {2}\(\d+ %\)$/m,
    /^systemCallGates +\{ kind int, vector 46, entry 0x[0-9a-f]+ \} {2}\(100 %\)$/m,
    /^threadGroup +unknown: no second id was found/m,
    /^ {2}pattern {4}context-switch: To switch threads/m,
    /^ {2}seen +\d+ calls by int 0x2e at 0x[0-9a-f]+$/m,
    /^ {2}refuted by Two threads that take turns/m,
    /^pup-int2e: 23 of 24 parameters known\.$/m,
  ])
    assert.match(stdout, line);
});

test('the example in the README of patterns is the file that is tested', async () => {
  const [readme, example] = await Promise.all(
    ['monitors/patterns/README.md', EXAMPLE].map((file) => readFile(file, 'utf8')),
  );
  assert.ok(readme!.includes(example!));
});

test('wrong command lines', async () => {
  const noPattern = join(scratch, 'none.js');
  await writeFile(noPattern, 'export default { name: "x" };\n');
  const mistakes: [string[], RegExp][] = [
    [['infer', 'pup', '--pattern', 'nowhere.ts'], /--pattern nowhere.ts: cannot read it/],
    [['infer', 'pup', '--pattern', noPattern], /expected a pattern as default export, found something else/],
    [['infer'], /expected a GUEST/],
    [['infer', 'pup', '--set', 'pid=4'], /--set pid=4: expected PARAMETER=VALUE/],
  ];
  for (const [words, message] of mistakes) {
    const { code, stdout, stderr } = await wolfden(words);
    assert.is.not(code, EXIT.ok);
    assert.match(stderr, message);
    assert.is(stdout, '');
  }
});

test.run();
