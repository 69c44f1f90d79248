import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from '../address.ts';
import { type DecodedInstruction, type Flow, loadDecoder } from './decode.ts';

const { decodeAt } = await loadDecoder();

const BASE = virt(0xc010_0000);

function decoded(...bytes: number[]): DecodedInstruction {
  const result = decodeAt(Uint8Array.from(bytes), BASE);
  if (result.kind !== 'instruction') throw new Error(`expected an instruction, found: ${result.reason}`);
  return result;
}

test('an instruction is described in full', () => {
  assert.equal(decoded(0x8b, 0x43, 0x10, 0x90), {
    kind: 'instruction',
    address: BASE,
    length: 3,
    mnemonic: 'mov',
    text: 'mov eax, [ebx+0x10]',
    flow: 'next',
    target: undefined,
  });
});

test('control flow of the instructions that monitors look for', () => {
  const cases: [bytes: number[], text: string, flow: Flow][] = [
    [[0xeb, 0x10], 'jmp 0xc0100012', 'jump'],
    [[0xff, 0xe0], 'jmp eax', 'indirect-jump'],
    [[0x74, 0xfe], 'je 0xc0100000', 'conditional-jump'],
    [[0xe8, 0, 0, 0, 0], 'call 0xc0100005', 'call'],
    [[0xff, 0xd0], 'call eax', 'indirect-call'],
    [[0xc3], 'ret', 'return'],
    [[0xcf], 'iretd', 'return'],
    [[0xcd, 0x80], 'int 0x80', 'interrupt'],
    [[0xcc], 'int3', 'interrupt'],
    [[0x0f, 0x34], 'sysenter', 'call'],
    [[0x0f, 0x35], 'sysexit', 'return'],
    [[0x0f, 0x0b], 'ud2', 'exception'],
    [[0xf4], 'hlt', 'next'],
    [[0x0f, 0x22, 0xd8], 'mov cr3, eax', 'next'],
    [[0xf3, 0xa4], 'rep movsb [edi], [esi]', 'next'],
  ];
  for (const [bytes, text, flow] of cases) {
    const instruction = decoded(...bytes);
    assert.is(instruction.text, text);
    assert.is(instruction.flow, flow, text);
    assert.is(instruction.length, bytes.length, text);
  }
});

test('relative targets wrap at 4 GiB; only relative transfers have one', () => {
  const wrapping = decodeAt(Uint8Array.of(0xe9, 0x10, 0, 0, 0), virt(0xffff_fffb));
  assert.is(wrapping.kind === 'instruction' && wrapping.target, 0x10);
  assert.is(decoded(0x74, 0xfe).target, BASE);
  assert.is(decoded(0xff, 0xe0).target, undefined);
  assert.is(decoded(0xea, 0, 0, 0, 0, 8, 0).target, undefined);
  assert.is(decoded(0xc3).target, undefined);
});

test('16-bit code is decoded as such', () => {
  const bytes = Uint8Array.of(0xb8, 0x34, 0x12, 0x90, 0x90);
  const in16 = decodeAt(bytes, virt(0x7c00), 16);
  assert.is(in16.kind === 'instruction' && in16.text, 'mov ax, 0x1234');
  const in32 = decodeAt(bytes, virt(0x7c00));
  assert.is(in32.kind === 'instruction' && in32.text, 'mov eax, 0x90901234');
});

test('too few bytes are told from bytes that are no instruction', () => {
  const miss = (...bytes: number[]) => {
    const result = decodeAt(Uint8Array.from(bytes), BASE);
    return result.kind === 'miss' ? result.reason : result.text;
  };
  assert.is(miss(), 'truncated');
  assert.is(miss(0xe8, 0, 0, 0), 'truncated');
  assert.is(miss(0xf0, 0x90), 'invalid');
  assert.is(miss(...Array(14).fill(0x2e), 0x90), 'nop', '15 bytes, the longest');
  assert.is(miss(...Array(15).fill(0x2e), 0x90), 'invalid', '16 bytes, too long');
  assert.is(miss(...Array(14).fill(0x2e)), 'truncated');
});

test('any bytes give an instruction within them or a miss, and what follows an instruction does not change it', () => {
  const outcomes = { instruction: 0, miss: 0 };
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 20 }), (bytes) => {
      const result = decodeAt(bytes, BASE);
      outcomes[result.kind]++;
      if (result.kind === 'miss') return;
      assert.ok(result.length >= 1 && result.length <= Math.min(15, bytes.length));
      assert.ok(result.text.includes(result.mnemonic));
      assert.equal(decodeAt(bytes.slice(0, result.length), BASE), result);
      const cut = decodeAt(bytes.slice(0, result.length - 1), BASE);
      assert.equal(cut, { kind: 'miss', address: BASE, reason: 'truncated' });
    }),
    { seed: 0x86, numRuns: 3000 },
  );
  assert.ok(outcomes.instruction > 1000 && outcomes.miss > 100, JSON.stringify(outcomes));
});

test('the decoder is loaded once', async () => {
  assert.is(loadDecoder(), loadDecoder());
  assert.is((await loadDecoder()).decodeAt, decodeAt);
});

test.run();
