// A lock between processes: one folder, one holder. Node only.

import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { cacheError, makeFolder } from './cache.ts';
import { throwIfAborted } from './error.ts';

/** Who holds a lock, as it is written in the lock file. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

/** A live holder touches its lock this often, milliseconds. */
const HEARTBEAT = 5_000;
/** A lock untouched for this long belongs to nobody, on whichever host. */
const STALE_AFTER = 60_000;
const POLL = 100;

/** What `withLock` may be told. */
export interface LockOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called once when another process holds the lock. */
  readonly onWait?: (() => void) | undefined;
}

/**
 * Runs `work` while no other process that names the same lock file does. A lock left by a process that died is taken over.
 * @throws GuestError when cancelled, or when the file cannot be written
 */
export async function withLock<T>(path: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  await makeFolder(dirname(path));
  const me: Holder = { pid: process.pid, host: hostname(), token: randomUUID() };
  let waited = false;
  while (!(await tryAcquire(path, me))) {
    throwIfAborted(options.signal);
    if (!waited) options.onWait?.();
    waited = true;
    if (await isStale(path)) await steal(path, me);
    else await wait(POLL);
  }
  const heartbeat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, HEARTBEAT);
  heartbeat.unref();
  try {
    return await work();
  } finally {
    clearInterval(heartbeat);
    if ((await readHolder(path))?.token === me.token) await rm(path, { force: true });
  }
}

/** Linking a whole file into place is atomic: no reader sees a lock without its holder. */
async function tryAcquire(path: string, me: Holder): Promise<boolean> {
  const candidate = `${path}.${me.token}`;
  try {
    await writeFile(candidate, JSON.stringify(me), { flag: 'wx' });
    await link(candidate, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw cacheError('lock', path, error);
  } finally {
    await rm(candidate, { force: true });
  }
}

async function readHolder(path: string): Promise<Partial<Holder> | undefined> {
  try {
    const holder: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof holder === 'object' && holder !== null ? holder : {};
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? undefined : {};
  }
}

async function isStale(path: string): Promise<boolean> {
  const holder = await readHolder(path);
  if (holder === undefined) return false;
  if (holder.host === hostname() && typeof holder.pid === 'number') return !isRunning(holder.pid);
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs > STALE_AFTER;
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Moves a stale lock away. Of several processes that try, rename lets one win; a lock that came to life meanwhile is put back. */
async function steal(path: string, me: Holder): Promise<void> {
  const away = `${path}.${me.token}.stale`;
  try {
    await rename(path, away);
    if (!(await isStale(away))) await link(away, path).catch(() => {});
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw cacheError('take over the lock', path, error);
  } finally {
    await rm(away, { force: true });
  }
}
