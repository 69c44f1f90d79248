// Tests of finding shared libraries, with small ELF files made here.

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { PackagedFileContent } from '../archive/deb.ts';
import { elfNeeds } from '../archive/elf-needs.ts';
import { GuestError } from '../error.ts';
import type { Packaged } from '../fetch/packaged.ts';
import { candidates, findLibraries, policyName } from './libraries.ts';

const HEADER = 52;
const SEGMENTS = 3;
const TABLE = HEADER + SEGMENTS * 32;
/** Where the one segment is loaded. */
const BASE = 0x1000;

/** An ELF file for i386 that needs a loader and libraries, and nothing else. */
function tinyObject(interpreter: string, libraries: readonly string[]): Uint8Array {
  const strings = ['', interpreter, ...libraries];
  const offsets = strings.map((_, index) => strings.slice(0, index).reduce((sum, text) => sum + text.length + 1, 0));
  const text = new TextEncoder().encode(strings.map((one) => `${one}\0`).join(''));
  const dynamic = TABLE + text.length;
  const entries = [...libraries.map((_, index) => [1, offsets[index + 2]!]), [5, BASE + TABLE], [0, 0]].flat();
  const bytes = new Uint8Array(dynamic + entries.length * 4);
  const view = new DataView(bytes.buffer);
  bytes.set([0x7f, 0x45, 0x4c, 0x46, 1, 1]);
  view.setUint16(18, 3, true);
  view.setUint32(28, HEADER, true);
  view.setUint16(44, SEGMENTS, true);
  const segment = (index: number, type: number, offset: number, size: number): void =>
    [type, offset, BASE + offset, 0, size].forEach((value, field) => {
      view.setUint32(HEADER + index * 32 + field * 4, value, true);
    });
  segment(0, 1, 0, bytes.length);
  segment(1, interpreter === '' ? 0 : 3, TABLE + offsets[1]!, interpreter.length + 1);
  segment(2, 2, dynamic, entries.length * 4);
  bytes.set(text, TABLE);
  entries.forEach((value, index) => {
    view.setUint32(dynamic + index * 4, value, true);
  });
  return bytes;
}

test('what an ELF file needs is read', () => {
  const file = tinyObject('/lib/ld.so.2', ['libc.so.6', 'libm.so.6']);
  assert.equal(elfNeeds('a', file), { interpreter: '/lib/ld.so.2', libraries: ['libc.so.6', 'libm.so.6'] });
  assert.equal(elfNeeds('a', tinyObject('', [])), { interpreter: undefined, libraries: [] });
  assert.is(elfNeeds('a', new TextEncoder().encode(`#!/bin/sh\n${' '.repeat(60)}`)), undefined);
});

test('a damaged ELF file gives an answer or an error that names it, never anything else', () => {
  const file = tinyObject('/lib/ld.so.2', ['libc.so.6']);
  fc.assert(
    fc.property(fc.nat(file.length), fc.nat(file.length - 1), fc.nat(255), (length, at, value) => {
      const damaged = file.with(at, value).subarray(0, length);
      try {
        const needs = elfNeeds('broken', damaged);
        return needs === undefined || needs.libraries.length <= damaged.length;
      } catch (error) {
        return error instanceof GuestError && error.message.startsWith('broken ');
      }
    }),
    { seed: 7, numRuns: 2_000 },
  );
});

test("a library's package is guessed from its name, as Debian's policy makes it", () => {
  for (const [library, name] of [
    ['libreadline.so.8', 'libreadline8'],
    ['libldap-2.5.so.0', 'libldap-2.5-0'],
    ['libgcc_s.so.1', 'libgcc-s1'],
    ['libstdc++.so.6', 'libstdc++6'],
    ['ld-linux.so.2', 'ld-linux2'],
  ] as const) {
    assert.is(policyName(library), name);
  }
  assert.equal(candidates('libpq.so.5', ['adduser', 'libc6', 'libpq5'])[0], 'libpq5');
});

const file = (path: string, bytes: Uint8Array, target?: string): PackagedFileContent => ({
  path,
  mode: 0o644,
  bytes,
  ...(target === undefined ? {} : { target }),
});

function packaged(name: string, depends: string[], files: readonly PackagedFileContent[]): Packaged {
  const hash = '0'.repeat(64);
  return {
    record: { package: name, version: '1', sha256: hash, size: 1, depends, verifiedBy: 'apt', files: [] },
    files,
  };
}

const ARCHIVE = [
  packaged(
    'libc6',
    [],
    [
      file('lib/ld.so.2', new Uint8Array(0), 'i386-linux-gnu/ld.so.2'),
      file('lib/i386-linux-gnu/ld.so.2', tinyObject('', [])),
      file('lib/i386-linux-gnu/libc.so.6', tinyObject('', ['ld.so.2'])),
      file('lib/i386-linux-gnu/libunused.so.1', tinyObject('', [])),
    ],
  ),
  packaged('zlib1g', ['libc6'], [file('lib/libz.so.1', tinyObject('', ['libc.so.6']))]),
  packaged('libdeep2', ['libc6', 'zlib1g'], [file('usr/lib/libdeep.so.2', tinyObject('', ['libz.so.1', 'libc.so.6']))]),
  packaged('adduser', [], []),
];

async function find(depends: string[], needs: readonly string[]): Promise<{ paths: string[]; fetched: string[] }> {
  const fetched: string[] = [];
  const program = packaged('prog', depends, [file('usr/bin/prog', tinyObject('/lib/ld.so.2', needs))]);
  const { files } = await findLibraries('bookworm', [program], [], async (wanted) => {
    fetched.push(wanted.package);
    const found = ARCHIVE.find(({ record }) => record.package === wanted.package);
    if (found === undefined) throw new GuestError('package-vanished', wanted.package, 'none');
    return found;
  });
  return { paths: files.map(({ path }) => path).sort(), fetched };
}

test('libraries of libraries are found, each through the package that depends on it, and nothing more is taken', async () => {
  const { paths, fetched } = await find(['adduser', 'virtual', 'libdeep2', 'libc6'], ['libdeep.so.2']);
  assert.equal(paths, [
    'lib/i386-linux-gnu/ld.so.2',
    'lib/i386-linux-gnu/libc.so.6',
    'lib/ld.so.2',
    'lib/libz.so.1',
    'usr/lib/libdeep.so.2',
  ]);
  assert.is(new Set(fetched).size, fetched.length);
  assert.not(fetched.includes('adduser'));
});

test('a library that no dependency has is told with who needs it', async () => {
  const error = await find(['libc6'], ['libnone.so.1']).catch((reason: GuestError) => reason);
  assert.match(
    (error as GuestError).message,
    /usr\/bin\/prog of prog 1 needs libnone\.so\.1, which is in none of .*libc6/,
  );
});

test.run();
