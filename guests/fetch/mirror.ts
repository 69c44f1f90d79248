// Finds the Debian mirror that this machine already uses. Node only.

import { GuestError } from '../error.ts';
import { run } from './run.ts';

/** Names of releases that show that a repository is Debian's and not that of a derivative. */
const DEBIAN_SUITES = new Set(
  'bullseye bookworm trixie forky duke sid stable oldstable oldoldstable testing unstable'.split(' '),
);

/** Repositories in what `apt-get update --print-uris` prints: one quoted address per index file. */
export function mirrorsIn(output: string): string[] {
  const mirrors = new Set<string>();
  for (const [, base, suite] of output.matchAll(/^'([^'\s]+?)\/?\/dists\/([^'/\s]+)\/InRelease'/gm)) {
    if (base !== undefined && suite !== undefined && DEBIAN_SUITES.has(suite)) mirrors.add(base);
  }
  return [...mirrors];
}

/** A mirror given by the user, checked, because it becomes part of apt's configuration. */
export function checkMirror(mirror: string): string {
  if (!/^(https?|ftp|file|copy|mirror\+https?|tor\+https?):\/[\w.~:/%@+,=-]+$/.test(mirror)) {
    const problem = `"${mirror}" is no address of a Debian mirror`;
    throw new GuestError('no-mirror', problem, 'give one like scheme://host/debian');
  }
  return mirror.replace(/\/+$/, '');
}

/** The mirror in this machine's apt sources. */
export async function machineMirror(signal?: AbortSignal): Promise<string> {
  const { stdout } = await run('apt-get', ['update', '--print-uris'], { signal });
  const [mirror] = mirrorsIn(stdout);
  if (mirror === undefined) {
    const problem = "this machine's apt sources name no Debian mirror";
    throw new GuestError('no-mirror', problem, 'name one with --mirror URL, or give the package with --deb FILE');
  }
  return checkMirror(mirror);
}
