// Starts a guest at a text that it shows, from a snapshot where there is one: boots are long, and the same each time.
import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Machine, type MachineAssets, type MachineOptions, type RunLimits } from '../machine.ts';
import { SnapshotError } from '../snapshot-file.ts';
import { HOOKED_SHA256 } from '../v86/version.ts';
import { writeAtomically } from './atomic-file.ts';
import { cacheFolder } from './cache-folder.ts';

/** How to start. */
export interface StartOptions {
  /** The text on the serial console at which the machine is handed over. */
  readonly until: string;
  /** Boots even where there is a snapshot, and keeps none. @default false */
  readonly cold?: boolean;
  /** Where snapshots are kept. @default the cache folder */
  readonly folder?: string;
  readonly signal?: AbortSignal;
  /** Most virtual milliseconds that a boot may take. */
  readonly for?: number;
  /** Told when there is no snapshot and the guest is booted. */
  readonly onBoot?: () => void;
}

/** A machine at the text. */
export interface Started {
  readonly machine: Machine;
  /** `cold` when the guest was booted, `snapshot` when it was restored. */
  readonly from: 'cold' | 'snapshot';
  /** Why the boot ended; `until` unless the guest halted or the signal was aborted. */
  readonly end: Awaited<ReturnType<Machine['run']>>;
}

/** Names everything that a boot depends on. */
function keyOf(options: MachineOptions, until: string): string {
  const { boot, ...rest } = options;
  const hash = createHash('sha256').update(JSON.stringify([HOOKED_SHA256, until, rest]));
  for (const [name, image] of Object.entries(boot)) hash.update(name).update(image as Uint8Array);
  return hash.digest('hex').slice(0, 32);
}

/** Reads a kept snapshot; one that is damaged or of older hooks is thrown away: it can be had again. */
async function restoreKept(path: string, assets: MachineAssets): Promise<Machine | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(path);
  } catch {
    return undefined;
  }
  try {
    return await Machine.restore(bytes, assets, { source: path });
  } catch (error) {
    if (!(error instanceof SnapshotError)) throw error;
    await rm(path, { force: true });
    return undefined;
  }
}

/**
 * Starts a guest and runs it to a text. The snapshot is taken there the first time; as `save` has the running machine forget what a
 * restored one doesn't know, the first run goes on like every later one.
 * @throws GuestCrash when the guest crashes on the way.
 */
export async function startAt(options: MachineOptions, assets: MachineAssets, start: StartOptions): Promise<Started> {
  const path = join(start.folder ?? cacheFolder(), 'snapshots', `${keyOf(options, start.until)}.snapshot`);
  const kept = start.cold ? undefined : await restoreKept(path, assets);
  if (kept) return { machine: kept, from: 'snapshot', end: 'until' };
  const machine = await Machine.create(options, assets);
  start.onBoot?.();
  const limits: RunLimits = {
    until: start.until,
    ...(start.signal ? { signal: start.signal } : {}),
    ...(start.for === undefined ? {} : { for: start.for }),
  };
  const end = await machine.run(limits);
  if (end === 'until' && !start.cold) await keep(path, await machine.save());
  return { machine, from: 'cold', end };
}

/** Keeps a snapshot. A cache that can't be written only costs the next boot its time. */
async function keep(path: string, bytes: Uint8Array): Promise<void> {
  await writeAtomically(path, bytes).catch(() => undefined);
}
