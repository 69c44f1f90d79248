// A private state for apt: own sources, lists and (empty) status in the cache folder, so that packages of another
// architecture and release can be fetched without root and without touching the system's apt. Node only.
// Sources: apt.conf(5), sources.list(5), apt-secure(8).

import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeAtomically } from '../cache.ts';
import { GuestError } from '../error.ts';
import { checkMirror, machineMirror } from './mirror.ts';
import { type RunResult, run } from './run.ts';

/** Debian's keys for its releases; without them nothing can be verified. */
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';
/** The machine's own settings for how to reach its mirrors and how strictly to read dates are kept; nothing else of it is. */
const KEPT_SETTINGS = /^Acquire::(https?|ftp|Retries|ForceIPv[46]|Check-Date|Check-Valid-Until)\b/;

/** What apt says when the disk is full, or files may not grow any more (signal 25 is Linux's SIGXFSZ). */
export const NO_ROOM = /No space left|Disk quota exceeded|File too large|received signal 25\b/i;

/** Runs apt programs on a private state. */
export interface AptState {
  readonly folder: string;
  run(program: AptProgram, args: readonly string[]): Promise<RunResult>;
}

/** Programs of the package apt. The helper is in no search path. */
export type AptProgram = 'apt-get' | 'apt-cache' | '/usr/lib/apt/apt-helper';

/** What `aptState` has to know. */
export interface AptStateOptions {
  /** Folder for this state; made when it is not there. */
  readonly folder: string;
  readonly suite: string;
  /** Mirror to use in place of the machine's own. */
  readonly mirror?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Makes or refreshes the private state; downloads no lists yet. */
export async function aptState(options: AptStateOptions): Promise<AptState> {
  const { folder, signal } = options;
  const mirror = options.mirror === undefined ? await machineMirror(signal) : checkMirror(options.mirror);
  await requireKeyring();
  await makeFolder(join(folder, 'lists', 'partial'));
  await makeFolder(join(folder, 'cache', 'archives', 'partial'));
  const kept = await machineSettings(signal);
  await writeAtomically(join(folder, 'status'), '');
  const source = `deb [arch=i386 signed-by=${KEYRING}] ${mirror} ${options.suite} main\n`;
  await writeAtomically(join(folder, 'sources.list'), source);
  const configuration = join(folder, 'apt.conf');
  await writeAtomically(configuration, aptConfiguration(folder, kept));
  return { folder, run: (program, args) => run(program, args, { environment: { APT_CONFIG: configuration }, signal }) };
}

/** Whether the lists of packages were downloaded at all. */
export async function hasLists(state: AptState): Promise<boolean> {
  const names = await readdir(join(state.folder, 'lists'));
  return names.some((name) => name.includes('_Packages'));
}

/** Downloads the lists of packages; apt checks their signatures. */
export async function updateLists(state: AptState): Promise<void> {
  const { status, stderr, stdout } = await state.run('apt-get', ['update', '-q', '--error-on=any']);
  if (status === 0) return;
  const message = (stderr || stdout).trim().split('\n').slice(-3).join(' ');
  if (/NO_PUBKEY|not signed|BADSIG|EXPKEYSIG|signatures? (couldn't|were invalid)/i.test(message)) {
    const remedy = 'update debian-archive-keyring, or try another mirror with --mirror URL';
    throw new GuestError('hash-mismatch', `the mirror's signature is not valid: ${message}`, remedy);
  }
  if (NO_ROOM.test(message)) {
    const remedy = 'free some space or set WOLFDEN_CACHE elsewhere';
    throw new GuestError('disk-full', `no room for the lists of packages in ${state.folder}`, remedy);
  }
  const remedy = 'check the network, try another mirror with --mirror URL, or give the package with --deb FILE';
  throw new GuestError('offline', `cannot get the lists of packages: ${message}`, remedy);
}

async function requireKeyring(): Promise<void> {
  try {
    await access(KEYRING);
    if ((await stat(KEYRING)).size > 0) return;
  } catch {
    // Told below.
  }
  const remedy = 'install debian-archive-keyring, or give the package with --deb FILE';
  throw new GuestError('apt-missing', `${KEYRING} is missing, so no package can be verified`, remedy);
}

async function machineSettings(signal: AbortSignal | undefined): Promise<string[]> {
  const { stdout } = await run('apt-config', ['dump'], { signal });
  return stdout.split('\n').filter((line) => KEPT_SETTINGS.test(line));
}

/**
 * The text of an apt.conf that keeps apt inside a folder.
 * @param kept further lines
 */
export function aptConfiguration(folder: string, kept: readonly string[]): string {
  if (/["\n\\]/.test(folder)) {
    throw new GuestError('cache', `apt cannot use the folder ${folder}`, 'set WOLFDEN_CACHE to a simpler path');
  }
  const inFolder = (name: string): string => `"${join(folder, name)}"`;
  return [
    '#clear APT::Architectures;',
    'APT::Architecture "i386";',
    'APT::Architectures { "i386"; };',
    // Without root there is nobody to change to.
    'APT::Sandbox::User "";',
    `Dir::State "${folder}";`,
    `Dir::State::lists ${inFolder('lists')};`,
    `Dir::State::status ${inFolder('status')};`,
    `Dir::Cache ${inFolder('cache')};`,
    'Dir::Cache::pkgcache "";',
    'Dir::Cache::srcpkgcache "";',
    ...['main', 'parts', 'sourceparts', 'preferences', 'preferencesparts', 'trusted', 'trustedparts'].map(
      (name) => `Dir::Etc::${name} "/dev/null";`,
    ),
    `Dir::Etc::sourcelist ${inFolder('sources.list')};`,
    'Acquire::Languages "none";',
    'Acquire::GzipIndexes "true";',
    'Acquire::Retries "3";',
    ...kept,
    '',
  ].join('\n');
}
