import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as asm from './assembler.ts';
import { WasmEditError, WasmFormatError } from './errors.ts';
import { readModule } from './reader.ts';
import { Rewriter } from './rewriter.ts';
import { offsetsOf, sampleModule } from './sample-modules.ts';

const open = () => new Rewriter(readModule(sampleModule(), 'sample'));
const { code, i32Const } = asm;

const editError = (pattern: RegExp) => (error: unknown) =>
  error instanceof WasmEditError && pattern.test(error.message);

const REFUSED: readonly [string, (rewriter: Rewriter) => unknown, RegExp][] = [
  [
    'an edit inside an instruction',
    (r) => r.replace(2, offsetsOf(r.module, 2)[0]! + 1, offsetsOf(r.module, 2)[1]!, []),
    /function 2 \(fill\).*offset of an instruction/,
  ],
  [
    'an edit beyond the body',
    (r) => r.replace(2, offsetsOf(r.module, 1)[0]!, offsetsOf(r.module, 1)[0]!, []),
    /offset of an instruction/,
  ],
  [
    'an edit of the final end',
    (r) => r.replace(2, offsetsOf(r.module, 2).at(-1)!, offsetsOf(r.module, 2).at(-1)! + 1, []),
    /up to its final end/,
  ],
  [
    'a range that runs backwards',
    (r) => r.replace(2, offsetsOf(r.module, 2)[1]!, offsetsOf(r.module, 2)[0]!, []),
    /its end at or after its start/,
  ],
  [
    'edits that overlap',
    (r) => {
      const [a, b, c] = offsetsOf(r.module, 2) as [number, number, number];
      r.replace(2, a, c, asm.nop);
      r.replace(2, b, b, asm.nop);
    },
    /overlaps/,
  ],
  [
    'edits that overlap the other way round',
    (r) => {
      const [a, b, c] = offsetsOf(r.module, 2) as [number, number, number];
      r.replace(2, b, b, asm.nop);
      r.replace(2, a, c, asm.nop);
    },
    /overlaps/,
  ],
  [
    'the same range twice',
    (r) => {
      const [a, b] = offsetsOf(r.module, 2) as [number, number];
      r.replace(2, a, b, asm.nop);
      r.replace(2, a, b, asm.nop);
    },
    /overlaps/,
  ],
  ['an edit of an import', (r) => r.replace(0, 0, 0, []), /source module to edit, 1 to 5, found 0/],
  ['an edit of an added function', (r) => r.addLocal(r.addFunction(0, { code: i32Const(0) }), 'i32'), /found 6/],
  ['a detour of an import', (r) => r.detour(0, () => ({ code: [] })), /with a body to detour, found 0/],
  ['a detour of a function that is not there', (r) => r.detour(6, () => ({ code: [] })), /found 6/],
  [
    'a detour of a function without body',
    (r) => r.detour(r.declareFunction(0), () => ({ code: [] })),
    /no body to detour yet/,
  ],
  ['a type that is not there', (r) => r.declareFunction(99), /type index below 3, found 99/],
  [
    'a second body',
    (r) => r.defineFunction(r.addFunction(0, { code: i32Const(0) }), { code: [] }),
    /has a body already/,
  ],
  ['a body for a function of the source', (r) => r.defineFunction(2, { code: [] }), /index of a declared function/],
  [
    'a function that never got its body',
    (r) => {
      r.declareFunction(0, 'promise');
      r.encode();
    },
    /function 6 \(promise\) was declared but never defined/,
  ],
  ['an export that exists', (r) => r.addExport('square', 'function', 1), /export "square" exists/],
  ['an export of what is not there', (r) => r.addExport('new', 'global', 1), /global index below 1 to export, found 1/],
  ['redirecting an export that is not there', (r) => r.redirectExport('new', 'function', 1), /found none/],
  [
    'redirecting an export of another kind',
    (r) => r.redirectExport('memory', 'function', 1),
    /kind function, found a memory/,
  ],
  [
    'an import that would shift an index',
    (r) => r.addImport({ module: 'm', name: 'n', kind: 'memory', memory: { limits: { min: 1 } } }),
    /defines no memory/,
  ],
];

for (const [what, act, pattern] of REFUSED) {
  test(`refuses ${what}`, () => {
    assert.throws(() => act(open()), editError(pattern));
  });
}

test('new code that does not decode is refused at once, by name', () => {
  assert.throws(
    () => open().addFunction(0, { code: [0xff] }, 'typo'),
    (error: unknown) => error instanceof WasmFormatError && /new body of function 6 \(typo\)/.test(error.message),
  );
  assert.throws(() => open().addFunction(0, { code: code(i32Const(0), asm.end) }), /after its last `end`/);
});

test.run();
