// Operands as they are taken from iced-x86, for each form that the analysis of kernels meets.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from '../address.ts';
import type { AnalysedInstruction } from './analyse.ts';
import { loadDecoder } from './decode.ts';

const { analyse } = await loadDecoder();

function decoded(...bytes: number[]): AnalysedInstruction {
  const found = analyse(Uint8Array.from(bytes), virt(0xc0001000));
  if (found.kind === 'miss') throw new Error(found.reason);
  return found;
}

const register = (name: string) => ({ kind: 'register', register: name });

test('a load through an indexed table, with the place of its displacement', () => {
  const { mnemonic, operands, constants, flow } = decoded(0x8b, 0x04, 0x85, 0x40, 0x12, 0xa0, 0xc1); // mov eax, [eax*4 + 0xc1a01240]
  assert.equal([mnemonic, flow], ['mov', 'next']);
  assert.equal(operands, [
    register('eax'),
    { kind: 'memory', segment: 'ds', base: undefined, index: 'eax', scale: 4, displacement: 0xc1a01240, size: 4 },
  ]);
  assert.equal(constants, [{ offset: 3, size: 4 }]);
});

test('a segment, a negative displacement and a stack pointer', () => {
  assert.equal(decoded(0x64, 0xa1, 0x00, 0x10, 0, 0xc1).operands[1], {
    ...{ kind: 'memory', segment: 'fs', base: undefined, index: undefined, scale: 1 },
    ...{ displacement: 0xc1001000, size: 4 },
  });
  const { operands } = decoded(0x8b, 0x65, 0xf8); // mov esp, [ebp - 8]
  assert.equal(operands[0], register('esp'));
  assert.equal(operands[1], {
    ...{ kind: 'memory', segment: 'ss', base: 'ebp', index: undefined, scale: 1, displacement: 0xfffffff8, size: 4 },
  });
});

test('immediates are sign-extended, relative targets absolute, far ones whole', () => {
  assert.equal(decoded(0x83, 0xe4, 0xf0).operands, [register('esp'), { kind: 'immediate', value: 0xfffffff0 }]);
  assert.equal(decoded(0xe8, 0xfb, 0xff, 0xff, 0xff).target, 0xc0001000);
  assert.equal(decoded(0x9a, 4, 3, 2, 1, 7, 0).operands, [{ kind: 'far', selector: 7, offset: 0x01020304 }]);
  assert.equal(decoded(0x0f, 0x22, 0xd8).operands, [register('cr3'), register('eax')]);
  assert.is(decoded(0xff, 0xd0).flow, 'indirect-call');
});

test('string instructions name their memory', () => {
  const base = { kind: 'memory', index: undefined, scale: 1, displacement: 0, size: 4 };
  assert.equal(decoded(0xf3, 0xa5).operands, [
    { ...base, segment: 'es', base: 'edi' },
    { ...base, segment: 'ds', base: 'esi' },
  ]);
});

test('bytes that are no instruction', () => {
  assert.equal(analyse(Uint8Array.of(0xe8, 0), virt(4)), { kind: 'miss', address: 4, reason: 'truncated' });
});

test.run();
