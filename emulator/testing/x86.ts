// For tests: the instructions that tiny guests are written in, in 32-bit encodings (SDM vol. 2).
import { addressOf, distanceTo, type Item, long, type Reference } from './assembly.ts';

/** The number of each general register in an encoding. */
const REGISTERS = { eax: 0, ecx: 1, edx: 2, ebx: 3, esp: 4, ebp: 5, esi: 6, edi: 7 } as const;

/** A general register. */
export type Register = keyof typeof REGISTERS;

/** An address: a number or a label. */
export type Address = number | string;

const target = (address: Address): number | Reference => (typeof address === 'string' ? addressOf(address) : address);

/** ModR/M byte with two registers: mod 3. */
const direct = (reg: number, rm: number): number => 0xc0 | (reg << 3) | rm;

/** ModR/M byte and displacement of an absolute address: mod 0, rm 5. */
const absolute = (reg: number, address: Address): Item => [(reg << 3) | 5, long(target(address))];

/** MOV register, immediate. */
export const mov = (register: Register, value: Address): Item => [0xb8 + REGISTERS[register], long(target(value))];

/** MOV register, register. */
export const movRegister = (to: Register, from: Register): Item => [0x89, direct(REGISTERS[from], REGISTERS[to])];

/** MOV register, [address]. */
export const load = (register: Register, address: Address): Item => [0x8b, absolute(REGISTERS[register], address)];

/** MOV [address], register. */
export const store = (address: Address, register: Register): Item => [0x89, absolute(REGISTERS[register], address)];

/** MOV dword [address], immediate. */
export const storeImmediate = (address: Address, value: Address): Item => [
  0xc7,
  absolute(0, address),
  long(target(value)),
];

/** INC dword [address]: a read-modify-write. */
export const increment = (address: Address): Item => [0xff, absolute(0, address)];

/** ADD register, immediate. */
export const add = (register: Register, value: number): Item => [0x81, direct(0, REGISTERS[register]), long(value)];

/** DEC register. */
export const dec = (register: Register): Item => 0x48 + REGISTERS[register];

/** INC register. */
export const inc = (register: Register): Item => 0x40 + REGISTERS[register];

/** CMP register, immediate. */
export const cmp = (register: Register, value: Address): Item => [
  0x81,
  direct(7, REGISTERS[register]),
  long(target(value)),
];

export const push = (value: Address): Item => [0x68, long(target(value))];
export const pushRegister = (register: Register): Item => 0x50 + REGISTERS[register];
export const popRegister = (register: Register): Item => 0x58 + REGISTERS[register];

export const jmp = (to: string): Item => [0xe9, distanceTo(to)];
export const jnz = (to: string): Item => [0x0f, 0x85, distanceTo(to)];
export const jz = (to: string): Item => [0x0f, 0x84, distanceTo(to)];
export const call = (to: string): Item => [0xe8, distanceTo(to)];
export const ret: Item = 0xc3;

/** JMP selector:offset. */
export const farJump = (selector: number, offset: Address): Item => [
  0xea,
  long(target(offset)),
  selector & 0xff,
  selector >> 8,
];

/** CALL selector:offset. */
export const farCall = (selector: number, offset: Address): Item => [
  0x9a,
  long(target(offset)),
  selector & 0xff,
  selector >> 8,
];

export const retf: Item = 0xcb;
export const iret: Item = 0xcf;
export const nop: Item = 0x90;
export const cli: Item = 0xfa;
export const sti: Item = 0xfb;
export const hlt: Item = 0xf4;
export const ud2: Item = [0x0f, 0x0b];
export const int3: Item = 0xcc;
export const clts: Item = [0x0f, 0x06];
export const wrmsr: Item = [0x0f, 0x30];
export const sysenter: Item = [0x0f, 0x34];
export const sysexit: Item = [0x0f, 0x35];

/** INT n. */
export const int = (vector: number): Item => [0xcd, vector];

/** MOV CRn, register. */
export const movToControl = (control: 0 | 2 | 3 | 4, register: Register): Item => [
  0x0f,
  0x22,
  direct(control, REGISTERS[register]),
];

/** MOV register, CRn. */
export const movFromControl = (register: Register, control: 0 | 2 | 3 | 4): Item => [
  0x0f,
  0x20,
  direct(control, REGISTERS[register]),
];

/** INVLPG [address]. */
export const invlpg = (address: Address): Item => [0x0f, 0x01, absolute(7, address)];

/** LMSW register. */
export const lmsw = (register: Register): Item => [0x0f, 0x01, direct(6, REGISTERS[register])];

/** LGDT [address]. */
export const lgdt = (address: Address): Item => [0x0f, 0x01, absolute(2, address)];

/** LIDT [address]. */
export const lidt = (address: Address): Item => [0x0f, 0x01, absolute(3, address)];

/** LTR register. */
export const ltr = (register: Register): Item => [0x0f, 0x00, direct(3, REGISTERS[register])];

/** MOV Sreg, register; es 0, ss 2, ds 3, fs 4, gs 5. */
export const movToSegment = (segment: number, register: Register): Item => [0x8e, direct(segment, REGISTERS[register])];

/** OUT DX, AL/AX/EAX and IN AL/AX/EAX, DX. */
export const outByte: Item = 0xee;
export const outWord: Item = [0x66, 0xef];
export const outLong: Item = 0xef;
export const inByte: Item = 0xec;
export const inWord: Item = [0x66, 0xed];
export const inLong: Item = 0xed;

/** OUT immediate port, AL. */
export const outImmediate = (port: number): Item => [0xe6, port];

/** CLI and HLT: the machine's run ends here. */
export const finish: Item = [cli, hlt];

/** Does something `times` times, counted in a register that it must leave alone. */
export const repeat = (name: string, times: number, counter: Register, ...body: readonly Item[]): Item => [
  mov(counter, times),
  { define: name },
  body,
  dec(counter),
  jnz(name),
];
