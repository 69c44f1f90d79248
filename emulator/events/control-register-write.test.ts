// Writes to CR0, CR3 and CR4 by each instruction that writes them.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { label, long } from '../testing/assembly.ts';
import { bare, record, runToEnd, startGuest } from '../testing/run-guest.ts';
import { PAGE, SELECTOR } from '../testing/system-tables.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from '../testing/tiny-guest.ts';
import * as x86 from '../testing/x86.ts';
import type { EventKind } from './kinds.ts';

const KINDS: readonly EventKind[] = ['cr0-write', 'cr3-write', 'cr4-write', 'task-register', 'exception'];

/** CR0 when the prologue is done: PG, WP, ET, PE. */
const CR0 = 0x80010011;
const TASK_SWITCHED = 8;

/** A page directory with the same page table. */
const SECOND_DIRECTORY = 0x10e000;

async function events(description: GuestDescription) {
  const { machine, guest } = await startGuest(description);
  const recorded = record(machine, KINDS);
  await runToEnd(machine);
  const { cpu } = machine;
  const registers = { cr0: cpu.cr0, cr3: cpu.cr3, cr4: cpu.cr4 };
  await machine.close();
  return { recorded: bare(recorded), registers, eips: recorded.map(({ eip }) => eip), address: guest.address };
}

test('MOV to CR0, LMSW and CLTS', async () => {
  const { recorded, registers, eips, address } = await events({
    kernel: [
      ...[x86.mov('eax', CR0 | TASK_SWITCHED), label('mov'), x86.movToControl(0, 'eax'), label('clts'), x86.clts],
      ...[x86.mov('eax', 0x11 | TASK_SWITCHED), label('lmsw'), x86.lmsw('eax')],
      ...[x86.mov('eax', CR0), x86.movToControl(0, 'eax'), x86.finish],
    ],
  });
  const set = (CR0 | TASK_SWITCHED) >>> 0;
  assert.equal(recorded, [
    { kind: 'cr0-write', old: CR0, value: set, cause: 'mov' },
    { kind: 'cr0-write', old: set, value: CR0, cause: 'clts' },
    { kind: 'cr0-write', old: CR0, value: set, cause: 'mov' },
    { kind: 'cr0-write', old: set, value: CR0, cause: 'mov' },
  ]);
  assert.equal(eips.slice(0, 3), ['mov', 'clts', 'lmsw'].map(address));
  assert.is(registers.cr0, CR0);
});

test('MOV to CR3 and CR4', async () => {
  const { recorded, registers } = await events({
    kernel: [
      ...[x86.mov('eax', SECOND_DIRECTORY), x86.movToControl(3, 'eax')],
      ...[x86.mov('eax', 0x90), x86.movToControl(4, 'eax'), x86.finish],
    ],
    more: [{ at: SECOND_DIRECTORY, items: [long(PLACE.pageTable | PAGE.present | PAGE.writable)] }],
  });
  assert.equal(recorded, [
    { kind: 'cr3-write', old: PLACE.pageDirectory, value: SECOND_DIRECTORY, cause: 'mov' },
    { kind: 'cr4-write', old: 0, value: 0x90, cause: 'mov' },
  ]);
  assert.equal([registers.cr3, registers.cr4], [SECOND_DIRECTORY, 0x90]);
});

test('a write that faults is no write: from CPL 3, and with a reserved bit of CR4', async () => {
  for (const [source, control] of [
    ['user', 0],
    ['user', 3],
    ['user', 4],
    ['kernel', 4],
  ] as const) {
    const write = [x86.mov('eax', 1 << 15), x86.movToControl(control, 'eax'), exitUser];
    const { recorded } = await events(source === 'user' ? { kernel: [enterUser()], user: write } : { kernel: write });
    assert.equal(recorded, [{ kind: 'exception', vector: 13, errorCode: 0 }], `${source}, CR${control}`);
  }
});

test('a hardware task switch', async () => {
  const { recorded, registers } = await events({
    kernel: [x86.farJump(SELECTOR.secondTss, 0), label('task'), x86.finish],
    task: 'task',
  });
  assert.equal(recorded, [
    { kind: 'task-register', selector: SELECTOR.secondTss, base: PLACE.secondTss, cause: 'task-switch' },
    { kind: 'cr3-write', old: PLACE.pageDirectory, value: PLACE.pageDirectory, cause: 'task-switch' },
    { kind: 'cr0-write', old: CR0, value: (CR0 | TASK_SWITCHED) >>> 0, cause: 'task-switch' },
  ]);
  assert.is(registers.cr0, (CR0 | TASK_SWITCHED) >>> 0);
});

test.run();
