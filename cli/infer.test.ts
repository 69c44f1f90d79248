// wolfden infer as it is used: text, JSON, a file, a pattern and a value of one's own, and guests that have nothing to be found.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeImage } from '../emulator/boot/image-maker.ts';
import { parseProfile } from '../monitors/profile/index.ts';
import { EXIT } from './exit-code.ts';
import { jsonLines, wolfden } from './testing.ts';

const scratch = await mkdtemp(join(tmpdir(), 'wolfden-infer-'));
test.after(() => rm(scratch, { recursive: true }));

const EXAMPLE = 'monitors/patterns/example/interrupted-halt.ts';
const MONITOR_EXAMPLE = 'monitors/example/programs.ts';

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

test('a profile is refused where it is damaged, old or of another kernel, and taken where it fits', async () => {
  const [good, cut, old] = ['pup.json', 'cut.json', 'old.json'].map((file) => join(scratch, file)) as [
    string,
    string,
    string,
  ];
  const text = await readFile(good, 'utf8');
  await writeFile(cut, text.slice(0, text.length / 2));
  await writeFile(old, text.replace('"version": 1', '"version": 0'));
  const cases: [string, string, number, RegExp][] = [
    ['pup', good, EXIT.ok, /^/],
    [
      'pup-int2e',
      good,
      EXIT.usage,
      /^wolfden: profile of pup: expected the same kernel, found another: \d+ of \d+ pieces/,
    ],
    [
      'pup',
      cut,
      EXIT.usage,
      /cut\.json: expected a profile in JSON, found none: .*; make a new one with wolfden infer/,
    ],
    ['pup', old, EXIT.usage, /old\.json: expected a profile of version 1, found version 0; make a new one/],
  ];
  for (const [guest, file, code, message] of cases) {
    const outcome = await wolfden(['run', guest, '--monitor', 'tracer', '--profile', file, '--send', 'pwd']);
    assert.match(outcome.stderr, message);
    assert.is(outcome.code, code, outcome.stderr);
  }
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

test('the examples in READMEs are the files that are tested', async () => {
  for (const [readme, example] of [
    ['monitors/patterns/README.md', EXAMPLE],
    ['monitors/README.md', MONITOR_EXAMPLE],
  ] as const)
    assert.ok((await readFile(readme, 'utf8')).includes(await readFile(example, 'utf8')), readme);
});

test('a monitor of the user reads paths where the kernel was inferred to take them, in whatever manner', async () => {
  for (const guest of ['pup-int2e', 'pup-callgate']) {
    const words = ['run', guest, '--monitor', MONITOR_EXAMPLE, '--send', 'ls | cat', '--json'];
    const { code, stdout, stderr } = await wolfden(words);
    assert.is(code, EXIT.ok, stderr);
    const told = jsonLines(stdout).filter(({ monitor }) => monitor === MONITOR_EXAMPLE);
    assert.equal(told.map(({ path }) => path).sort(), ['/bin/cat', '/bin/ls']);
  }
});

/** A guest file with a kernel of a few bytes of code. */
async function guestOfCode(name: string, code: readonly number[], more: Record<string, string>): Promise<string> {
  const [kernel, file] = [`${name}.elf`, join(scratch, `${name}.json`)];
  const begin = 0x100000;
  await writeFile(join(scratch, kernel), makeImage(kernel, [{ address: begin, bytes: Uint8Array.from(code) }], begin));
  await writeFile(file, JSON.stringify({ name, boot: 'multiboot', kernel, memory: 8, ...more }));
  return file;
}

const [CLI, HLT, UD2] = [0xfa, 0xf4, [0x0f, 0x0b]];

test('a guest that never comes to a program, or not to its prompt, and one that crashes', async () => {
  const cases: [string, number, RegExp][] = [
    [
      await guestOfCode('halts', [CLI, HLT], { outcome: 'no-user-mode' }),
      EXIT.failure,
      /^wolfden: halts: expected a kernel with programs, found that nothing ran at CPL 3, .*: there is nothing to be inferred\n$/,
    ],
    [
      await guestOfCode('silent', [CLI, HLT], { prompt: 'ready' }),
      EXIT.failure,
      /^wolfden: silent: expected its prompt "ready" on the serial console, found none in 0 virtual seconds; see /m,
    ],
    [await guestOfCode('crashes', UD2, { outcome: 'no-user-mode' }), EXIT.crashed, /^wolfden: the guest crashed: /],
  ];
  for (const [file, code, message] of cases) {
    const outcome = await wolfden(['infer', file]);
    assert.match(outcome.stderr, message);
    assert.is(outcome.code, code);
    assert.is(outcome.stdout, '');
  }
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
    assert.is(code, EXIT.usage);
    assert.match(stderr, message);
    assert.is(stdout, '');
  }
});

test.run();
