// WebAssembly listeners get the integers that TypeScript ones get as an event, and decide alike.
import asc from 'assemblyscript/asc';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Machine } from '../machine.ts';
import { label } from '../testing/assembly.ts';
import { bare, record, runToEnd, startGuest } from '../testing/run-guest.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from '../testing/tiny-guest.ts';
import * as x86 from '../testing/x86.ts';
import { EVENT_KINDS, type EventKind } from './kinds.ts';
import { createEvent, type WasmListener } from './map.ts';

/** Keeps the arguments of each call, and returns what it is told to. */
const RECORDER = `
  let length: i32 = 0;
  export let decision: i32 = 0;
  export function listen(kind: i32, a: i32, b: i32, c: i32): i32 {
    store<i32>(length, kind);
    store<i32>(length + 4, a);
    store<i32>(length + 8, b);
    store<i32>(length + 12, c);
    length += 16;
    return decision;
  }
`;

interface Recorder {
  readonly listen: WasmListener;
  readonly memory: WebAssembly.Memory;
  readonly decision: WebAssembly.Global<'i32'>;
}

async function compile(): Promise<WebAssembly.Module> {
  const { error, binary } = await asc.compileString(RECORDER, {
    runtime: 'stub',
    noAssert: true,
    initialMemory: 4,
    memoryBase: 1 << 17,
  });
  if (error || !binary) throw error ?? new Error('asc: no binary');
  return new WebAssembly.Module(binary as BufferSource);
}

const module = await compile();
const instantiate = (): Recorder => new WebAssembly.Instance(module, {}).exports as unknown as Recorder;

/** The calls that a recorder has seen. */
function calls({ memory }: Recorder): number[][] {
  const words = new Int32Array(memory.buffer);
  const list: number[][] = [];
  // A call whose words are all zero would be that of `syscall` by INT 0, which no guest here makes.
  for (let at = 0; words.subarray(at, at + 4).some((word) => word !== 0); at += 4)
    list.push([...words.subarray(at, at + 4)]);
  return list;
}

const description: GuestDescription = {
  kernel: [
    ...[x86.movFromControl('eax', 3), x86.movToControl(3, 'eax'), x86.clts, x86.mov('eax', 0x10)],
    ...[x86.movToControl(4, 'eax'), x86.lidt('idtr'), x86.mov('ecx', 0x176), x86.wrmsr],
    ...[x86.mov('edx', 0x3f8), x86.outByte, x86.storeImmediate(PLACE.tss + 4, PLACE.taskStack), enterUser()],
    ...[label('entry'), x86.mov('eax', 0x30), x86.ltr('eax'), x86.iret],
    ...[label('fault'), [0x83, 0xc4, 4], [0x83, 0x04, 0x24, 6], x86.iret], // add esp, 4; add dword [esp], 6
  ],
  user: [x86.int(0x80), x86.load('eax', PLACE.kernelData), exitUser],
  gates: { 128: { to: 'entry', dpl: 3 }, 14: { to: 'fault' } },
};

/** Fields that an event reads from the CPU, and not from the hook. */
const LIVE = ['number', 'arguments', 'entry'];

function fields(machine: Machine, [kind, a, b, c]: readonly number[]): Record<string, unknown> {
  const name = EVENT_KINDS[kind!]!;
  const event = createEvent(name, machine.cpu);
  event.fill(a!, b!, c!);
  const shown: Record<string, unknown> = { kind: name, ...event.fields() };
  for (const field of name === 'syscall-return' ? [...LIVE, 'value'] : LIVE) delete shown[field];
  return shown;
}

async function viaTypeScript(kinds: readonly EventKind[]) {
  const { machine } = await startGuest(description);
  const recorded = record(machine, kinds);
  await runToEnd(machine);
  await machine.close();
  return bare(recorded).map((event) => {
    const shown: Record<string, unknown> = { ...event };
    for (const field of event.kind === 'syscall-return' ? [...LIVE, 'value'] : LIVE) delete shown[field];
    return shown;
  });
}

test('the same integers, without JavaScript between and with it', async () => {
  const expected = await viaTypeScript(EVENT_KINDS);
  assert.ok(expected.length > 20);
  for (const shared of [false, true]) {
    const { machine } = await startGuest(description);
    const recorder = instantiate();
    for (const kind of EVENT_KINDS) {
      machine.on(kind, recorder.listen);
      // With a second listener, both are called from JavaScript.
      if (shared) machine.on(kind, () => {});
    }
    await runToEnd(machine);
    assert.equal(
      calls(recorder).map((call) => fields(machine, call)),
      expected,
    );
    await machine.close();
  }
});

test('a system call comes with its number', async () => {
  const { machine } = await startGuest(description);
  const recorder = instantiate();
  const numbers: number[] = [];
  machine.on('syscall', recorder.listen);
  machine.on('syscall', ({ number }) => void numbers.push(number | 0));
  await runToEnd(machine);
  assert.is(numbers.length, 2);
  assert.equal(
    calls(recorder).map(([, , , eax]) => eax),
    numbers,
  );
  await machine.close();
});

test('the same decisions', async () => {
  const { machine, guest } = await startGuest(description);
  const recorder = instantiate();
  recorder.decision.value = 2;
  machine.on('cr3-write', recorder.listen);
  assert.is(await machine.run({ instructions: 1_000_000 }), 'stopped');
  assert.is(machine.cpu.eip, guest.address('kernel') + 6);
  const suppressor = instantiate();
  suppressor.decision.value = 1;
  machine.on('cr4-write', suppressor.listen);
  await runToEnd(machine);
  assert.is(machine.cpu.cr4, 0);
  assert.is(calls(suppressor).length, 1);
  await machine.close();
});

test('disposed of, a WebAssembly listener is not called again', async () => {
  const { machine } = await startGuest(description);
  const recorder = instantiate();
  machine.on('port-io', recorder.listen)[Symbol.dispose]();
  await runToEnd(machine);
  assert.equal(calls(recorder), []);
  await machine.close();
});

test.run();
