import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { elementsBefore, stringInstruction } from './string-instruction.ts';

const decode = (...bytes: number[]) => stringInstruction(Uint8Array.from(bytes), true);

test('forms, sizes and prefixes', () => {
  assert.equal(decode(0xa4), { size: 1, repeated: false, source: 3, destination: true });
  assert.equal(decode(0xf3, 0xa5), { size: 4, repeated: true, source: 3, destination: true });
  assert.equal(decode(0x66, 0xf3, 0x64, 0xa5), { size: 2, repeated: true, source: 4, destination: true });
  assert.equal(decode(0xf2, 0xae), { size: 1, repeated: true, source: undefined, destination: true });
  assert.equal(decode(0x6f), { size: 4, repeated: false, source: 3, destination: false });
  assert.equal(decode(0xab), { size: 4, repeated: false, source: undefined, destination: true });
  assert.equal(stringInstruction(Uint8Array.of(0xab), false)?.size, 2);
  assert.equal(stringInstruction(Uint8Array.of(0x66, 0xab), false)?.size, 4);
});

test('what is no string instruction', () => {
  for (const bytes of [[0x90], [0x0f, 0xa4], [0xa8, 0xa4], [0x67, 0xa4], [0xf3], []])
    assert.is(decode(...bytes), undefined, `${bytes}`);
});

test('elements before an address, forward and backward, across the end of the address space', () => {
  assert.is(elementsBefore(0x1000, 0x1000, 4, false), 0);
  assert.is(elementsBefore(0x100b, 0x1000, 4, false), 2);
  assert.is(elementsBefore(0x0ffc, 0x1000, 4, true), 1);
  assert.is(elementsBefore(0x0ffe, 0x1000, 4, true), 1);
  assert.is(elementsBefore(0x1003, 0x1000, 4, true), 0);
  assert.is(elementsBefore(0x00000004, 0xfffffffc, 4, false), 2);
});

test.run();
