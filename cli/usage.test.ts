// Bad command lines, and the commands that run no guest.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT } from './exit-code.ts';
import { jsonLines, wolfden } from './testing.ts';

const scratch = await mkdtemp(join(tmpdir(), 'wolfden-usage-'));
test.after(() => rm(scratch, { recursive: true }));

/** Command lines that can't be, and what the message must say. */
const MISTAKES: readonly (readonly [words: readonly string[], message: RegExp])[] = [
  [[], /expected a command/],
  [['runn', 'pup'], /run/],
  [['run'], /expected a GUEST .* or --kernel FILE/],
  [['run', 'pupp'], /no guest "pupp"; did you mean pup/],
  [['run', 'pup', '--events', 'sycall'], /no kind "sycall"; did you mean syscall/],
  [['run', 'pup', '--for', '10'], /--for: expected a time above 0 such as .*; found "10"/],
  [['run', 'pup', '--for', '1s', '--for', '2s'], /--for: expected once, found 2 times/],
  [['run', 'pup', '--mips', 'fast'], /--mips: expected a number above 0/],
  [['run', 'pup', '--memory', '1'], /--memory: expected 2 to 3584 MiB, found 1/],
  [['run', 'pup', '--colour'], /Unknown argument: colour/],
  [['run', 'pup', '--until', ''], /--until: expected a text/],
  [['run', 'pup', '--json', '--interactive'], /--interactive: expected without --json/],
  [['run', 'pup', '--interactive'], /--interactive: expected a terminal/],
  [['run', 'pup', '--monitor', 'nowhere.ts'], /--monitor nowhere.ts: cannot read it/],
  [['run', 'pup', '--profile', 'nowhere.json'], /--profile nowhere.json: cannot read it/],
  [['run', 'pup', '--monitor-option', 'tracer.quiet'], /expected MONITOR.OPTION=VALUE/],
  [['run', '--kernel', '/dev/null'], /expected a Linux bzImage/],
  [['spaces', 'pup', '--forks', '-1'], /--forks: expected a whole number from 0/],
  [['guests', 'fetch'], /expected either a NAME or --all/],
  [['guests', 'fetch', 'pup', '--all'], /expected either a NAME or --all/],
  [['guests', 'build', 'pup', '--syscall', 'trap'], /syscall/],
];

test('a wrong command line: one message that says what was expected, no stack', async () => {
  const runs = [...MISTAKES];
  const worker = async (): Promise<void> => {
    for (let next = runs.shift(); next; next = runs.shift()) {
      const [words, message] = next;
      const { code, stdout, stderr } = await wolfden(words);
      assert.is(code, EXIT.usage, `${words.join(' ')}: ${stderr}`);
      assert.match(stderr, message);
      assert.not.match(stderr, /^ {4}at /m);
      assert.is(stdout, '');
    }
  };
  await Promise.all([worker(), worker()]);
});

test('WOLFDEN_DEBUG shows where an error is from', async () => {
  const { stderr } = await wolfden(['run', 'pupp'], { environment: { WOLFDEN_DEBUG: '1' } });
  assert.match(stderr, /^ {4}at /m);
});

test('a module without a monitor is refused', async () => {
  const file = join(scratch, 'none.js');
  await writeFile(file, 'export const nothing = 1;');
  const { code, stderr } = await wolfden(['run', 'pup', '--monitor', file]);
  assert.is(code, EXIT.usage);
  assert.match(stderr, /expected a monitor, or a function \(machine, context\), as default export, found none/);
});

test('every command has help with examples', async () => {
  for (const words of [['run'], ['spaces'], ['guests'], ['guests', 'fetch'], ['guests', 'build'], ['doctor'], []]) {
    const { code, stdout } = await wolfden([...words, '--help']);
    assert.is(code, EXIT.ok);
    assert.match(stdout, new RegExp(`Examples:\\n {2}wolfden ${words.join(' ')}`));
  }
});

test('guests: a table, and the same as JSON', async () => {
  const [table, json] = await Promise.all([wolfden(['guests']), wolfden(['guests', '--json'])]);
  assert.is(table.code, EXIT.ok);
  const guests = jsonLines(json.stdout);
  for (const { name } of guests) assert.ok(table.stdout.includes(`\n${name} `), String(name));
  const pup = guests.find(({ name }) => name === 'pup')!;
  assert.is(pup.state, 'embedded');
  assert.ok((pup.size as number) > 10_000);
});

test('guests fetch: an embedded guest needs nothing', async () => {
  const { code, stdout, stderr } = await wolfden(['guests', 'fetch', 'pup']);
  assert.is(code, EXIT.ok);
  assert.match(stdout, /^pup: embedded/);
  assert.is(stderr, '');
});

test('doctor: all that is needed is there, and what is not is named', async () => {
  const well = await wolfden(['doctor', '--json'], { environment: { WOLFDEN_CACHE: join(scratch, 'cache') } });
  assert.is(well.code, EXIT.ok, well.stdout);
  const findings = jsonLines(well.stdout);
  assert.equal(
    findings.map(({ what }) => what),
    ['node', 'v86', "v86's anchors", 'cache folder', 'apt', 'gcc -m32'],
  );
  const file = join(scratch, 'file');
  await writeFile(file, '');
  const ill = await wolfden(['doctor'], { environment: { WOLFDEN_CACHE: join(file, 'cache'), PATH: scratch } });
  assert.is(ill.code, EXIT.failure);
  assert.match(ill.stdout, /missing {2,}cache folder: .*\n.*set WOLFDEN_CACHE/);
  assert.match(ill.stdout, /optional apt: .*\n.*--deb FILE/);
});

test("guests build: a pup of one's own runs from its guest file", async () => {
  const image = join(scratch, 'own.elf');
  const built = await wolfden(['guests', 'build', 'pup', '--syscall', 'callgate', '--output', image]);
  if (built.code === EXIT.failure && /not installed/.test(built.stderr)) {
    console.log('skipped: gcc or binutils are missing');
    return;
  }
  assert.is(built.code, EXIT.ok, built.stderr);
  assert.is(JSON.parse(await readFile(join(scratch, 'own.map.json'), 'utf8')).options.syscall, 'callgate');
  const words = ['run', join(scratch, 'own.json'), '--events', 'syscall', '--json'];
  const lines = jsonLines((await wolfden(words)).stdout);
  assert.is(lines.at(-1)!.end, 'until');
  assert.equal(new Set(lines.slice(0, -1).map(({ gate }) => gate)), new Set(['call-gate']));
});

test.run();
