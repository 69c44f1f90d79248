import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  EXCEPTION_VECTORS,
  EXCEPTIONS,
  exceptionInfo,
  PAGE_FAULT,
  pageFaultErrorCode,
  selectorErrorCode,
  VECTOR,
} from './exceptions.ts';

test('there is one row per architectural vector, in order', () => {
  assert.is(EXCEPTIONS.length, EXCEPTION_VECTORS);
  EXCEPTIONS.forEach((info, index) => {
    assert.is(info.vector, index);
  });
  assert.is(exceptionInfo(32), undefined);
  assert.is(exceptionInfo(-1), undefined);
});

test('exactly the vectors that push an error code say so', () => {
  const pushing = EXCEPTIONS.filter((info) => info.hasErrorCode).map((info) => info.vector);
  assert.equal(pushing, [8, 10, 11, 12, 13, 14, 17, 21]);
});

test('classes of the vectors that differ from a plain fault', () => {
  const of = (wanted: string) => EXCEPTIONS.filter((info) => info.class === wanted).map((info) => info.vector);
  assert.equal(of('trap'), [3, 4]);
  assert.equal(of('fault-or-trap'), [1]);
  assert.equal(of('interrupt'), [2]);
  assert.equal(of('abort'), [8, 9, 18]);
  assert.equal(of('reserved'), [15, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]);
});

test('named vectors carry that mnemonic', () => {
  for (const [name, vector] of Object.entries(VECTOR)) {
    assert.is(exceptionInfo(vector)?.mnemonic.replace('#', ''), name);
  }
});

test('page-fault error codes: the cases an operating system sees', () => {
  assert.equal(pageFaultErrorCode(0), { present: false, write: false, user: false, reserved: false, fetch: false });
  assert.equal(pageFaultErrorCode(7), { present: true, write: true, user: true, reserved: false, fetch: false });
  assert.equal(pageFaultErrorCode(0x11), { present: true, write: false, user: false, reserved: false, fetch: true });
  assert.ok(pageFaultErrorCode(PAGE_FAULT.P | PAGE_FAULT.RSVD).reserved);
});

test('selector error codes name a table and an entry', () => {
  assert.equal(selectorErrorCode(0x0402), { external: false, table: 'idt', index: 0x80 });
  assert.equal(selectorErrorCode(0x0033), { external: true, table: 'idt', index: 6 });
  assert.equal(selectorErrorCode(0x0064), { external: false, table: 'ldt', index: 12 });
  assert.equal(selectorErrorCode(0x0010), { external: false, table: 'gdt', index: 2 });
});

test.run();
