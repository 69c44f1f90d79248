// Monitors of the user's own: modules given with --monitor.
import { access } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Machine } from '../emulator/index.ts';
import type { PreparedGuest } from '../guests/index.ts';
import { UsageError } from './failure.ts';

/** What a monitor is told besides the machine. */
export interface MonitorContext {
  /** The guest that is about to run. */
  readonly guest: Pick<PreparedGuest, 'name' | 'commandLine' | 'memorySize' | 'prompt'>;
  /** Writes a line for the user: to the standard error output, where it does not mix with the guest's. */
  readonly print: (line: string) => void;
}

/** What a monitor may return. */
export interface MonitorHandle {
  /** Asked once after the run; the result, which must fit into JSON, is shown to the user. */
  summary(): unknown;
}

/** The default export of a monitor's module: subscribes to the machine, which stands before its first instruction or at a prompt. */
export type UserMonitor = (
  machine: Machine,
  context: MonitorContext,
) => void | MonitorHandle | Promise<void | MonitorHandle>;

/** A monitor and where it is from. */
export interface LoadedMonitor {
  readonly file: string;
  readonly start: UserMonitor;
}

/** Codes of node's errors for a TypeScript file that it can't run by itself: none at all, or not this syntax. */
const NEEDS_TSX = ['ERR_UNKNOWN_FILE_EXTENSION', 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX', 'ERR_INVALID_TYPESCRIPT_SYNTAX'];

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? '';

/** Imports a module: by node where it can, else by tsx, which is no dependency of ours. */
async function importModule(file: string, url: string): Promise<unknown> {
  try {
    return await import(url);
  } catch (error) {
    if (!NEEDS_TSX.includes(codeOf(error))) throw error;
  }
  const tsx = await import('tsx/esm/api').catch((error: unknown) => {
    const problem = `--monitor ${file}: expected tsx to run TypeScript, found none`;
    throw new UsageError(`${problem}; install it with npm install tsx, or give a .js file`, { cause: error });
  });
  return tsx.tsImport(url, import.meta.url);
}

/**
 * Loads a monitor's module.
 * @throws UsageError when there is no such file, it can't be loaded, or its default export is no function.
 */
export async function loadMonitor(file: string): Promise<LoadedMonitor> {
  const path = resolve(file);
  await access(path).catch((error: Error) => {
    throw new UsageError(`--monitor ${file}: cannot read it: ${error.message}; give the path of a .ts or .js file`);
  });
  const url = pathToFileURL(path).href;
  const module = await importModule(file, url).catch((error: Error) => {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--monitor ${file}: it cannot be loaded: ${error.message}`, { cause: error });
  });
  const start: unknown = (module as { default?: unknown }).default;
  if (typeof start === 'function') return { file, start: start as UserMonitor };
  const found = start === undefined ? 'none' : typeof start;
  throw new UsageError(
    `--monitor ${file}: expected a function (machine, context) as default export, found ${found}; see wolfden run --help`,
  );
}

/**
 * Starts monitors, in the order in which they were given.
 * @returns those that will have something to say in the end, by file.
 */
export async function startMonitors(
  monitors: readonly LoadedMonitor[],
  machine: Machine,
  guest: PreparedGuest,
  print: (line: string) => void,
): Promise<ReadonlyMap<string, MonitorHandle>> {
  const handles = new Map<string, MonitorHandle>();
  for (const { file, start } of monitors) {
    const handle = await start(machine, { guest, print });
    if (handle) handles.set(file, handle);
  }
  return handles;
}
