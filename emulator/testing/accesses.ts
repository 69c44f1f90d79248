// For tests: one instruction for each way of accessing memory, and what a protected page has to report of it.
import { type Item, label, long } from './assembly.ts';
import { PLACE } from './tiny-guest.ts';
import * as x86 from './x86.ts';

/** An instruction that accesses the pages at PLACE.data and the one after. */
export interface MemoryAccess {
  /** What comes before it. */
  readonly setUp: Item;
  readonly instruction: Item;
  /** What is reported: r or w, size, offset from PLACE.data, and value of a write; all numbers but sizes in hexadecimal. */
  readonly reports: string;
}

/** Offset of the operand in the first page. */
const AT = 8;
/** An access of two bytes or more from here on straddles the two pages. */
const STRADDLING = 0xfff;

/** EAX, and what both pages hold before each access: each byte the low half of its offset. */
export const EAX = 0x44332211;

function withMemory(
  opcode: readonly number[],
  reports: string,
  options: { at?: number; reg?: number; setUp?: Item } = {},
): MemoryAccess {
  const { at = AT, reg = 0, setUp = [] } = options;
  return { setUp, instruction: [...opcode, (reg << 3) | 5, long(PLACE.data + at)], reports };
}

function withString(opcode: readonly number[], count: number, reports: string, destination = 16): MemoryAccess {
  const setUp = [x86.mov('ecx', count), x86.mov('esi', PLACE.data), x86.mov('edi', PLACE.data + destination)];
  return { setUp, instruction: opcode, reports };
}

const FNINIT: Item = [0xdb, 0xe3];
const fld1: Item = [0xd9, 0xe8];

/** The accesses by name, to be made in this order: MM0 and XMM0 are stored as they were read. v86 reads 16 bits as bytes, 64 and 128 bits as words, and what straddles pages by bytes. */
export const ACCESSES: Readonly<Record<string, MemoryAccess>> = {
  'read 8': withMemory([0x8a], 'r1@8'),
  'read 16': withMemory([0x66, 0x8b], 'r1@8 r1@9'),
  'read 32': withMemory([0x8b], 'r4@8'),
  'read 64, MMX': withMemory([0x0f, 0x6f], 'r4@8 r4@c'),
  'read 64, FPU': withMemory([0xdd], 'r4@8 r4@c'),
  'read 128, SSE': withMemory([0xf3, 0x0f, 0x6f], 'r4@8 r4@c r4@10 r4@14'),
  'write 8': withMemory([0x88], 'w1@8=11'),
  'write 16': withMemory([0x66, 0x89], 'w2@8=2211'),
  'write 32': withMemory([0x89], 'w4@8=44332211'),
  'write 64, MMX': withMemory([0x0f, 0x7f], 'w8@8=b0a0908,f0e0d0c'),
  'write 64, FPU': withMemory([0xdd], 'w8@8=0,3ff00000', { reg: 3, setUp: fld1 }),
  'write 128, SSE': withMemory([0xf3, 0x0f, 0x7f], 'w16@8=b0a0908,f0e0d0c,13121110,17161514'),
  'modify 8': withMemory([0xfe], 'r1@8 w1@8=9'),
  'modify 16': withMemory([0x66, 0xff], 'r1@8 r1@9 w2@8=909'),
  'modify 32': withMemory([0xff], 'r4@8 w4@8=b0a0909'),
  exchange: withMemory([0x87], 'r4@8 w4@8=44332211'),
  'add to memory': withMemory([0x01], 'r4@8 w4@8=4f3d2b19'),
  'read 32, straddling': withMemory([0x8b], 'r1@fff r1@1000 r1@1001 r1@1002', { at: STRADDLING }),
  'read 128, straddling': withMemory([0xf3, 0x0f, 0x6f], 'r1@fff r1@1000 r1@1001 r1@1002 r4@1003 r4@1007 r4@100b', {
    at: STRADDLING,
  }),
  'write 16, straddling': withMemory([0x66, 0x89], 'w1@fff=11 w1@1000=22', { at: STRADDLING }),
  'write 32, straddling': withMemory([0x89], 'w1@fff=11 w1@1000=22 w1@1001=33 w1@1002=44', { at: STRADDLING }),
  'write 64, straddling': withMemory([0x0f, 0x7f], 'w1@fff=8 w1@1000=9 w1@1001=a w1@1002=b w4@1003=f0e0d0c', {
    at: STRADDLING,
  }),
  'modify 32, straddling': withMemory([0xff], 'r1@1000 r1@1001 r1@fff r1@1002 w1@fff=0 w1@1000=1 w1@1001=1 w1@1002=2', {
    at: STRADDLING,
  }),
  movsd: withString([0xa5], 1, 'r4@0 w4@10=3020100'),
  'rep movsd': withString([0xf3, 0xa5], 2, 'r4@0 w4@10=3020100 r4@4 w4@14=7060504'),
  'rep stosb into the next page': withString([0xf3, 0xaa], 3, 'w1@ffe=11 w1@fff=11 w1@1000=11', 0xffe),
  'rep lodsb': withString([0xf3, 0xac], 3, 'r1@0 r1@1 r1@2'),
  'repne scasb': withString([0xf2, 0xae], 2, 'r1@10 r1@11'),
  cmpsb: withString([0xa6], 1, 'r1@0 r1@10'),
};

/** Turns SSE on: CR4.OSFXSR. */
export const enableSse: Item = [x86.mov('eax', 0x200), x86.movToControl(4, 'eax')];

/**
 * Every access of the table, one after another: with `before` between the setting up and the instruction. A fault handler that goes on at EBP goes
 * on behind the access.
 */
export const allAccesses = (before: Item = []): Item =>
  Object.entries(ACCESSES).map(([name, { setUp, instruction }]) => [
    ...[FNINIT, x86.mov('ebp', `after ${name}`), x86.mov('eax', EAX), setUp, before],
    ...[label(`at ${name}`), instruction, label(`after ${name}`)],
  ]);

/** From a page fault to where EBP says. */
export const faultHandler: Item = [label('fault'), [0x83, 0xc4, 4], [0x89, 0x2c, 0x24], x86.iret]; // add esp, 4; mov [esp], ebp

/** What the two pages hold at first. */
export const pageContent = (): Item => Array.from({ length: 0x2000 }, (_, i) => i & 0xff);
