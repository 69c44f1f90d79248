// The archive format, written here and read as the kernel reads it.
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packArchive } from './archive.ts';

// Reads an archive as the kernel does (kernel/files/archive.c).
function unpack(archive: Uint8Array): Map<string, Uint8Array> {
  const view = new DataView(archive.buffer);
  const files = new Map<string, Uint8Array>();
  for (let index = 0; index < view.getUint32(0, true); index++) {
    const entry = 4 + index * 32;
    const path = new TextDecoder().decode(archive.subarray(entry, entry + 24)).replace(/\0+$/, '');
    const offset = view.getUint32(entry + 24, true);
    files.set(path, archive.slice(offset, offset + view.getUint32(entry + 28, true)));
  }
  return files;
}

const path = fc.string({ unit: fc.constantFrom(...'abc/'), minLength: 1, maxLength: 22 }).map((name) => `/${name}`);

test('what goes in comes out, in the order of the paths', () => {
  const property = fc.property(fc.dictionary(path, fc.uint8Array({ maxLength: 50 })), (content) => {
    const files = unpack(packArchive(new Map(Object.entries(content))));
    assert.equal([...files.keys()], Object.keys(content).sort());
    for (const [name, data] of files) assert.equal(data, Uint8Array.from(content[name]!));
  });
  fc.assert(property, { seed: 3, numRuns: 300 });
});

test('the order of insertion does not matter, and an alias costs a table entry only', () => {
  const data = new Uint8Array(1000).fill(7);
  const one = packArchive(new Map([['/a', data]]));
  const two = packArchive(
    new Map([
      ['/b', data],
      ['/a', data],
    ]),
  );
  assert.equal(
    two,
    packArchive(
      new Map([
        ['/a', data],
        ['/b', data],
      ]),
    ),
  );
  assert.is(two.length, one.length + 32);
});

test('a path that is too long is refused', () => {
  assert.throws(
    () => packArchive(new Map([[`/${'x'.repeat(23)}`, new Uint8Array()]])),
    /has 24 characters, at most 23/,
  );
});

test.run();
