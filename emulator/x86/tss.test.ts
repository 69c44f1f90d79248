import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ioPermissionBit, TSS32, TSS32_BYTES } from './tss.ts';

test('fields are four bytes apart but for the last word', () => {
  const offsets = Object.entries(TSS32).filter(([name]) => name !== 'IOMAP');
  offsets.forEach(([name, offset], index) => {
    assert.is(offset, index * 4, name);
  });
  assert.is(TSS32.IOMAP, TSS32.TRAP + 2);
  assert.is(TSS32_BYTES, TSS32.IOMAP + 2);
});

test('fields monitors rely on lie where the SDM draws them', () => {
  assert.is(TSS32.ESP0, 4);
  assert.is(TSS32.SS0, 8);
  assert.is(TSS32.CR3, 28);
  assert.is(TSS32.EIP, 32);
  assert.is(TSS32.IOMAP, 102);
});

test('permission bit of a port', () => {
  assert.equal(ioPermissionBit(0x68, 0x3f8), { offset: 0x68 + 0x7f, mask: 1 });
  assert.equal(ioPermissionBit(0x68, 0x64), { offset: 0x68 + 12, mask: 0x10 });
  assert.equal(ioPermissionBit(0x68, 0xffff), { offset: 0x68 + 0x1fff, mask: 0x80 });
});

test.run();
