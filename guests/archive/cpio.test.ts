// Tests of the cpio writer and reader, against each other and, where it is installed, the system's cpio.

import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GuestError } from '../error.ts';
import { type CpioEntry, readCpio, writeCpio } from './cpio.ts';

const SEED = { seed: 20170401, numRuns: 200 };

const ENTRIES: readonly CpioEntry[] = [
  { path: 'bin', mode: 0o755, kind: 'directory' },
  { path: 'bin/busybox', mode: 0o4755, kind: 'file', bytes: Uint8Array.from([1, 2, 3, 4, 5]) },
  { path: 'bin/sh', mode: 0o777, kind: 'symlink', target: 'busybox' },
  { path: 'dev', mode: 0o755, kind: 'directory' },
  { path: 'dev/console', mode: 0o600, kind: 'character', major: 5, minor: 1 },
  { path: 'dev/sda', mode: 0o660, kind: 'block', major: 8, minor: 0 },
  { path: 'empty', mode: 0o644, kind: 'file', bytes: new Uint8Array(0) },
];

const isArchiveError = (error: unknown): boolean => error instanceof GuestError && error.trouble === 'archive';

test('what is written is what is read', () => {
  assert.equal(readCpio('a.cpio', writeCpio(ENTRIES)), ENTRIES);
});

test('any files survive', () => {
  const name = fc.stringMatching(/^[a-zé][a-z0-9._+-]{0,20}$/);
  const entry = fc.record({
    path: name,
    bytes: fc.uint8Array({ maxLength: 300 }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
  });
  fc.assert(
    fc.property(fc.uniqueArray(entry, { selector: ({ path }) => path }), (files) => {
      const entries = files.map((file): CpioEntry => ({ ...file, kind: 'file' }));
      assert.equal(readCpio('a.cpio', writeCpio(entries)), entries);
    }),
    SEED,
  );
});

test('the same files give the same bytes, and no two the same inode', () => {
  const archive = writeCpio(ENTRIES);
  assert.equal(writeCpio(ENTRIES), archive);
  assert.is(archive.length % 512, 0);
  const text = new TextDecoder('latin1').decode(archive);
  const inodes = [...text.matchAll(/070701([0-9a-f]{8})/g)].map(([, inode]) => inode);
  assert.is(new Set(inodes).size, ENTRIES.length + 1);
});

test('paths that leave the archive are refused', () => {
  for (const path of ['', '/etc', 'a/../b', './a', 'a//b', 'TRAILER!!!', 'a\0b']) {
    assert.throws(() => writeCpio([{ path, mode: 0o755, kind: 'directory' }]), isArchiveError, path);
  }
  // A forged archive, since the writer makes none.
  const forged = writeCpio([{ path: 'aa/b', mode: 0o755, kind: 'directory' }]);
  forged.set(new TextEncoder().encode('../b'), 110);
  assert.throws(() => readCpio('a.cpio', forged), /"..\/b" is no path/);
});

test('cut short or changed anywhere, an archive gives files or the typed error', () => {
  const archive = writeCpio(ENTRIES);
  const read = (bytes: Uint8Array): void => {
    try {
      readCpio('a.cpio', bytes);
    } catch (error) {
      if (!isArchiveError(error)) throw error;
    }
  };
  const trailer = new TextDecoder('latin1').decode(archive).indexOf('TRAILER');
  for (let size = 0; size < trailer; size++) {
    assert.throws(() => readCpio('a.cpio', archive.subarray(0, size)), isArchiveError);
  }
  const change = fc.tuple(fc.nat(archive.length - 1), fc.integer({ min: 0, max: 255 }));
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), (changes) => {
      const mutated = archive.slice();
      for (const [offset, value] of changes) mutated[offset] = value;
      read(mutated);
    }),
    SEED,
  );
});

test("the system's cpio, where there is one, lists the same", () => {
  const { error, stdout, status } = spawnSync('cpio', ['-itv', '--quiet', '-H', 'newc'], { input: writeCpio(ENTRIES) });
  if (error !== undefined) {
    console.log('  (not compared: there is no cpio on this machine)');
    assert.is((error as NodeJS.ErrnoException).code, 'ENOENT');
    return;
  }
  assert.is(status, 0);
  const lines = stdout.toString().trim().split('\n');
  assert.equal(
    lines.map((line) => line.slice(0, 10)),
    ['drwxr-xr-x', '-rwsr-xr-x', 'lrwxrwxrwx', 'drwxr-xr-x', 'crw-------', 'brw-rw----', '-rw-r--r--'],
  );
});

test.run();
