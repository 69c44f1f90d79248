import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  CR0,
  CR4,
  EFER,
  EFLAGS,
  flagNames,
  GENERAL_REGISTER,
  GENERAL_REGISTER_NAMES,
  ioPrivilegeLevel,
  MSR,
  msrName,
  SEGMENT_REGISTER,
  SEGMENT_REGISTER_NAMES,
} from './registers.ts';

test('register names and numbers agree', () => {
  GENERAL_REGISTER_NAMES.forEach((name, index) => {
    assert.is(GENERAL_REGISTER[name], index);
  });
  SEGMENT_REGISTER_NAMES.forEach((name, index) => {
    assert.is(SEGMENT_REGISTER[name], index);
  });
  assert.is(Object.keys(GENERAL_REGISTER).length, GENERAL_REGISTER_NAMES.length);
  assert.is(Object.keys(SEGMENT_REGISTER).length, SEGMENT_REGISTER_NAMES.length);
});

test('each flag is one bit and names come from bit 0 up', () => {
  for (const bits of [EFLAGS, CR0, CR4, EFER]) {
    let previous = 0;
    for (const bit of Object.values(bits)) {
      const unsigned = bit >>> 0;
      assert.ok(Number.isInteger(Math.log2(unsigned)), `0x${unsigned.toString(16)} is a single bit`);
      assert.ok(unsigned > previous, `0x${unsigned.toString(16)} follows a lower bit`);
      previous = unsigned;
    }
  }
});

test('flag names of register values seen in practice', () => {
  assert.equal(flagNames(0x246, EFLAGS), ['PF', 'ZF', 'IF']);
  assert.equal(flagNames(0x8005_003b, CR0), ['PE', 'MP', 'TS', 'ET', 'NE', 'WP', 'AM', 'PG']);
  assert.equal(flagNames(0x8005_003b | 0, CR0), ['PE', 'MP', 'TS', 'ET', 'NE', 'WP', 'AM', 'PG']);
  assert.equal(flagNames(0x690, CR4), ['PSE', 'PGE', 'OSFXSR', 'OSXMMEXCPT']);
  assert.equal(flagNames(2, EFLAGS), []);
});

test('the I/O privilege level is bits 13:12', () => {
  assert.is(ioPrivilegeLevel(0x0246), 0);
  assert.is(ioPrivilegeLevel(0x1246), 1);
  assert.is(ioPrivilegeLevel(0x3246), 3);
});

test('model-specific registers by number', () => {
  assert.is(MSR.SYSENTER_EIP, 0x176);
  assert.is(msrName(0x176), 'SYSENTER_EIP');
  assert.is(msrName(0xc000_0080), 'EFER');
  assert.is(msrName(0xc000_0080 | 0), 'EFER');
  assert.is(msrName(0x4000_0000), undefined);
  assert.is(new Set(Object.values(MSR)).size, Object.keys(MSR).length);
});

test.run();
