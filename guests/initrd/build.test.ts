// Tests of building initrds.

import { gunzipSync } from 'fflate';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readCpio, writeCpio } from '../archive/cpio.ts';
import { compress, initrdEntries } from './build.ts';
import { busyboxInitrd } from './busybox.ts';

const CONTENT = {
  described: new Map([['bin/busybox', Uint8Array.from({ length: 10_000 }, (_, index) => index & 0xff)]]),
};

test('the same description gives the same bytes, in whatever order it is written', () => {
  const build = (description: typeof busyboxInitrd) => compress(writeCpio(initrdEntries(description, CONTENT)));
  const initrd = build(busyboxInitrd);
  assert.equal(build(busyboxInitrd), initrd);
  const links = Object.fromEntries(Object.entries(busyboxInitrd.links).reverse());
  const files = busyboxInitrd.files.toReversed();
  assert.equal(build({ ...busyboxInitrd, links, files }), initrd);
  // RFC 1952: no time, no operating system.
  assert.equal([...initrd.subarray(0, 10)], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
});

test('the busybox initrd has what the kernel and init need', () => {
  const archive = gunzipSync(compress(writeCpio(initrdEntries(busyboxInitrd, CONTENT))));
  const entries = readCpio('initrd', archive);
  const find = (path: string) => entries.find((entry) => entry.path === path);
  assert.equal(find('bin/busybox'), {
    path: 'bin/busybox',
    mode: 0o755,
    kind: 'file',
    bytes: CONTENT.described.get('bin/busybox'),
  });
  assert.equal(find('bin/sh'), { path: 'bin/sh', mode: 0o777, kind: 'symlink', target: 'busybox' });
  assert.equal(find('dev/console'), { path: 'dev/console', mode: 0o600, kind: 'character', major: 5, minor: 1 });
  assert.is(find('init')?.mode, 0o755);
  // The kernel makes a file only in a folder that it has already.
  const seen = new Set<string>();
  for (const { path, kind } of entries) {
    const parent = path.split('/').slice(0, -1).join('/');
    assert.ok(parent === '' || seen.has(parent), path);
    if (kind === 'directory') seen.add(path);
  }
});

test('a file that no package gave is an error of ours', () => {
  assert.throws(() => initrdEntries(busyboxInitrd, { described: new Map() }), /no bytes for bin\/busybox/);
});

test.run();
