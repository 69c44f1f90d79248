// Runs every test file in a process of its own, two at a time, and closes with the line `N passed, N failed`.
// Usage: npm test [-- PART ...]: only files whose path contains one of the parts.
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';

interface Result {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const root = new URL('..', import.meta.url).pathname;

/** Counts as uvu prints them, after stripping colours. */
function count(output: string, exitCode: number | null): Result {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colour codes begin with ESC.
  const plain = output.replace(/\x1b\[[0-9;]*m/g, '');
  const number = (label: string) => Number(new RegExp(`${label}:\\s+(\\d+)`).exec(plain)?.[1] ?? Number.NaN);
  const [total, passed, skipped] = [number('Total'), number('Passed'), number('Skipped')];
  // A file that ends without its summary, or with a bad exit code and no failed test, has failed all the same.
  if (!(total >= 0) || (exitCode !== 0 && passed === total)) return { passed: passed || 0, failed: 1, skipped: 0 };
  return { passed, failed: total - passed, skipped: skipped || 0 };
}

function runFile(file: string): Promise<Result> {
  return new Promise((resolve) => {
    const start = performance.now();
    const child = spawn(process.execPath, ['--import', 'tsx', file], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
    child.on('close', (exitCode) => {
      const result = count(output, exitCode);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`${result.failed === 0 ? 'ok  ' : 'FAIL'} ${file} (${result.passed} tests, ${seconds} s)`);
      const notes = output.split('\n').filter((line) => /^\s*skipped:/i.test(line));
      if (result.failed > 0) console.log(output);
      else for (const note of notes) console.log(`     ${note.trim()}`);
      resolve(result);
    });
  });
}

const parts = process.argv.slice(2);
const folders = ['emulator', 'monitors', 'guests', 'cli', 'bench', 'scripts', 'examples'];
const files = folders
  .flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' }).map((f) => `${folder}/${f}`),
  )
  .filter((file) => file.endsWith('.test.ts'))
  .sort()
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)));
const results: Result[] = [];
const worker = async (): Promise<void> => {
  for (let file = files.shift(); file !== undefined; file = files.shift()) results.push(await runFile(file));
};
await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, worker));
const sum = (field: keyof Result) => results.reduce((total, result) => total + result[field], 0);
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
console.log(`${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
process.exitCode = sum('failed') > 0 || results.length === 0 ? 1 : 0;
