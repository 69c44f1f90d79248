import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { WasmFormatError, WasmLookupError } from './errors.ts';
import { InstructionCursor } from './instructions.ts';
import { encodeU32 } from './leb128.ts';
import { countImports, functionByName, functionsByName, SECTION, typeOf } from './module.ts';
import { readModule } from './reader.ts';
import { Rewriter } from './rewriter.ts';
import { readLargeModule, sampleModule } from './sample-modules.ts';
import { scanCalls, scanLoads, scanStores } from './scan.ts';

const sample = sampleModule();
const namesAt = readModule(sample, 'sample').customSections[0]!.offset;
/** Opens a block of the legacy exception handling proposal. */
const OP_TRY = 0x06;

/** Reads a module and everything in its code; a format error is an answer, anything else is a failure of the test. */
function readsWhole(bytes: Uint8Array): boolean {
  try {
    const module = readModule(bytes, 'test');
    scanStores(module, () => {});
    scanLoads(module, () => {});
    scanCalls(module, () => {});
    new Rewriter(module).encode();
    return true;
  } catch (error) {
    if (error instanceof WasmFormatError) return false;
    throw error;
  }
}

const formatError = (pattern: RegExp) => (error: unknown) =>
  error instanceof WasmFormatError && pattern.test(error.message);

test('reads every section of a small module', () => {
  const module = readModule(sample, 'sample');
  assert.ok(WebAssembly.validate(sample));
  assert.equal(module.imports, [{ module: 'env', name: 'note', kind: 'function', typeIndex: 1 }]);
  assert.is(module.importedFunctionCount, 1);
  assert.is(module.functionTypes.length, 6);
  assert.equal(typeOf(module, 2), { params: ['i32'], results: [] });
  assert.equal(module.tables, [{ element: 'funcref', limits: { min: 2 } }]);
  assert.equal(module.memories, [{ limits: { min: 1, max: 2 } }]);
  assert.is(module.globals[0]?.init?.value, 35);
  assert.is(module.globals[0]?.mutable, true);
  assert.equal(
    module.exports.map(({ name, kind, index }) => `${name} ${kind} ${index}`),
    [
      'memory memory 0',
      'level global 0',
      'square function 1',
      'fill function 2',
      'apply function 3',
      'peek function 4',
    ],
  );
  assert.is(module.start, 5);
  assert.equal(module.elements[0]?.functions, [1]);
  assert.is(module.elements[0]?.offset?.value, 1);
  assert.is(module.data[0]?.address?.value, 4);
  assert.equal([...sample.subarray(module.data[0]!.start, module.data[0]!.end)], [1, 2, 3]);
  assert.equal([...module.functionNames.values()], ['square', 'fill', 'apply', 'init']);
  assert.is(countImports(module, 'function'), 1);
});

test('looks functions up by name, and says what it found instead of one', () => {
  const module = readModule(sample, 'sample');
  assert.is(functionByName(module, 'fill'), 2);
  assert.is(
    functionByName(module, (name) => name.startsWith('sq')),
    1,
  );
  const global = /l/g;
  assert.equal(functionsByName(module, global), [2, 3]);
  assert.throws(
    () => functionByName(module, /l/),
    (error: unknown) => error instanceof WasmLookupError && /found 2: fill \(2\), apply \(3\)/.test(error.message),
  );
  assert.throws(() => functionByName(module, 'nobody'), /sample: expected one function named nobody, found none/);
  assert.throws(() => typeOf(module, 6), /function index below 6, found 6/);
});

test('reads the large module end to end: every body decodes to exactly its end', () => {
  const module = readLargeModule();
  assert.is(module.code.length, 3541);
  assert.is(module.importedFunctionCount, 21);
  assert.is(module.functionNames.size, module.functionTypes.length);
  const cursor = new InstructionCursor(module.bytes, module.source);
  for (const [position, { end }] of module.code.entries()) {
    cursor.enterFunction(module, module.importedFunctionCount + position);
    while (cursor.next());
    assert.is(cursor.end, end);
    assert.is(cursor.depth, 0);
  }
});

test('what it says of the large module is what the engine says', () => {
  const module = readLargeModule();
  const compiled = new WebAssembly.Module(module.bytes as Uint8Array<ArrayBuffer>);
  assert.equal(
    module.exports.map(({ name, kind }) => ({ name, kind })),
    WebAssembly.Module.exports(compiled).map(({ name, kind }) => ({ name, kind })),
  );
  assert.equal(
    module.imports.map(({ module: from, name, kind }) => ({ module: from, name, kind })),
    WebAssembly.Module.imports(compiled).map(({ module: from, name, kind }) => ({ module: from, name, kind })),
  );
  for (const { name, start, end } of module.customSections) {
    const [content] = WebAssembly.Module.customSections(compiled, name!);
    assert.is(content?.byteLength, end - start, name);
  }
});

test('a module cut short at any byte is refused, unless what is left is a whole module', () => {
  for (let length = 0; length < sample.length; length++) {
    const cut = sample.slice(0, length);
    assert.is(readsWhole(cut), WebAssembly.validate(cut), `cut at ${length}`);
  }
});

test('a module with damaged bytes is read or refused with a format error, nothing else', () => {
  const change = fc.tuple(fc.nat(sample.length - 1), fc.nat(255));
  let refused = 0;
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = sample.slice();
      for (const [at, value] of changes) bytes[at] = value;
      const read = readsWhole(bytes);
      if (!read) refused++;
      // The reader checks less than the engine, and so never refuses what the engine takes: save that engines do not look
      // into name sections, and know the exception handling that this reader does not.
      const excused = changes.some(([at, value]) => at >= namesAt || value === OP_TRY);
      if (WebAssembly.validate(bytes) && !excused) assert.ok(read);
    }),
    { seed: 7, numRuns: 20_000 },
  );
  assert.ok(refused > 1000);
});

test('random bytes after a good header are refused', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 200 }), (tail) => {
      const bytes = Uint8Array.from([...sample.subarray(0, 8), ...tail]);
      if (readsWhole(bytes)) assert.ok(tail.length > 1);
    }),
    { seed: 8, numRuns: 5000 },
  );
});

const withSections = (...sections: readonly (readonly [number, readonly number[]])[]): Uint8Array =>
  Uint8Array.from([
    ...sample.subarray(0, 8),
    ...sections.flatMap(([id, content]) => [id, ...encodeU32(content.length), ...content]),
  ]);

const HOSTILE: readonly [string, Uint8Array, RegExp][] = [
  ['a count beyond the bytes left', withSections([SECTION.type, [0xff, 0xff, 0xff, 0xff, 0x0f]]), /4294967295 types/],
  ['a section beyond the end', Uint8Array.from([...sample.subarray(0, 8), 1, 200, 1]), /200 bytes of section 1/],
  ['a section with bytes left over', withSections([SECTION.type, [0, 0]]), /the end of section 1, found 1 bytes more/],
  ['sections out of order', withSections([SECTION.function, [0]], [SECTION.type, [0]]), /once and in order/],
  ['a section twice', withSections([SECTION.type, [0]], [SECTION.type, [0]]), /once and in order/],
  ['an unknown section', withSections([77, []]), /a section id, found 77/],
  ['a type index out of range', withSections([SECTION.function, [1, 0]]), /type index below 0, found 0/],
  [
    'functions without bodies',
    withSections([SECTION.type, [1, 0x60, 0, 0]], [SECTION.function, [1, 0]]),
    /1 function bodies/,
  ],
  [
    'an export twice',
    withSections([SECTION.memory, [1, 0, 0]], [SECTION.export, [2, 1, 97, 2, 0, 1, 97, 2, 0]]),
    /once, found "a"/,
  ],
  ['a name that is not UTF-8', withSections([SECTION.custom, [1, 0xff]]), /in UTF-8/],
  ['a 64-bit memory', withSections([SECTION.memory, [1, 4, 0]]), /flags 0 to 3/],
  [
    'more parameters than engines allow',
    withSections([SECTION.type, [1, 0x60, 0xe9, 7, ...new Array(1001).fill(0x7f), 0]]),
    /at most 1000 parameters/,
  ],
  ['another format', Uint8Array.of(0x7f, 0x45, 0x4c, 0x46), /magic number/],
];

for (const [what, bytes, pattern] of HOSTILE) {
  test(`refuses ${what}`, () => {
    assert.throws(() => readModule(bytes, 'hostile.wasm'), formatError(pattern));
  });
}

test('an error names the source, the offset, what was expected and what was found', () => {
  try {
    readModule(withSections([SECTION.function, [1, 5]]), 'some.wasm');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, WasmFormatError);
    const { source, offset, expected, found, message } = error as WasmFormatError;
    assert.equal(
      { source, offset, expected, found },
      { source: 'some.wasm', offset: 11, expected: 'a type index below 0', found: '5' },
    );
    assert.match(message, 'some.wasm: at byte 11 (0xb): expected a type index below 0, found 5.');
  }
});

test.run();
