// Transitions: what changes privilege must be what the guest's instruction and tables say. A wolf that does it behind the guest is refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { kindNumber, VMM_STATE } from '../../../emulator/index.ts';
import { lockBits } from '../locks.ts';
import { type BareCore, bareCore, SITE } from '../testing/bare-core.ts';

const {
  cr0,
  cr3,
  cr4,
  cpl,
  idtrLimit,
  gdtrLimit,
  sysenterCs,
  sysenterEip,
  selectors,
  previousInstructionPointer,
  generalRegisters,
} = VMM_STATE;
const CODE = 0x5000;
const IDT = 0x6000;
const GDT = 0x7000;
const KERNEL_CODE = 8;

/** A guest without paging, in the middle of an instruction. */
function guest(...instruction: readonly number[]): BareCore {
  const bare = bareCore();
  const { core } = bare;
  for (const [at, value] of [
    [cr0, 1],
    [idtrLimit, 0x7ff],
    [idtrLimit + 4, IDT],
    [gdtrLimit, 0x3f],
    [gdtrLimit + 4, GDT],
    [sysenterCs, KERNEL_CODE],
  ] as const)
    core.state(at, value, 4, SITE.v86);
  // A flat code segment of DPL 0, one of DPL 3; an interrupt gate at vector 0x80 that CPL 3 may use, one at 0x20 that it may not.
  descriptor(bare, KERNEL_CODE, 0x00cf9a00);
  descriptor(bare, 0x18, 0x00cffa00);
  gate(bare, 0x80, 0xee00, KERNEL_CODE);
  gate(bare, 0x20, 0x8e00, KERNEL_CODE);
  gate(bare, 0x21, 0x8e00, 0x18);
  execute(bare, ...instruction);
  core.resumed();
  return bare;
}

function descriptor(bare: BareCore, selector: number, high: number): void {
  bare.setGuest(GDT + selector, 0xffff);
  bare.setGuest(GDT + selector + 4, high);
}

function gate(bare: BareCore, vector: number, high: number, selector: number): void {
  bare.setGuest(IDT + 8 * vector, (selector << 16) | 0x1234);
  bare.setGuest(IDT + 8 * vector + 4, high);
}

/** Puts an instruction at the guest's EIP. */
function execute(bare: BareCore, ...bytes: readonly number[]): void {
  bare.setWord(previousInstructionPointer, CODE);
  for (const [i, byte] of bytes.entries()) bare.setGuest(CODE + i, byte);
}

/** Does what v86 does. @returns the value that stands afterwards, and the alarms */
function store(bare: BareCore, at: number, value: number, width = 4) {
  bare.core.state(at, value, width, SITE.v86);
  const found = bare.word(at) & (width === 1 ? 0xff : width === 2 ? 0xffff : -1);
  return { found: found >>> 0, alarms: bare.alarms() };
}

const MOV_FROM_EAX = (control: number) => [0x0f, 0x22, 0xc0 | (control << 3)];

test('registers change when the instruction says so, to what it says', () => {
  for (const [at, value, instruction] of [
    [cr0, 0x10001, MOV_FROM_EAX(0)],
    [cr0, 9, [0x0f, 0x06]],
    [cr0, 3, [0x0f, 0x01, 0xf0]],
    [cr3, 0x3000, MOV_FROM_EAX(3)],
    [cr4, 0x80, [0x66, 0x2e, ...MOV_FROM_EAX(4)]],
    [idtrLimit + 4, 0x8000, [0x0f, 0x01, 0x1d]],
    [gdtrLimit, 0x7f, [0x0f, 0x01, 0x15]],
  ] as const) {
    const bare = guest(...instruction);
    bare.setWord(generalRegisters, value);
    assert.equal(store(bare, at, value), { found: value, alarms: [] });
  }
});

test('the same behind the back of the guest is refused', () => {
  for (const [at, value, width] of [
    [cr0, 0, 4],
    [cr0, 0x80000001, 4],
    [cr3, 0x9000, 4],
    [cr4, 0x20, 4],
    [idtrLimit + 4, 0x9000, 4],
    [gdtrLimit + 4, 0x9000, 4],
    [sysenterEip, 0x9000, 4],
    [selectors + 12, 0x28, 2],
  ] as const) {
    const bare = guest(0x90);
    const before = bare.word(at) & (width === 2 ? 0xffff : -1);
    assert.equal(store(bare, at, value, width), { found: before >>> 0, alarms: ['STATE_WITHOUT_INSTRUCTION'] });
  }
});

test('a value that the instruction does not give is refused', () => {
  const bare = guest(...MOV_FROM_EAX(3));
  bare.setWord(generalRegisters, 0x3000);
  assert.equal(store(bare, cr3, 0x9000).alarms, ['STATE_WITHOUT_INSTRUCTION']);
  execute(bare, 0x0f, 0x30);
  bare.setWord(generalRegisters, 0xc0001000 | 0);
  bare.setWord(generalRegisters + 4, 0x176);
  assert.equal(store(bare, sysenterEip, 0xc0001000), { found: 0xc0001000, alarms: [] });
  assert.equal(store(bare, sysenterEip, 0xc0002000).alarms, ['STATE_WITHOUT_INSTRUCTION']);
});

test('nothing changes while the guest stands still, whatever instruction it stands at', () => {
  const bare = guest(...MOV_FROM_EAX(0));
  bare.core.suspended();
  assert.equal(store(bare, cr0, 0), { found: 1, alarms: ['STATE_WITHOUT_INSTRUCTION'] });
});

const hear = ({ core }: BareCore, kind: 'interrupt' | 'exception' | 'software-interrupt', vector: number) =>
  core.event(kindNumber(kind), vector, 0, 0);

function atCpl3(...instruction: readonly number[]): BareCore {
  const bare = guest(...instruction);
  assert.equal(store(bare, cpl, 3, 1), { found: 3, alarms: [] });
  return bare;
}

test('CPL falls through gates that the IDT has', () => {
  for (const [kind, vector] of [
    ['software-interrupt', 0x80],
    ['interrupt', 0x20],
    ['exception', 0x20],
  ] as const) {
    const bare = atCpl3(0xcd, vector);
    hear(bare, kind, vector);
    assert.equal(store(bare, cpl, 0, 1), { found: 0, alarms: [] });
  }
});

test('CPL does not fall through a gate of another level, an absent one, or none', () => {
  for (const [kind, vector] of [
    ['software-interrupt', 0x20],
    ['interrupt', 0x21],
    ['interrupt', 0x22],
    ['exception', 0x100],
  ] as const) {
    const bare = atCpl3(0x90);
    hear(bare, kind, vector);
    assert.equal(store(bare, cpl, 0, 1), { found: 3, alarms: ['CPL_WITHOUT_GATE'] }, `${kind} ${vector}`);
  }
  assert.equal(store(atCpl3(0x90), cpl, 0, 1), { found: 3, alarms: ['CPL_WITHOUT_GATE'] });
});

test('a delivery opens the gate once', () => {
  const bare = atCpl3(0xcd, 0x80);
  hear(bare, 'software-interrupt', 0x80);
  assert.equal(store(bare, cpl, 0, 1).alarms, []);
  assert.equal(store(bare, cpl, 3, 1).alarms, []);
  assert.equal(store(bare, cpl, 0, 1).alarms, ['CPL_WITHOUT_GATE']);
});

test('SYSENTER enters when its MSR names a segment, at that instruction only', () => {
  assert.equal(store(atCpl3(0x0f, 0x34), cpl, 0, 1), { found: 0, alarms: [] });
  assert.equal(store(atCpl3(0x0f, 0x35), cpl, 0, 1).alarms, ['CPL_WITHOUT_GATE']);
});

test('what is locked stays, instruction or not, policy or not', () => {
  const bare = guest(...MOV_FROM_EAX(0));
  bare.setWord(generalRegisters, 0x10001);
  assert.equal(store(bare, cr0, 0x10001).alarms, []);
  const { cr0: bits, cr4: none, registers } = lockBits({ cr0: ['WP'], registers: ['idtr'] });
  bare.core.lock(bits, none, registers);
  bare.core.arm(0);
  bare.setWord(generalRegisters, 1);
  assert.equal(store(bare, cr0, 1), { found: 0x10001, alarms: ['LOCKED'] });
  assert.equal(store(bare, idtrLimit + 4, 0x9000), { found: IDT, alarms: ['LOCKED'] });
  // What was never set may be written; the same value is no change.
  assert.equal(store(bare, cr0, 0x80010001 | 0).alarms, []);
  assert.equal(store(bare, idtrLimit + 4, IDT).alarms, []);
});

test('a lock names what it locks', () => {
  assert.throws(() => lockBits({ cr0: ['TS' as 'WP'] }), /expected some of PE, WP, PG; found TS/);
});

test.run();
