// Tests of downloading from an archive of our own on this machine: interrupted, resumed, damaged, and without room on the disk.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sha256 } from '../cache.ts';
import { GuestError } from '../error.ts';
import { type AptState, aptConfiguration } from './apt-state.ts';
import type { BinaryPackage } from './control.ts';
import { downloadPackage } from './download.ts';
import { run } from './run.ts';

const DEB = Uint8Array.from({ length: 3_000_000 }, (_, index) => (index * index) >> 7);
const WANTED: BinaryPackage = {
  package: 'wolfden-test',
  version: '1.0',
  architecture: 'i386',
  depends: [],
  sha256: sha256(DEB),
  size: DEB.length,
};
const LISTS = `Package: wolfden-test
Version: 1.0
Architecture: i386
Maintainer: nobody <nobody@example.org>
Description: a package of nothing
Filename: ./wolfden-test.deb
Size: ${DEB.length}
SHA256: ${WANTED.sha256}
`;
const MODIFIED = 'Fri, 01 May 2020 10:00:00 GMT';

/** What the archive does with the next request for the package. */
interface Archive {
  /** Bytes after which it falls silent. */
  pauseAfter: number;
  content: Uint8Array;
  /** Range headers of the requests for the package; '' for none. */
  readonly ranges: string[];
}

const hasApt = ((): boolean => {
  try {
    execFileSync('apt-get', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

/** A test with an archive and an apt that knows nothing else. */
function archiveTest(
  name: string,
  work: (archive: Archive, state: (signal?: AbortSignal) => AptState) => Promise<void>,
) {
  test(name, async () => {
    if (!hasApt) {
      console.log(`skipped: "${name}": there is no apt-get on this machine`);
      return;
    }
    const archive: Archive = { pauseAfter: Number.POSITIVE_INFINITY, content: DEB, ranges: [] };
    const server = createServer((request, response) => {
      if (request.url?.endsWith('/Packages')) return void response.end(LISTS);
      if (!request.url?.endsWith('.deb')) return void response.writeHead(404).end();
      const range = request.headers.range ?? '';
      archive.ranges.push(range);
      const whole = request.headers['if-range'] !== MODIFIED;
      const from = whole ? 0 : Number(/^bytes=(\d+)-$/.exec(range)?.[1] ?? 0);
      const { length } = archive.content;
      const headers = { 'Last-Modified': MODIFIED, 'Accept-Ranges': 'bytes', 'Content-Length': length - from };
      const partial = { 'Content-Range': `bytes ${from}-${length - 1}/${length}` };
      response.writeHead(from > 0 ? 206 : 200, from > 0 ? { ...headers, ...partial } : headers);
      const end = Math.min(length, from + archive.pauseAfter);
      response.write(archive.content.subarray(from, end));
      if (end === length) response.end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const folder = await mkdtemp(join(tmpdir(), 'wolfden-test-'));
    try {
      await prepareFolder(folder, (server.address() as AddressInfo).port);
      const environment = { APT_CONFIG: join(folder, 'apt.conf') };
      await run('apt-get', ['update', '-q'], { environment });
      await work(archive, (signal) => ({
        folder,
        run: (program, args) => run(program, args, { environment, signal }),
      }));
    } finally {
      server.closeAllConnections();
      server.close();
      await rm(folder, { recursive: true });
    }
  });
}

async function prepareFolder(folder: string, port: number): Promise<void> {
  for (const name of ['lists/partial', 'cache/archives/partial']) await mkdir(join(folder, name), { recursive: true });
  await writeFile(join(folder, 'status'), '');
  await writeFile(join(folder, 'sources.list'), `deb [trusted=yes arch=i386] http://127.0.0.1:${port}/ ./\n`);
  await writeFile(join(folder, 'apt.conf'), aptConfiguration(folder, ['Acquire::http::Proxy "DIRECT";']));
}

const partialOf = (state: AptState): string => join(state.folder, 'downloads', `${WANTED.sha256}.part`);

async function failure(work: Promise<unknown>): Promise<GuestError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, GuestError, String(error));
  return error as GuestError;
}

archiveTest('a download that was cancelled goes on where it stopped', async (archive, stateWith) => {
  archive.pauseAfter = 1_000_000;
  const controller = new AbortController();
  const cancelled = failure(downloadPackage(stateWith(controller.signal), WANTED));
  const state = stateWith();
  while ((await stat(partialOf(state)).catch(() => ({ size: 0 }))).size < archive.pauseAfter) await wait(20);
  controller.abort();
  assert.is((await cancelled).trouble, 'aborted');
  archive.pauseAfter = Number.POSITIVE_INFINITY;
  const received: number[] = [];
  const deb = await downloadPackage(state, WANTED, (bytes) => received.push(bytes));
  assert.is(sha256(deb), WANTED.sha256);
  assert.equal(archive.ranges, ['', 'bytes=1000000-']);
  assert.is(received.at(-1), DEB.length);
  assert.equal(await readdir(join(state.folder, 'downloads')), []);
});

archiveTest('what is left of another file, or of too much, does no harm', async (archive, stateWith) => {
  const state = stateWith();
  await mkdir(join(state.folder, 'downloads'));
  await writeFile(join(state.folder, 'downloads', 'other.part'), 'other');
  await writeFile(partialOf(state), new Uint8Array(DEB.length + 1));
  assert.is(sha256(await downloadPackage(state, WANTED)), WANTED.sha256);
  // Here since a kill without warning, so that its time is not the mirror's: the mirror sends all of it.
  await writeFile(partialOf(state), DEB.subarray(0, 1000));
  assert.is(sha256(await downloadPackage(state, WANTED)), WANTED.sha256);
  assert.equal(archive.ranges, ['', 'bytes=1000-']);
  assert.equal(await readdir(join(state.folder, 'downloads')), []);
});

archiveTest('other bytes than the lists promise are refused, and not kept', async (archive, stateWith) => {
  const state = stateWith();
  archive.content = DEB.with(77, 1 + DEB[77]!);
  assert.is((await failure(downloadPackage(state, WANTED))).trouble, 'hash-mismatch');
  assert.equal(await readdir(join(state.folder, 'downloads')), []);
  const gone = await failure(downloadPackage(state, { ...WANTED, version: '2.0' }));
  assert.match(gone.message, /wolfden-test 2\.0/);
});

/** Runs TypeScript in a process that a line of shell has confined, and gives what it printed. */
async function confined(setup: string, code: string): Promise<string> {
  const argv = ['-c', `${setup} && exec "$0" --import tsx --input-type=module -e "$1"`, process.execPath, code];
  const child = spawn('unshare', ['--user', '--map-root-user', '--mount', 'sh', ...argv], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (text) => {
    output += text;
  });
  await once(child, 'close');
  return output.trim();
}

/** No file over 1 MiB: the shell counts blocks of 512 bytes. */
const SMALL_FILES = 'ulimit -f 2048';
/** A file system with 1 MiB in place of a folder. */
const smallDisk = (folder: string): string => `mount -t tmpfs -o size=1m small '${folder}'`;

const canConfine = ((): boolean => {
  try {
    execFileSync('unshare', ['--user', '--map-root-user', '--mount', 'sh', '-c', smallDisk('/mnt')], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
})();

const moduleOf = (name: string): string => JSON.stringify(new URL(name, import.meta.url).href);

archiveTest(
  'a package that does not fit says so, and leaves no partial file to fill the disk',
  async (_, stateWith) => {
    const state = stateWith();
    const folder = join(state.folder, 'downloads');
    await mkdir(folder);
    if (!canConfine) console.log('skipped: a full disk, because unshare may not make a small one here');
    for (const setup of canConfine ? [SMALL_FILES, smallDisk(folder)] : []) {
      const output = await confined(
        setup,
        `
      import { readdir } from 'node:fs/promises';
      const { downloadPackage } = await import(${moduleOf('./download.ts')});
      const { run } = await import(${moduleOf('./run.ts')});
      const environment = { APT_CONFIG: ${JSON.stringify(join(state.folder, 'apt.conf'))} };
      const state = { folder: ${JSON.stringify(state.folder)}, run: (program, args) => run(program, args, { environment }) };
      const error = await downloadPackage(state, ${JSON.stringify(WANTED)}).catch((reason) => reason);
      console.log(error.trouble + ': ' + error.message, await readdir(${JSON.stringify(folder)}));`,
      );
      assert.match(output, /^disk-full: no room for wolfden-test 1\.0; free some space .* \[\]$/, setup);
    }
  },
);

test('a cache that cannot grow says so, and has no half file', async () => {
  if (!canConfine) return void console.log('skipped: a full cache, because unshare may not make a small disk here');
  const folder = await mkdtemp(join(tmpdir(), 'wolfden-test-'));
  try {
    for (const setup of [SMALL_FILES, smallDisk(folder)]) {
      const output = await confined(
        setup,
        `
        import { readdir } from 'node:fs/promises';
        const { ContentStore } = await import(${moduleOf('../cache.ts')});
        const folder = ${JSON.stringify(folder)};
        const error = await new ContentStore(folder).put(new Uint8Array(2 << 20)).catch((reason) => reason);
        console.log(error.trouble + ': ' + error.message, await readdir(folder));`,
      );
      assert.match(
        output,
        /^disk-full: no room to write .*; free some space or set WOLFDEN_CACHE elsewhere \[\]$/,
        setup,
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

test.run();
