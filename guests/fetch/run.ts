// Runs a program of the system and gives its output. Node only.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { GuestError } from '../error.ts';

/** What a program did. */
export interface RunResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `run` may be told. */
export interface RunOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  readonly signal?: AbortSignal | undefined;
}

/** More output than this is no answer to any question asked here. */
const MAX_OUTPUT = 64 << 20;

/**
 * Interrupts a process and, before it, those that it started, as a terminal does: apt's download methods then give the partial file the
 * time of the whole one, and only so can it be resumed.
 */
function interrupt(pid: number | undefined): void {
  if (pid === undefined) return;
  for (const one of [...childrenOf(pid), pid]) {
    try {
      process.kill(one, 'SIGINT');
    } catch {
      // It has just ended.
    }
  }
}

/** Of proc(5); where there is no such file, nobody is told early, and a download starts from its beginning again. */
function childrenOf(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

/**
 * Runs `program` to its end, in the C locale, so that its messages can be recognised.
 * @throws GuestError 'apt-missing' when there is no such program, 'aborted' when cancelled
 */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.folder,
      env: { ...process.env, LC_ALL: 'C', ...options.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text: string) => {
        output[name] += text;
        if (output[name].length > MAX_OUTPUT) child.kill();
      });
    }
    const stop = (): void => interrupt(child.pid);
    options.signal?.addEventListener('abort', stop, { once: true });
    if (options.signal?.aborted) stop();
    child.on('error', (error) => {
      options.signal?.removeEventListener('abort', stop);
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      const problem = missing ? `there is no ${program} on this machine` : `cannot run ${program}: ${error.message}`;
      const remedy = 'fetch the package elsewhere and give it with --deb FILE';
      reject(new GuestError('apt-missing', problem, remedy, { cause: error }));
    });
    child.on('close', (status) => {
      options.signal?.removeEventListener('abort', stop);
      if (options.signal?.aborted) reject(new GuestError('aborted', 'cancelled', 'run it again to go on'));
      else resolve({ status, ...output });
    });
  });
}
