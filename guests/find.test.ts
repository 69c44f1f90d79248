// Tests of the catalogue, of names, and of users' own guest files.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { CATALOGUE, catalogueOf } from './catalogue/index.ts';
import { closeNames, editDistance } from './close-names.ts';
import { GuestError } from './error.ts';
import { findGuest, guestNames, loadGuestFile, parseGuest } from './find.ts';
import { INITRDS } from './initrd/index.ts';
import { isBiosGuest, type KernelGuest } from './schema.ts';

const GUEST = { name: 'mine', kernel: 'vmlinuz', initrd: 'initrd.gz', commandLine: 'quiet', prompt: '$ ' };

const message = (text: string): string => {
  try {
    parseGuest('mine.json', text);
  } catch (error) {
    if (error instanceof GuestError && error.trouble === 'catalogue') return error.message;
    throw error;
  }
  throw new Error('expected an error');
};

test('no two guests of a catalogue may have one name', () => {
  const family = [{ name: 'a', kernel: 'x' }];
  assert.is(catalogueOf([family]).size, 1);
  assert.throws(() => catalogueOf([family, family]), /two guests named a/);
});

test('every initrd of the catalogue can be built, and every pin is what its pattern follows', () => {
  assert.ok(guestNames().length >= 9);
  for (const guest of CATALOGUE.values()) {
    if (isBiosGuest(guest)) continue;
    if (guest.initrd !== undefined && 'built' in guest.initrd) assert.ok(INITRDS.has(guest.initrd.built), guest.name);
    if ('packaged' in guest.kernel) {
      const { pin, dependency } = guest.kernel.packaged;
      if (pin && dependency) assert.match(pin.package, new RegExp(dependency, 'u'));
    }
  }
});

test('Debian comes with and without PAE, KASLR and SYSENTER', () => {
  const line = (name: string): string[] => (CATALOGUE.get(name) as KernelGuest).commandLine.split(' ');
  assert.ok(line('debian-6.1').includes('nokaslr'));
  assert.not(line('debian-6.1-pae-kaslr').includes('nokaslr'));
  assert.ok(line('debian-5.10-int80').includes('vdso32=0'));
});

test('an unknown name is told with names like it', async () => {
  const problem = async (name: string): Promise<string> =>
    findGuest(name).then(
      () => '',
      (error: GuestError) => error.message,
    );
  assert.match(await problem('debain-6.1'), /no guest "debain-6.1"; did you mean debian-6.1/);
  assert.match(await problem('zzzzzzzzzz'), /see the list of guests/);
  assert.match(await problem('no/such.json'), /cannot read the guest file no\/such.json/);
});

test('edit distance counts edits', () => {
  assert.is(editDistance('kitten', 'sitting'), 3);
  assert.is(editDistance('', 'abc'), 3);
  const word = fc.string({ maxLength: 12 });
  fc.assert(
    fc.property(word, word, (a, b) => {
      assert.is(editDistance(a, b), editDistance(b, a));
      assert.is(editDistance(a, b) === 0, a === b);
    }),
    { seed: 20170401 },
  );
  assert.equal(closeNames('debian-6', ['debian-6.1', 'debian-5.10', 'pup']), ['debian-6.1']);
});

test("a user's guest is a few lines of JSON, its paths relative to the file", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'wolfden-test-'));
  try {
    await writeFile(join(folder, 'mine.json'), JSON.stringify(GUEST));
    const found = await loadGuestFile(join(folder, 'mine.json'));
    assert.is(found.folder, folder);
    assert.equal((found.guest as KernelGuest).kernel, { file: 'vmlinuz' });
    assert.is(found.guest.memory, 128);
    assert.is(found.guest.boot, 'auto');
    assert.is((await findGuest(join(folder, 'mine.json'))).guest.prompt, '$ ');
  } finally {
    await rm(folder, { recursive: true });
  }
});

test('each mistake is told with its place and what was expected', () => {
  const cases: [string, RegExp][] = [
    ['{', /mine.json is not JSON: /],
    ['null', /the whole file: expected Object, found null/],
    ['[]', /kernel: expected "kernel", found nothing/],
    [JSON.stringify({ ...GUEST, memory: '64' }), /memory: expected number, found "64"/],
    [JSON.stringify({ ...GUEST, memory: 1 }), /memory: expected at least 2 MiB, found 1/],
    [JSON.stringify({ ...GUEST, name: 'A b' }), /name: expected lower-case letters, .* found "A b"/],
    [JSON.stringify({ ...GUEST, promt: '$' }), /promt: there is no such property/],
    [
      JSON.stringify({ ...GUEST, kernel: { packaged: { suite: 'x', package: 'y', path: '(' } } }),
      /kernel.packaged.path: expected a regular/,
    ],
    [JSON.stringify({ ...GUEST, kernel: { fil: 'x' } }), /kernel: expected a path, or an object/],
    [JSON.stringify({ ...GUEST, boot: 'grub' }), /boot: expected auto, linux, multiboot, elf or bios, found "grub"/],
    [JSON.stringify({ ...GUEST, boot: 'bios', disk: 'cd.iso' }), /kernel: there is no such property/],
    ['{ "name": "a", "boot": "bios" }', /disk: expected "disk", found nothing/],
    ['{ "name": "a", "boot": "bios", "disk": "x", "drive": "sda" }', /drive: expected .*"hda".*, found "sda"/],
  ];
  for (const [text, expected] of cases) assert.match(message(text), expected);
});

test('any JSON is a guest or the typed error', () => {
  const anything = fc.oneof(
    fc.json(),
    fc
      .record({ name: fc.anything(), kernel: fc.anything(), initrd: fc.anything(), modules: fc.anything() })
      .map((value) => {
        try {
          return JSON.stringify(value) ?? '';
        } catch {
          return '';
        }
      }),
  );
  fc.assert(
    fc.property(anything, (text) => {
      try {
        parseGuest('mine.json', text);
      } catch (error) {
        if (!(error instanceof GuestError)) throw error;
      }
    }),
    { seed: 20170401, numRuns: 500 },
  );
});

test.run();
