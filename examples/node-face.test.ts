// The library's face in node: every example in its documentation runs, and its errors say what to do.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bootGuest, GuestError, loadGuest, restoreMachine, SnapshotError, saveMachine } from '../index.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'wolfden-face-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** The code of each `@example` of a source file. */
function documentedExamples(source: string): string[] {
  const comments = source.match(/\/\*\*[\s\S]*?\*\//g) ?? [];
  return comments.flatMap((comment) => {
    const lines = comment.split('\n').map((line) => line.replace(/^ \* ?/, ''));
    const start = lines.indexOf('@example');
    const end = lines.findIndex((line, i) => i > start && /^(@|\*?\/)|^ \*\//.test(line));
    return start < 0 ? [] : [lines.slice(start + 1, end).join('\n')];
  });
}

test('the examples in the documentation run', () => {
  const examples = documentedExamples(readFileSync(join(root, 'index.ts'), 'utf8'));
  assert.is(examples.length, 5);
  const imports = [
    `import { readFile } from 'node:fs/promises';`,
    `import * as wolfden from ${JSON.stringify(join(root, 'index.ts'))};`,
    'const { bootGuest, createMachine, loadGuest, restoreMachine, saveMachine } = wolfden;',
  ];
  const file = join(folder, 'documentation.mts');
  writeFileSync(file, [...imports, ...examples.map((code) => `{\n${code}\n}`)].join('\n'));
  copyFileSync(join(root, 'guests/pup/images/pup.elf'), join(folder, 'kernel.elf'));
  const tsx = import.meta.resolve('tsx');
  const output = execFileSync(process.execPath, ['--import', tsx, file], { cwd: folder, encoding: 'utf8' });
  assert.match(output, /^pup pup, \d+ KiB free\r\npup# /);
  assert.match(output, 'CR0: 0x');
  assert.match(output, 'pup# echo hello\r\nhello\r\npup# ');
});

async function failureOf(run: () => Promise<unknown>): Promise<Error> {
  try {
    await run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected it to fail');
}

test('a guest that does not exist, one without a prompt, one that ends before its prompt', async () => {
  const unknown = await failureOf(() => bootGuest('pap'));
  assert.instance(unknown, GuestError);
  assert.match(unknown.message, 'did you mean pup');
  const file = join(folder, 'guest.json');
  const describe = (prompt?: string) => {
    const kernel = join(folder, 'kernel.elf');
    copyFileSync(join(root, 'guests/pup/images/pup-quiet.elf'), kernel);
    writeFileSync(file, JSON.stringify({ name: 'mine', kernel, boot: 'multiboot', prompt }));
  };
  describe();
  assert.match((await failureOf(() => bootGuest(file))).message, 'has no prompt to wait for; use loadGuest');
  describe('login:');
  const ended = await failureOf(() => bootGuest(file));
  assert.match(ended.message, /expected its prompt "login:", but it halted after showing ".*pup: halted/);
});

test('options reach the guest and its machine', async () => {
  const machine = await loadGuest('pup', { commandLine: 'run=/etc/quiet.sh', jit: false, memorySize: 24 << 20 });
  let compiled = 0;
  machine.on('jit-install', () => void compiled++);
  assert.is(await machine.run(), 'halted');
  assert.match(machine.console.text, '+ ls /bin');
  assert.is(compiled, 0);
  assert.is(machine.memory.size, 24 << 20);
  await machine.close();
});

test('a listener that returns what is no decision ends the run with an error, not the guest', async () => {
  const machine = await bootGuest('pup');
  machine.on('cr3-write', (() => 0) as never); // what JavaScript would let pass
  machine.type('ls\n');
  const failure = await failureOf(() => machine.run({ until: 'pup# ' }));
  assert.instance(failure, TypeError);
  assert.match(failure.message, "expected it to return 'suppress', 'stop' or nothing, found 0");
  await machine.close();
});

test('a snapshot in a file goes on like the one in memory; a damaged file is named', async () => {
  const machine = await bootGuest('pup');
  const path = join(folder, 'at-prompt.snapshot');
  await saveMachine(machine, path);
  const inMemory = await machine.save();
  const ends: unknown[] = [];
  for (const snapshot of [path, inMemory]) {
    const restored = await restoreMachine(snapshot);
    restored.type('pingpong 20\n');
    await restored.run({ until: 'pup# ' });
    ends.push(restored.cpu.toJSON());
    await restored.close();
  }
  assert.equal(ends[0], ends[1]);
  await machine.close();
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.subarray(0, bytes.length >> 1));
  const damaged = await failureOf(() => restoreMachine(path));
  assert.instance(damaged, SnapshotError);
  assert.match(damaged.message, path);
});

test.run();
