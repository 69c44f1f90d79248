// Tests of fetching: reading what apt says, and, where there is apt, the real thing into an empty cache.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GuestError, type GuestTrouble } from '../error.ts';
import { BUSYBOX } from '../initrd/busybox.ts';
import type { PackagedFile } from '../schema.ts';
import { followDependency, readPackages } from './control.ts';
import { checkMirror, mirrorsIn } from './mirror.ts';
import { type FetchEvent, packagedFiles } from './packaged.ts';

const HASH = '0123456789abcdef'.repeat(4);
const SHOWN = `Package: linux-image-686
Version: 6.1.176-1
Architecture: i386
Depends: linux-base (>= 4.3), linux-image-6.1.0-50-686 (= 6.1.176-1) | other
Description: Linux
 with a second line: Version: 9
Size: 1476
SHA256: ${HASH}

Package: without-hash
Version: 1
Size: 1
`;

const WANTED: PackagedFile = { suite: 'bookworm', package: 'linux-image-686', path: '^boot/', many: false };

async function failure(work: Promise<unknown>, trouble: GuestTrouble): Promise<string> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, GuestError, String(error));
  assert.is((error as GuestError).trouble, trouble, String(error));
  return (error as GuestError).message;
}

test('packages are read from what apt-cache shows', () => {
  const [found, ...others] = readPackages(SHOWN);
  assert.equal(others, []);
  assert.equal(found, {
    package: 'linux-image-686',
    version: '6.1.176-1',
    architecture: 'i386',
    depends: ['linux-base', 'linux-image-6.1.0-50-686'],
    sha256: HASH,
    size: 1476,
  });
  const follow = (dependency: string): string => followDependency(found!, { ...WANTED, dependency });
  assert.is(follow('^linux-image-6\\.1\\.\\d+-\\d+-686$'), 'linux-image-6.1.0-50-686');
  assert.throws(
    () => follow('^linux-image-7'),
    /expected a dependency like \^linux-image-7, found linux-base, linux-image-6/,
  );
});

test("Debian's mirrors are told from others", () => {
  const output = [
    "'http://mirror.example/debian/dists/bookworm/InRelease' mirror.example_debian 0 ",
    "'http://mirror.example/debian/dists/bookworm-updates/InRelease' x 0 ",
    "'http://mirror.example/ubuntu/dists/noble/InRelease' y 0 ",
    "'https://other.example/deb/dists/trixie/InRelease' z 0 ",
  ].join('\n');
  assert.equal(mirrorsIn(output), ['http://mirror.example/debian', 'https://other.example/deb']);
  assert.is(checkMirror('http://mirror.example/debian/'), 'http://mirror.example/debian');
  for (const mirror of ['', 'mirror.example', 'http://a b', 'http://x\ndeb http://y', '[trusted=yes] http://x']) {
    assert.throws(() => checkMirror(mirror), /is no address of a Debian mirror/);
  }
});

/** Runs a test in an empty cache folder where this machine has apt, and says so where it has not. */
function withApt(name: string, work: (cache: string) => Promise<void>): void {
  test(name, async () => {
    try {
      execFileSync('apt-get', ['--version']);
    } catch {
      console.log(`skipped: "${name}": there is no apt-get on this machine`);
      return;
    }
    const cache = await mkdtemp(join(tmpdir(), 'wolfden-test-'));
    try {
      await work(cache);
    } finally {
      await rm(cache, { recursive: true });
    }
  });
}

const leftovers = async (cache: string): Promise<string[]> =>
  (await readdir(cache, { recursive: true })).filter((path) => /\.part$|\.lock|deb-|\.deb$/.test(path));

/** Another process that fetches busybox; gives the kinds of events that it saw. */
async function fetchElsewhere(cache: string): Promise<string[]> {
  const code = `
    const { packagedFiles } = await import(${JSON.stringify(new URL('./packaged.ts', import.meta.url).href)});
    const { BUSYBOX } = await import(${JSON.stringify(new URL('../initrd/busybox.ts', import.meta.url).href)});
    const kinds = [];
    const { files } = await packagedFiles(BUSYBOX, { cache: ${JSON.stringify(cache)}, progress: (e) => kinds.push(e.kind) });
    console.log(JSON.stringify([files[0].path, ...kinds]));`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  const [status] = await once(child, 'close');
  assert.is(status, 0);
  return JSON.parse(output);
}

withApt('two processes at once fetch a package once; then it is in the cache', async (cache) => {
  const seen = await Promise.all([fetchElsewhere(cache), fetchElsewhere(cache)]);
  assert.equal(
    seen.map(([path]) => path),
    ['bin/busybox', 'bin/busybox'],
  );
  assert.is(seen.filter((kinds) => kinds.includes('unpack')).length, 1);
  assert.equal(await leftovers(cache), []);
  const events: FetchEvent[] = [];
  const options = { cache, progress: (event: FetchEvent) => events.push(event) };
  const { files } = await packagedFiles(BUSYBOX, { ...options, offline: true });
  assert.equal(events, []);
  assert.equal([...files[0]!.bytes.subarray(0, 4)], [0x7f, 0x45, 0x4c, 0x46]);

  // A pin whose version has gone: the archive's own signature decides, and the user is told.
  const moved = { ...BUSYBOX, path: 'busybox$', pin: { ...BUSYBOX.pin!, version: '0' } };
  const { record } = await packagedFiles(moved, options);
  assert.is(record.verifiedBy, 'apt');
  const notice = events.find((event) => event.kind === 'notice');
  assert.match(
    notice?.kind === 'notice' ? notice.text : '',
    /busybox-static 0, which was tried with Wolfden, is gone from the archive; taking busybox-static 1:/,
  );

  const mistaken = { ...BUSYBOX, path: 'box$', pin: { ...BUSYBOX.pin!, version: record.version, sha256: HASH } };
  assert.match(
    await failure(packagedFiles(mistaken, options), 'hash-mismatch'),
    new RegExp(`expected SHA-256 ${HASH}`),
  );
  await failure(packagedFiles({ ...WANTED, package: 'no-such-package' }, options), 'package-vanished');
  await failure(packagedFiles({ ...BUSYBOX, path: '^nothing$' }, options), 'archive');
  assert.equal(await leftovers(cache), []);
});

withApt('a mirror that is not there is told, and nothing is left', async (cache) => {
  const options = { cache, mirror: 'http://127.0.0.1:9/debian' };
  assert.match(await failure(packagedFiles(BUSYBOX, options), 'offline'), /cannot get the lists of packages/);
  assert.equal(await leftovers(cache), []);
  await failure(packagedFiles(BUSYBOX, { cache, signal: AbortSignal.abort() }), 'aborted');
  assert.equal(await leftovers(cache), []);
});

test('without apt, without network and with a bad .deb, the user is told what to do', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'wolfden-test-'));
  const { PATH } = process.env;
  try {
    process.env.PATH = cache;
    assert.match(await failure(packagedFiles(BUSYBOX, { cache }), 'apt-missing'), /there is no apt-get .*--deb FILE/);
    await failure(packagedFiles(BUSYBOX, { cache, offline: true }), 'offline');
    await writeFile(join(cache, 'x.deb'), 'no package');
    await failure(packagedFiles(BUSYBOX, { cache, deb: join(cache, 'x.deb') }), 'archive');
    await failure(packagedFiles(BUSYBOX, { cache, deb: join(cache, 'none.deb') }), 'archive');
  } finally {
    process.env.PATH = PATH;
    await rm(cache, { recursive: true });
  }
});

test.run();
