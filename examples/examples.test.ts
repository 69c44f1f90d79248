// Runs every example in a process of its own and compares what it prints with a golden file.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EVENT_KINDS } from '../index.ts';

const folder = fileURLToPath(new URL('.', import.meta.url));
const root = join(folder, '..');
const examples = readdirSync(folder)
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  .map((file) => file.slice(0, -3))
  .sort();

/** An example that hangs is killed after this many milliseconds; none takes a tenth of it. */
const HANGS = 120_000;
/** Examples that run at once. */
const AT_ONCE = 2;

interface Outcome {
  readonly output: string;
  readonly errors: string;
  readonly code: number | null;
}

function run(name: string): Promise<Outcome> {
  return new Promise((resolve) => {
    const args = ['--import', 'tsx', join(folder, `${name}.ts`)];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], timeout: HANGS });
    let [output, errors] = ['', ''];
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (errors += chunk));
    child.on('close', (code) => resolve({ output, errors, code }));
  });
}

/** All examples, started in order as others end. */
function runAll(names: readonly string[]): Map<string, Promise<Outcome>> {
  const outcomes = new Map<string, Promise<Outcome>>();
  names.forEach((name, i) => {
    const before = outcomes.get(names[i - AT_ONCE] ?? '') ?? Promise.resolve();
    outcomes.set(
      name,
      before.then(() => run(name)),
    );
  });
  return outcomes;
}

function readGolden(name: string): string | undefined {
  try {
    return readFileSync(join(folder, 'golden', `${name}.txt`), 'utf8');
  } catch {
    return undefined;
  }
}

/** Keeps what an example printed; returns the command that makes it the golden file. */
function acceptCommand(name: string, output: string): string {
  const kept = join(tmpdir(), 'wolfden-examples');
  mkdirSync(kept, { recursive: true });
  writeFileSync(join(kept, `${name}.txt`), output);
  return `cp ${join(kept, `${name}.txt`)} ${relative(process.cwd(), join(folder, 'golden', `${name}.txt`))}`;
}

const outcomes = runAll(examples);
for (const name of examples) {
  test(`examples/${name}.ts prints what it should`, async () => {
    const { output, errors, code } = await outcomes.get(name)!;
    assert.is(code, 0, errors);
    assert.is(errors, '');
    const golden = readGolden(name);
    if (output === golden) return;
    console.log(`to accept what examples/${name}.ts prints now: ${acceptCommand(name, output)}`);
    assert.fixture(output, golden ?? '');
    assert.unreachable('there is no golden file');
  });
}

test('every kind of event has an example, and the README lists every example', () => {
  assert.equal(
    EVENT_KINDS.filter((kind) => !examples.includes(kind)),
    [],
  );
  const readme = readFileSync(join(folder, 'README.md'), 'utf8');
  const listed = [...readme.matchAll(/\]\(([\w-]+)\.ts\)/g)].map(([, name]) => name);
  assert.equal(listed.sort(), examples);
});

test('every golden file has its example', () => {
  const golden = readdirSync(join(folder, 'golden')).map((file) => file.replace(/\.txt$/, ''));
  assert.equal(golden.sort(), examples);
});

test('a whole monitor takes less than 1 kB', () => {
  assert.ok(readFileSync(join(folder, 'third-party-monitor.ts')).length < 1000);
});

test.run();
