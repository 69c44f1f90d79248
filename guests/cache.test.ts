// Tests of the cache folder and of the lock.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ContentStore, cacheError, cacheFolder, sha256, writeAtomically } from './cache.ts';
import { GuestError } from './error.ts';
import { withLock } from './lock.ts';

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'wolfden-test-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('the folder is where the user or XDG says', () => {
  assert.is(cacheFolder({ WOLFDEN_CACHE: '/a/b', XDG_CACHE_HOME: '/x' }), '/a/b');
  assert.is(cacheFolder({ XDG_CACHE_HOME: '/x' }), '/x/wolfden');
  assert.match(cacheFolder({ XDG_CACHE_HOME: 'relative' }), /\/\.cache\/wolfden$/);
});

test('a file is written whole, or not at all and without a trace', () =>
  inFolder(async (folder) => {
    await writeAtomically(join(folder, 'a', 'b'), 'text');
    assert.is(await readFile(join(folder, 'a', 'b'), 'utf8'), 'text');
    // A folder of that name is in the way of the rename.
    await writeAtomically(join(folder, 'c', 'd'), 'text');
    await failure(writeAtomically(join(folder, 'c'), 'text'), 'cache');
    assert.equal((await readdir(folder)).sort(), ['a', 'c']);
  }));

test('a full disk is told as such', () => {
  const error = cacheError('write', '/x', Object.assign(new Error('no'), { code: 'ENOSPC' }));
  assert.is(error.trouble, 'disk-full');
  assert.match(error.message, /WOLFDEN_CACHE/);
});

test('content that was changed behind our back is not given', () =>
  inFolder(async (folder) => {
    const store = new ContentStore(folder);
    const hash = await store.put(Buffer.from('content'));
    assert.is(hash, sha256('content'));
    assert.equal(await store.get(hash), Buffer.from('content'));
    await writeFile(join(folder, hash), 'damaged');
    assert.is(await store.get(hash), undefined);
    assert.is(await store.get('../../etc/passwd'), undefined);
    await store.put(Buffer.from('content'));
    assert.equal(await store.get(hash), Buffer.from('content'));
  }));

test('one at a time works under a lock, also when several take over a dead one', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'lock');
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    await writeFile(path, JSON.stringify({ pid: child.pid, host: hostname(), token: 'dead' }));
    let inside = 0;
    let most = 0;
    const results = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        withLock(path, async () => {
          most = Math.max(most, ++inside);
          await new Promise((resolve) => setTimeout(resolve, 5));
          inside--;
          return index;
        }),
      ),
    );
    assert.equal(results, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.is(most, 1);
    assert.equal(await readdir(folder), []);
  }));

test('waiting for a lock can be cancelled, and its holder keeps it', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'lock');
    const cancel = new AbortController();
    await withLock(path, async () => {
      const waiting = withLock(path, async () => {}, { signal: cancel.signal, onWait: () => cancel.abort() });
      await failure(waiting, 'aborted');
      assert.equal(await readdir(folder), ['lock']);
    });
    assert.equal(await readdir(folder), []);
  }));

async function failure(work: Promise<unknown>, trouble: string): Promise<void> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  assert.instance(error, GuestError);
  assert.is((error as GuestError).trouble, trouble);
}

test.run();
