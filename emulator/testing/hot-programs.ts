// For tests: tiny guests that do one thing often enough for v86 to compile them.
import { type Item, label } from './assembly.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from './tiny-guest.ts';
import * as x86 from './x86.ts';

/** v86 compiles a page once 200,000 instructions were interpreted in it. */
export const ROUNDS = 2800;

let spins = 0;

/** Instructions that do nothing, two for each time. It takes ECX. */
export function spin(times = 40): Item {
  return x86.repeat(`spin ${spins++}`, times, 'ecx');
}

/**
 * The same as a subroutine, for handlers: v86 thinks of compiling when a run of interpreted instructions ends, and only if the page is accessible
 * then, which a kernel's page is not after its IRET.
 */
const pause: Item = x86.call('pause');
const subroutine = (): Item => [label('pause'), spin(), x86.ret];

/** Returns from an exception with an error code, past the instruction of `length` bytes that raised it. */
const skip = (length: number): Item => [
  ...[0x83, 0x44, 0x24, 0x04, length], // add dword [esp + 4], length
  ...[0x83, 0xc4, 0x04], // add esp, 4
  x86.iret,
];

/** Returns from an exception without an error code, past the instruction. */
const skipBare = (length: number): Item => [[0x83, 0x04, 0x24, length], x86.iret]; // add dword [esp], length

const at3 = (...body: readonly Item[]): Item[] => [x86.repeat('rounds', ROUNDS, 'edi', spin(), ...body), exitUser];
const at0 = (...body: readonly Item[]): Item[] => [x86.repeat('rounds', ROUNDS, 'edi', spin(), ...body), x86.finish];

const STORE_LENGTH = 6;

/** Each program by what it does in each round. */
export const hotPrograms = (): Readonly<Record<string, GuestDescription>> => ({
  'system calls by INT': {
    kernel: [enterUser(), label('entry'), pause, x86.iret, subroutine()],
    user: at3(x86.int(0x80)),
    gates: { 128: { to: 'entry', dpl: 3 } },
  },
  'system calls by SYSENTER': {
    kernel: [
      ...[x86.mov('ecx', 0x174), x86.mov('eax', 8), x86.wrmsr],
      ...[x86.mov('ecx', 0x175), x86.mov('eax', PLACE.kernelStack), x86.wrmsr],
      ...[x86.mov('ecx', 0x176), x86.mov('eax', 'entry'), x86.wrmsr, enterUser()],
      ...[label('entry'), pause, x86.mov('edx', 'after'), x86.mov('ecx', PLACE.userStack), x86.sysexit, subroutine()],
    ],
    user: at3(x86.sysenter, label('after')),
  },
  'page faults at CPL 3': {
    kernel: [enterUser(), label('fault'), pause, skip(STORE_LENGTH), subroutine()],
    user: at3(
      x86.store(PLACE.readOnly, 'edx'),
      x86.store(PLACE.unmapped, 'edx'),
      x86.load('edx', PLACE.kernelData),
      x86.load('edx', PLACE.data),
      x86.increment(PLACE.readOnly + 8),
      x86.store(PLACE.data + 4, 'edx'),
    ),
    gates: { 14: { to: 'fault' } },
  },
  'page faults of accesses that straddle pages': {
    kernel: [enterUser(), label('fault'), pause, skip(STORE_LENGTH), subroutine()],
    user: at3(
      x86.store(PLACE.readOnly - 2, 'edx'),
      x86.load('edx', PLACE.kernelData - 1),
      x86.increment(PLACE.readOnly - 3),
      x86.store(PLACE.data + 0xffe, 'edx'),
    ),
    gates: { 14: { to: 'fault' } },
  },
  'exceptions at CPL 3': {
    kernel: [
      ...[enterUser(), label('divide'), pause, skipBare(2), label('invalid'), pause, skipBare(2)],
      ...[label('protection'), pause, skip(2), label('breakpoint'), pause, x86.iret, subroutine()],
    ],
    user: at3(
      ...[x86.mov('ebx', 0), [0xf7, 0xf3], x86.ud2, x86.int(0x20), [x86.hlt, x86.nop], x86.int3],
      ...[
        [x86.cli, x86.nop],
        [x86.inByte, x86.nop],
        [0x8e, 0xd3],
      ], // mov ss, ebx
    ),
    gates: {
      0: { to: 'divide' },
      3: { to: 'breakpoint', dpl: 3 },
      6: { to: 'invalid' },
      13: { to: 'protection' },
    },
  },
  'control registers': {
    kernel: at0(
      ...[x86.movFromControl('eax', 3), x86.movToControl(3, 'eax'), x86.load('edx', PLACE.data), x86.clts],
      ...[x86.movFromControl('eax', 0), x86.movToControl(0, 'eax'), x86.lmsw('eax'), x86.invlpg(PLACE.data)],
      ...[x86.load('edx', PLACE.data), x86.mov('eax', 0x10), x86.movToControl(4, 'eax'), x86.movToControl(2, 'eax')],
    ),
  },
  'system tables and ports': {
    kernel: at0(
      ...[x86.lidt('idtr'), x86.lgdt('gdtr'), x86.mov('ecx', 0x176), x86.mov('eax', 0x1234), x86.wrmsr],
      ...[
        x86.storeImmediate(PLACE.tss + 4, PLACE.kernelStack - 16),
        x86.storeImmediate(PLACE.tss + 4, PLACE.taskStack),
      ],
      ...[x86.mov('edx', 0x21), x86.inByte, x86.outByte, x86.mov('edx', 0xf00), x86.inWord, x86.outWord],
      ...[x86.inLong, x86.outLong, x86.outImmediate(0x80)],
    ),
  },
  'string instructions across pages': {
    kernel: [enterUser(), label('fault'), pause, [0x83, 0xc4, 4], x86.mov('ecx', 0), x86.iret, subroutine()],
    user: [
      ...[x86.mov('ebp', ROUNDS), label('round'), spin()],
      ...[x86.mov('ecx', 16), x86.mov('edi', PLACE.data + 0xff8), [0xf3, 0xab]], // rep stosd
      ...[x86.mov('ecx', 16), x86.mov('edi', PLACE.readOnly - 16), [0xf3, 0xaa]], // rep stosb: faults in its second page
      ...[x86.mov('ecx', 8), x86.mov('esi', PLACE.kernelData - 16), x86.mov('edi', PLACE.data), [0xf3, 0xa5]], // rep movsd
      ...[x86.dec('ebp'), x86.jnz('round'), exitUser],
    ],
    gates: { 14: { to: 'fault' } },
  },
  'far transfers': {
    kernel: [enterUser(), label('gate'), pause, x86.retf, subroutine()],
    user: at3(x86.farCall(0x3b, 0)),
    callGate: 'gate',
  },
});
