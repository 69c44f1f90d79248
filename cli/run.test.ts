// wolfden run, with the embedded guest.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EXIT } from './exit-code.ts';
import { jsonLines, wolfden } from './testing.ts';

const scratch = await mkdtemp(join(tmpdir(), 'wolfden-run-'));
test.after(() => rm(scratch, { recursive: true }));

test('types lines and shows the console', async () => {
  const { code, stdout, stderr } = await wolfden(['run', 'pup', '--send', 'echo one', '--send', 'echo two']);
  assert.is(code, EXIT.ok);
  assert.is(stderr, '');
  assert.match(stdout, /pup# echo one\r?\none\r?\npup# echo two\r?\ntwo\r?\npup# $/);
});

test('--until looks at the answer, not at the echo', async () => {
  const found = await wolfden(['run', 'pup', '--send', 'echo hi', '--until', 'hi', '--json']);
  const [summary] = jsonLines(found.stdout);
  assert.is(found.code, EXIT.ok);
  assert.is(summary!.end, 'until');
  assert.match(String(summary!.console), /echo hi\r\nhi/);
  const missed = await wolfden(['run', 'pup', '--send', 'echo hi', '--until', 'echo', '--for', '2s']);
  assert.is(missed.code, EXIT.unfinished);
  assert.match(missed.stderr, /time was up before "echo" came/);
});

test('--json gives the same bytes each time: events, then the summary', async () => {
  const words = ['run', 'pup', '--send', 'ls | wc', '--events', 'cr3-write,syscall', '--json'];
  const [first, second] = await Promise.all([wolfden(words), wolfden(words)]);
  assert.is(first.code, EXIT.ok);
  assert.is(first.stdout, second.stdout);
  const lines = jsonLines(first.stdout);
  const summary = lines.pop()!;
  assert.is(summary.kind, 'summary');
  assert.equal(new Set(lines.map(({ kind }) => kind)), new Set(['cr3-write', 'syscall']));
  const counted = (kind: string) => lines.filter((line) => line.kind === kind).length;
  assert.equal(summary.counts, { syscall: counted('syscall'), 'cr3-write': counted('cr3-write') });
  assert.is(summary.host, undefined);
});

test('events and statistics go to the standard error output, host time only there', async () => {
  const { code, stdout, stderr } = await wolfden(['run', 'pup', '--events', 'descriptor-table', '--stats']);
  assert.is(code, EXIT.ok);
  assert.not.match(stdout, /descriptor-table/);
  assert.match(stderr, /cpl0 [0-9a-f]{8} descriptor-table register=gdtr base=0x/);
  assert.match(stderr, /^\d+ +descriptor-table$/m);
  assert.match(stderr, /host time [\d.]+ s/);
});

test('virtual time ends a run, the interpreter alone runs it too', async () => {
  const { code, stdout } = await wolfden([
    'run',
    'pup',
    '--cold',
    '--for',
    '50ms',
    '--no-jit',
    '--events',
    'jit-install',
    '--json',
  ]);
  const [summary] = jsonLines(stdout);
  assert.is(code, EXIT.ok);
  assert.is(summary!.end, 'for');
  assert.ok((summary!.time as number) >= 50 && (summary!.time as number) < 60);
  assert.equal(summary!.counts, { 'jit-install': 0 });
});

test('a guest that halts: well when nothing is waited for, unfinished otherwise', async () => {
  const [done, awaited] = await Promise.all([
    wolfden(['run', 'pup', '--send', 'halt', '--json']),
    wolfden(['run', 'pup', '--send', 'halt', '--until', 'never']),
  ]);
  assert.is(done.code, EXIT.ok);
  assert.is(jsonLines(done.stdout)[0]!.end, 'halted');
  assert.is(awaited.code, EXIT.unfinished);
  assert.match(awaited.stderr, /the guest halted after \d+ instructions, before "never" came/);
});

test('a guest that crashes is told from a failure', async () => {
  // A multiboot kernel that loads an empty IDT and raises an exception: LIDT [after the code]; UD2; six bytes of zeros.
  const load = 0x100000;
  const code = [0x0f, 0x01, 0x1d, ...bytes32(load + 0x30), 0x0f, 0x0b];
  const header = [0x1badb002, 0x10000, -(0x1badb002 + 0x10000), load, load, load + 0x40, load + 0x40, load + 0x20];
  const image = new Uint8Array(0x40);
  image.set(header.flatMap(bytes32));
  image.set(code, 0x20);
  const kernel = join(scratch, 'crash.bin');
  await writeFile(kernel, image);
  const { code: exit, stdout, stderr } = await wolfden(['run', '--kernel', kernel, '--for', '1s', '--json']);
  assert.is(exit, EXIT.crashed);
  const [summary] = jsonLines(stdout) as [{ end: string; crash: { registers: Record<string, unknown> } }];
  assert.is(summary.end, 'crashed');
  assert.is(summary.crash.registers.cpl, 0);
  assert.match(stderr, /the guest crashed: .*previousEip 0x00100027/s);
  assert.not.match(stderr, /\.ts:\d+/);
});

const bytes32 = (value: number): number[] => [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);

test("a user's own monitor subscribes and has the last word", async () => {
  const file = join(scratch, 'monitor.ts');
  await writeFile(
    file,
    `export default (machine: { on(kind: string, listener: () => void): unknown }, context: { guest: { name: string }; print(line: string): void }) => {
      let calls = 0;
      machine.on('syscall', () => { calls++; });
      context.print('watching ' + context.guest.name);
      return { summary: () => ({ calls }) };
    };`,
  );
  const { code, stdout, stderr } = await wolfden(['run', 'pup', '--monitor', file, '--events', 'syscall', '--json']);
  assert.is(code, EXIT.ok);
  assert.match(stderr, /watching pup/);
  const summary = jsonLines(stdout).at(-1)! as { counts: { syscall: number }; monitors: Record<string, unknown> };
  assert.ok(summary.counts.syscall > 0);
  assert.equal(summary.monitors[file], { calls: summary.counts.syscall });
});

test('a monitor may be an object with a name, needs and options, tell of what it sees, and say that it saw nothing', async () => {
  const file = join(scratch, 'named.js');
  await writeFile(
    file,
    `export default { name: 'mine', needs: { required: [], optional: ['idleLoop'] }, attach: (machine, context) => {
      machine.on('halt', () => context.tell({ kind: 'halt', loop: context.parameters.idleLoop.state }, 'halted'));
      return { summary: () => context.options, events: () => 0 };
    } };`,
  );
  const words = ['run', 'pup', '--monitor', file, '--monitor-option', 'mine.depth=3', '--json'];
  const { code, stdout, stderr } = await wolfden(words);
  assert.is(code, EXIT.ok, stderr);
  const lines = jsonLines(stdout);
  assert.equal(lines[0], { monitor: file, kind: 'halt', loop: 'unknown' });
  const { monitors, sawNothing } = lines.at(-1)! as { monitors: object; sawNothing: string[] };
  assert.equal([monitors, sawNothing], [{ [file]: { depth: '3' } }, [file]]);
  assert.match(stderr, /saw no event/);
});

test('a monitor that needs what is not known is refused', async () => {
  const file = join(scratch, 'needy.js');
  await writeFile(file, `export default { needs: { required: ['current'], optional: [] }, attach: () => {} };`);
  const { code, stderr } = await wolfden(['run', 'pup', '--monitor', file]);
  assert.is(code, EXIT.usage);
  assert.match(stderr, /expected to know of pup, found unknown: current \(the run begins at power-on/);
});

test('a monitor that throws ends the run with its message', async () => {
  const file = join(scratch, 'broken.js');
  await writeFile(
    file,
    `export default (machine) => { machine.on('syscall', () => { throw new Error('my mistake'); }); };`,
  );
  const { code, stderr } = await wolfden(['run', 'pup', '--monitor', file]);
  assert.is(code, EXIT.failure);
  assert.match(stderr, /my mistake/);
  assert.not.match(stderr, /at .*\.js:\d+/);
});

test('an interrupt ends the run in good order', async () => {
  let sent = false;
  const { code, stdout } = await wolfden(['run', 'pup', '--for', '100000s'], {
    watch: (text, kill) => {
      if (!sent && text.includes('pup#')) kill('SIGINT');
      sent ||= text.includes('pup#');
    },
  });
  assert.is(code, EXIT.interrupted);
  assert.match(stdout, /pup# $/);
});

test.run();
