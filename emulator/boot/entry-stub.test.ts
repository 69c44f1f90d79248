// Tests of the entry stub: its instructions, as a disassembler reads them.

import { Decoder, DecoderOptions, Formatter, FormatterSyntax } from 'iced-x86';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { entryStub } from './entry-stub.ts';

/** The first `count` instructions. */
function disassemble(bytes: Uint8Array, address: number, count: number): string[] {
  const decoder = new Decoder(32, bytes, DecoderOptions.None);
  decoder.ip = BigInt(address);
  const formatter = new Formatter(FormatterSyntax.Nasm);
  const lines = Array.from({ length: count }, () => {
    const instruction = decoder.decode();
    const line = formatter.format(instruction);
    instruction.free();
    return line;
  });
  formatter.free();
  decoder.free();
  return lines;
}

test('the stub sets up segments, devices and registers, then jumps', () => {
  const stub = entryStub(0x8f000, 0x1000000, { eax: 0x2badb002, ebx: 0x90000, esi: 0x91000 });
  assert.equal(disassemble(stub, 0x8f000, 28), [
    'cli',
    'cld',
    'lgdt [8F140h]',
    'jmp 0010h:0008F010h',
    'mov ax,18h',
    'mov ds,eax',
    'mov es,eax',
    'mov ss,eax',
    'mov fs,eax',
    'mov gs,eax',
    'mov dx,3DAh',
    'in al,dx',
    'mov esi,8F200h',
    'mov ecx,140h',
    'mov dx,[esi]',
    'mov al,[esi+2]',
    'out dx,al',
    'add esi,3',
    'loop 0008F02Dh',
    'mov ecx,0',
    'mov edx,0',
    'mov ebx,90000h',
    'mov esp,90000h',
    'mov ebp,0',
    'mov esi,91000h',
    'mov edi,0',
    'mov eax,2BADB002h',
    'jmp 01000000h',
  ]);
});

test.run();
