// Tests of unpacking packages: every kind of compression, damage, and hostile content.

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { gzipSync } from 'fflate';
import { packTar, type TarEntry } from 'modern-tar';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GuestError } from '../error.ts';
import { DEFAULT_LIMITS, unpackDeb } from './deb.ts';

/** An ar archive as dpkg-deb writes it. */
function debOf(name: string, data: Uint8Array): Uint8Array {
  const encoder = new TextEncoder();
  const member = (title: string, bytes: Uint8Array): Uint8Array[] => {
    const columns = [title.padEnd(16), '0'.padEnd(12), '0'.padEnd(6), '0'.padEnd(6), '100644'.padEnd(8)];
    const header = `${columns.join('')}${String(bytes.length).padEnd(10)}\`\n`;
    return [encoder.encode(header), bytes, new Uint8Array(bytes.length & 1).fill(10)];
  };
  const parts = [
    encoder.encode('!<arch>\n'),
    ...member('debian-binary', encoder.encode('2.0\n')),
    ...member(name, data),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

const KERNEL = Uint8Array.from({ length: 50_001 }, (_, index) => (index * 7) & 0xff);
const file = (name: string, body: Uint8Array, mode = 0o644): TarEntry => ({
  header: { name, size: body.length, type: 'file', mode, mtime: new Date(0) },
  body,
});
const ENTRIES: TarEntry[] = [
  { header: { name: './', size: 0, type: 'directory' } },
  // Small files before a large one: the decoder reads ahead.
  file('./boot/System.map-6', KERNEL.subarray(0, 83)),
  file('./boot/config-6', KERNEL.subarray(0, 30_000)),
  file('./boot/vmlinuz-6', KERNEL, 0o600),
  { header: { name: './vmlinuz', size: 0, type: 'symlink', linkname: 'boot/vmlinuz-6' } },
  file('./usr/share/doc/x', new Uint8Array(10)),
];

const isArchiveError = (error: unknown): boolean => error instanceof GuestError && error.trouble === 'archive';

/** The error that `work` fails with; fails the test when it does not fail. */
async function failure(work: Promise<unknown>): Promise<GuestError> {
  try {
    await work;
  } catch (error) {
    if (isArchiveError(error)) return error as GuestError;
    throw error;
  }
  throw new Error('expected an error');
}

/** Compresses with a program of the system, or gives undefined where it is not installed. */
function compressed(program: string, bytes: Uint8Array): Uint8Array | undefined {
  const { error, stdout } = spawnSync(program, ['-c'], { input: bytes, maxBuffer: 1 << 26 });
  if (error !== undefined) console.log(`  (not tried: there is no ${program} on this machine)`);
  return error === undefined ? new Uint8Array(stdout) : undefined;
}

test('files come out of every kind of package', async () => {
  const tar = await packTar(ENTRIES);
  const packages: [string, Uint8Array | undefined][] = [
    ['data.tar', tar],
    ['data.tar.gz', gzipSync(tar)],
    ['data.tar.xz', compressed('xz', tar)],
    ['data.tar.zst', compressed('zstd', tar)],
  ];
  for (const [name, data] of packages) {
    if (data === undefined) continue;
    const files = await unpackDeb('x.deb', debOf(name, data), (path) => path.includes('vmlinuz'));
    assert.equal(files, [
      { path: 'boot/vmlinuz-6', mode: 0o600, bytes: KERNEL },
      { path: 'vmlinuz', mode: 0o644, bytes: new Uint8Array(0), target: 'boot/vmlinuz-6' },
    ]);
  }
});

test('unpacking stops when it has what is wanted', async () => {
  const deb = debOf('data.tar', await packTar(ENTRIES));
  const seen: string[] = [];
  const wanted = (path: string): boolean => seen.push(path) > 0 && path === 'boot/config-6';
  const files = await unpackDeb('x.deb', deb, wanted, { count: 1 });
  assert.equal(
    files.map(({ path }) => path),
    ['boot/config-6'],
  );
  assert.equal(seen, ['boot/System.map-6', 'boot/config-6']);
});

test('a path that leaves the package is never given', async () => {
  const deb = debOf('data.tar', await packTar([file('./../../etc/passwd', KERNEL), file('/abs', KERNEL)]));
  const files = await unpackDeb('x.deb', deb, () => true);
  assert.equal(
    files.map(({ path }) => path),
    ['abs'],
  );
});

test('a package that unpacks to too much is stopped', async () => {
  const bomb = debOf('data.tar.gz', gzipSync(await packTar([file('./big', new Uint8Array(1 << 22))])));
  assert.ok(bomb.length < 1 << 14);
  const all = (limits: object) => unpackDeb('x.deb', bomb, () => true, { limits: { ...DEFAULT_LIMITS, ...limits } });
  assert.match((await failure(all({ totalSize: 1 << 20 }))).message, /unpacks to more than 1048576 bytes/);
  assert.match((await failure(all({ fileSize: 1 << 20 }))).message, /big has 4194304 bytes, over 1048576/);
  assert.match((await failure(all({ entries: 0 }))).message, /has over 0 files/);
});

test('damage is told with its place', async () => {
  const deb = debOf('data.tar.gz', gzipSync(await packTar(ENTRIES)));
  const unpack = (bytes: Uint8Array) => unpackDeb('x.deb', bytes, () => true);
  assert.match((await failure(unpack(new Uint8Array(4)))).message, /x.deb at offset 0: expected "!<arch>"/);
  assert.match((await failure(unpack(debOf('control.tar', deb)))).message, /expected a member data.tar\*/);
  assert.match((await failure(unpack(debOf('data.tar.lz', deb)))).message, /found data.tar.lz/);
  assert.match((await failure(unpack(deb.subarray(0, deb.length - 9)))).message, /expected \d+ bytes, found \d+/);
});

test('cut short or changed anywhere, a package gives files or the typed error', async () => {
  const tar = await packTar(ENTRIES);
  const packages = [debOf('data.tar.gz', gzipSync(tar)), debOf('data.tar', tar)];
  for (const [name, program] of [
    ['data.tar.xz', 'xz'],
    ['data.tar.zst', 'zstd'],
  ] as const) {
    const data = compressed(program, tar);
    if (data !== undefined) packages.push(debOf(name, data), debOf(name, data.subarray(0, data.length >> 1)));
  }
  for (const deb of packages) {
    const change = fc.tuple(fc.nat(deb.length - 1), fc.integer({ min: 0, max: 255 }));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 4 }), fc.nat(deb.length), async (changes, size) => {
        const mutated = deb.slice(0, size);
        for (const [offset, value] of changes) mutated[offset] = value;
        try {
          await unpackDeb('x.deb', mutated, () => true);
        } catch (error) {
          if (!isArchiveError(error)) throw error;
        }
      }),
      { seed: 20170401, numRuns: 60 },
    );
  }
});

test.run();
