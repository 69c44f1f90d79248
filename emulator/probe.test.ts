// Probes: exact counts in interpreted and compiled code, and a guest that does not notice.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cr3, frameBase, frameOf, phys, virt } from './address.ts';
import { DECISION } from './events/kinds.ts';
import type { WasmListener } from './events/map.ts';
import type { Machine } from './machine.ts';
import { ProbeError } from './probe.ts';
import { type Item, label, long } from './testing/assembly.ts';
import { readSector } from './testing/devices.ts';
import { spin } from './testing/hot-programs.ts';
import { record, runToEnd, startGuest } from './testing/run-guest.ts';
import { PAGE } from './testing/system-tables.ts';
import { enterUser, exitUser, type GuestDescription, PLACE } from './testing/tiny-guest.ts';
import * as x86 from './testing/x86.ts';
import { assembler, buildModule, code } from './wasm/index.ts';

const ROUNDS = 3000;

/** A subroutine that is called ROUNDS times by a hot loop; EBX counts. */
const hotCalls = (): GuestDescription => ({
  kernel: [enterUser()],
  user: [
    x86.repeat('rounds', ROUNDS, 'edi', spin(), x86.call('target'), x86.increment(PLACE.data)),
    ...[exitUser, label('target'), x86.inc('ebx'), x86.ret],
  ],
});

const rounds = (machine: Machine): number => machine.memory.readWord(virt(PLACE.data)) ?? 0;

for (const jit of [false, true]) {
  test(`exact counts with the JIT ${jit ? 'on' : 'off'}, armed before, while and after the code is hot`, async () => {
    const plain = await startGuest(hotCalls(), { jit });
    await runToEnd(plain.machine);
    const { machine, guest } = await startGuest(hotCalls(), { jit });
    const target = virt(guest.address('target'));
    const seen: number[] = [];
    const all = machine.probe(target, ({ hits, cpu, address, physical }) => {
      assert.equal([address, physical, cpu.ebx, cpu.cpl, hits], [target, target, seen.length, 3, seen.length + 1]);
      seen.push(hits);
    });
    await machine.run({ until: () => rounds(machine) > ROUNDS - 400 });
    const from = rounds(machine);
    const late = machine.probe({ physical: phys(target) }, () => {});
    const gone = machine.probe(target, () => {});
    gone[Symbol.dispose]();
    await runToEnd(machine);
    assert.equal([all.hits, seen.length, gone.hits], [ROUNDS, ROUNDS, 0]);
    assert.ok(Math.abs(late.hits - (ROUNDS - from)) <= 1);
    assert.equal(machine.cpu.toJSON(), plain.machine.cpu.toJSON());
    if (!jit) assert.is(machine.cpu.instructions, plain.machine.cpu.instructions);
    await Promise.all([machine.close(), plain.machine.close()]);
  });
}

test('a probe armed over compiled code that runs, by a listener, and removed by its own handler', async () => {
  const description = hotCalls();
  const { machine, guest } = await startGuest({
    ...description,
    user: [
      x86.repeat('calls', ROUNDS, 'edi', spin(), x86.int(0x80), x86.call('target')),
      exitUser,
      label('target'),
      x86.ret,
    ],
    kernel: [enterUser(), label('entry'), x86.iret],
    gates: { 128: { to: 'entry', dpl: 3 } },
  });
  let calls = 0;
  let hits = 0;
  machine.on('syscall', ({ vector }) => {
    if (vector !== 0x80 || ++calls % 1000 !== 0) return;
    const once = machine.probe(virt(guest.address('target')), () => {
      hits++;
      once[Symbol.dispose]();
    });
  });
  await runToEnd(machine);
  assert.equal([calls, hits], [ROUNDS, 3]);
  await machine.close();
});

test('stop stops after the probed instruction; an error comes out of run', async () => {
  const { machine, guest } = await startGuest(hotCalls());
  const target = guest.address('target');
  const probe = machine.probe(virt(target), () => 'stop');
  assert.is(await machine.run(), 'stopped');
  assert.equal([machine.cpu.eip, machine.cpu.ebx], [target + 1, 1]);
  probe[Symbol.dispose]();
  const failing = machine.probe(virt(target), () => {
    throw new Error('of the handler');
  });
  assert.is(await machine.run().catch((error: Error) => error.message), 'of the handler');
  assert.is(failing.hits, 1);
  failing[Symbol.dispose]();
  await runToEnd(machine);
  assert.is(machine.cpu.ebx, ROUNDS);
  await machine.close();
});

test('10,000 probes in code that does not run leave the run as it is', async () => {
  const cold = { at: PLACE.data + 0x8000, items: Array.from({ length: 10_000 }, () => x86.nop) };
  const runs: unknown[] = [];
  for (const count of [0, 10_000]) {
    const { machine } = await startGuest({ ...hotCalls(), more: [cold] });
    for (let i = 0; i < count; i++) machine.probe(virt(cold.at + i), () => assert.unreachable());
    const events = record(machine, ['syscall', 'jit-install', 'cpl-change']);
    await runToEnd(machine);
    runs.push([machine.cpu.instructions, events, machine.cpu.toJSON()]);
    await machine.close();
  }
  assert.equal(runs[1], runs[0]);
});

/** A handler in WebAssembly that counts hits by itself, and notes the address that it was given last. */
function wasmHandler(decision = DECISION.allow as number) {
  const { globalGet, globalSet, i32Add, i32Const, localGet } = assembler;
  const bytes = buildModule({
    functions: [
      {
        type: { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] },
        body: {
          code: code(
            ...[globalGet(0), i32Const(1), i32Add, globalSet(0)],
            ...[localGet(1), globalSet(1), i32Const(decision)],
          ),
        },
        exportAs: 'listen',
      },
    ],
    globals: [0, 0].map((init) => ({ type: 'i32', mutable: true, init }) as const),
    exports: ['counted', 'address'].map((name, index) => ({ name, kind: 'global', index }) as const),
  });
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource));
  return exports as unknown as Record<'counted' | 'address', WebAssembly.Global> & { readonly listen: WasmListener };
}

/** Runs a guest with a probe at its label `target`, once with a handler of each sort, and tells the hits. */
async function hitsOf(description: GuestDescription, check: (machine: Machine) => void = () => {}): Promise<number> {
  const run = async (handler: WasmListener) => {
    const { machine, guest } = await startGuest(description);
    const probe = machine.probe(virt(guest.address('target')), handler);
    await runToEnd(machine);
    check(machine);
    await machine.close();
    return probe.hits;
  };
  const { listen, counted } = wasmHandler();
  const hits = await run(() => DECISION.allow);
  assert.equal([await run(listen), counted.value], [hits, hits]);
  return hits;
}

for (const jit of [false, true]) {
  test(`a handler in WebAssembly, alone and with company, with the JIT ${jit ? 'on' : 'off'}`, async () => {
    const { machine, guest } = await startGuest(hotCalls(), { jit });
    const target = virt(guest.address('target'));
    const handler = wasmHandler();
    const probe = machine.probe(target, handler.listen);
    const until = (round: number) => machine.run({ until: () => rounds(machine) > round });
    await until(1000);
    const second = wasmHandler();
    const others = [machine.probe(target, () => {}), machine.probe(target, second.listen)];
    const from = probe.hits;
    await until(2000);
    const heard = probe.hits - from;
    for (const other of others) {
      assert.is(other.hits, heard);
      other[Symbol.dispose]();
    }
    assert.is(second.counted.value, heard);
    await runToEnd(machine);
    assert.equal([probe.hits, handler.counted.value, handler.address.value], [ROUNDS, ROUNDS, target]);
    assert.is(machine.cpu.ebx, ROUNDS);
    probe[Symbol.dispose]();
    assert.is(probe.hits, ROUNDS);
    await machine.close();
  });
}

test('a handler in WebAssembly takes its own probe away, and its instruction faults before it ends', async () => {
  const mapping = PLACE.data | PAGE.present | PAGE.writable | PAGE.user;
  const { machine, guest } = await startGuest({
    kernel: [
      ...[enterUser(), label('fault'), x86.storeImmediate(PLACE.pageTable + (PLACE.unmapped >> 10), mapping)],
      ...[[0x83, 0xc4, 4], x86.iret], // add esp, 4
    ],
    user: [label('target'), x86.storeImmediate(PLACE.unmapped, 5), label('other'), x86.inc('ebx'), exitUser],
    gates: { 14: { to: 'fault' } },
  });
  const bytes = buildModule({
    imports: [
      {
        ...{ module: 'host', name: 'told', kind: 'function' },
        type: { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] },
      },
    ],
    exports: [{ name: 'listen', kind: 'function', index: 0 }],
  });
  const told = () => {
    probe[Symbol.dispose]();
    return DECISION.allow;
  };
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { host: { told } });
  const probe = machine.probe(virt(guest.address('target')), exports.listen as WasmListener);
  const other = machine.probe(virt(guest.address('other')), () => {});
  await runToEnd(machine);
  assert.equal([probe.hits, other.hits, machine.cpu.ebx], [1, 1, 1]);
  assert.is(machine.memory.wordAt(phys(PLACE.data)), 5);
  await machine.close();
});

test('a handler in WebAssembly stops the machine after the instruction', async () => {
  const { machine, guest } = await startGuest(hotCalls());
  const target = guest.address('target');
  machine.probe(virt(target), wasmHandler(DECISION.stop).listen);
  assert.is(await machine.run(), 'stopped');
  assert.equal([machine.cpu.eip, machine.cpu.ebx], [target + 1, 1]);
  await machine.close();
});

test('an instruction that faults and is restarted counts once', async () => {
  const mapping = PLACE.data | PAGE.present | PAGE.writable | PAGE.user;
  const hits = await hitsOf(
    {
      kernel: [
        ...[enterUser(), label('fault'), x86.storeImmediate(PLACE.pageTable + (PLACE.unmapped >> 10), mapping)],
        ...[[0x83, 0xc4, 4], x86.iret], // add esp, 4
      ],
      user: [label('target'), x86.storeImmediate(PLACE.unmapped, 5), exitUser],
      gates: { 14: { to: 'fault' } },
    },
    ({ memory }) => assert.is(memory.wordAt(phys(PLACE.data)), 5),
  );
  assert.is(hits, 1);
});

test('an instruction whose fault is skipped counts each time', async () => {
  const program = (target: Item, length: number, gates: GuestDescription['gates'] = {}): GuestDescription => ({
    kernel: [...[enterUser(), label('coded'), [0x83, 0xc4, 4], label('bare'), [0x83, 0x04, 0x24, length], x86.iret]],
    user: [x86.repeat('rounds', 5, 'edi', label('target'), target), exitUser],
    gates,
  });
  assert.is(await hitsOf(program(x86.ud2, 2, { 6: { to: 'bare' } })), 5);
  assert.is(await hitsOf(program([0xf7, 0xf3], 2, { 0: { to: 'bare' } })), 5); // div ebx
  assert.is(await hitsOf(program([x86.cli, x86.nop], 1, { 13: { to: 'coded' } })), 5);
});

test('repeated, prefixed, jumping and self-jumping instructions', async () => {
  const strings = (...items: Item[]): GuestDescription => ({ kernel: [...items, x86.finish] });
  const move: Item = [x86.mov('ecx', 0x1000), x86.mov('esi', PLACE.data), x86.mov('edi', PLACE.data + 0x2345)];
  assert.is(await hitsOf(strings(move, label('target'), [0xf3, 0xa5])), 1); // rep movsd over several pages
  assert.is(await hitsOf(strings(label('target'), [0x3e, x86.load('eax', PLACE.data)])), 1);
  assert.is(await hitsOf(strings(x86.mov('ecx', 9), label('target'), [0xe2, 0xfe])), 9); // loop to itself
  assert.is(await hitsOf(strings(label('target'), x86.call('next'), label('next'), x86.popRegister('eax'))), 1);
  assert.is(await hitsOf(strings(label('target'), x86.int(0x20), x86.nop)), 1);
});

test("the guest's own INT3 still works, beside a probe and under one", async () => {
  for (const under of [false, true]) {
    const { machine, guest } = await startGuest({
      kernel: [
        label('breakpoint'),
        x86.int3,
        label('beside'),
        x86.nop,
        x86.finish,
        label('handler'),
        x86.inc('ebx'),
        x86.iret,
      ],
      gates: { 3: { to: 'handler' } },
    });
    const { listen, counted } = wasmHandler();
    const probe = machine.probe(virt(guest.address(under ? 'breakpoint' : 'beside')), listen);
    const events = record(machine, ['software-interrupt']);
    await runToEnd(machine);
    assert.equal([probe.hits, counted.value, machine.cpu.ebx, events.length], [1, 1, 1, 1]);
    await machine.close();
  }
});

test('reads show what the guest wrote, and removal leaves it', async () => {
  const { machine, guest } = await startGuest(hotCalls());
  const target = virt(guest.address('target'));
  const before = machine.memory.read(target, 2);
  const probes = [
    machine.probe(target, () => {}),
    machine.probe(target, () => {}),
    machine.probe(virt(target + 1), () => {}),
  ];
  assert.equal(machine.memory.read(target, 2), before);
  assert.is(machine.vmm.memory.byte(machine.vmm.ramBase + target), 0xcc);
  machine.memory.write(virt(target + 1), Uint8Array.of(0xc3));
  for (const probe of [...probes, ...probes]) probe[Symbol.dispose]();
  assert.equal(machine.memory.read(target, 2), before);
  assert.is(machine.vmm.memory.byte(machine.vmm.ramBase + target), 0x43);
  await runToEnd(machine);
  assert.is(machine.cpu.ebx, ROUNDS);
  await machine.close();
});

test('code that the guest writes over a probe runs, under the probe', async () => {
  const patched: Item = [0xc6, 0x05, { label: 'target', kind: 'absolute', addend: 0 }, 0x45]; // mov byte [target], inc ebp
  const { machine, guest } = await startGuest({
    kernel: [x86.call('target'), patched, x86.call('target'), x86.finish, label('target'), x86.inc('ebx'), x86.ret],
  });
  const target = virt(guest.address('target'));
  const probe = machine.probe(target, wasmHandler().listen);
  await runToEnd(machine);
  assert.equal([probe.hits, machine.cpu.ebx, machine.cpu.ebp], [2, 1, 1]);
  probe[Symbol.dispose]();
  assert.equal(machine.memory.read(target, 1), Uint8Array.of(0x45));
  await machine.close();
});

test('a read-modify-write of a probed byte sees what the guest wrote', async () => {
  const modify: Item = [0x80, 0x35, { label: 'target', kind: 'absolute', addend: 0 }, 0x43 ^ 0x45]; // xor byte [target], ...
  const { machine, guest } = await startGuest({
    kernel: [modify, x86.call('target'), x86.finish, label('target'), x86.inc('ebx'), x86.ret],
  });
  const probe = machine.probe(virt(guest.address('target')), () => {});
  await runToEnd(machine);
  assert.equal([probe.hits, machine.cpu.ebx, machine.cpu.ebp], [1, 0, 1]);
  await machine.close();
});

test('code that a device writes over a probe runs, under the probe', async () => {
  const floppy = new Uint8Array(1440 << 10);
  floppy.set([0x45, 0xc3]); // inc ebp; ret
  const { machine } = await startGuest(
    {
      kernel: [x86.call('target'), readSector(PLACE.data), spin(200_000), x86.call('target'), x86.finish],
      more: [{ at: PLACE.data, items: [label('target'), x86.inc('ebx'), x86.ret] }],
    },
    { boot: { floppy } },
  );
  const target = virt(PLACE.data);
  const probe = machine.probe(target, wasmHandler().listen);
  await runToEnd(machine);
  assert.equal([probe.hits, machine.cpu.ebx, machine.cpu.ebp], [2, 1, 1]);
  assert.equal(machine.memory.read(target, 2), Uint8Array.of(0x45, 0xc3));
  probe[Symbol.dispose]();
  assert.is(machine.vmm.memory.byte(machine.vmm.ramBase + target), 0x45);
  await machine.close();
});

test('a probe of one virtual address in one address space', async () => {
  const second = 0x10e000;
  const alias = 0x311000;
  const { machine } = await startGuest({
    kernel: [
      ...[x86.call('at alias'), x86.mov('eax', second), x86.movToControl(3, 'eax'), x86.call('at alias')],
      ...[x86.call('target'), x86.finish],
    ],
    more: [
      { at: PLACE.data, items: [label('target'), x86.inc('ebx'), x86.ret] },
      { at: second, items: [long(PLACE.pageTable | PAGE.present | PAGE.writable | PAGE.user)] },
      { at: alias, items: [label('at alias')] },
    ],
    pages: { [alias]: PLACE.data | PAGE.present | PAGE.writable | PAGE.user },
  });
  const here = machine.probe({ virtual: virt(alias), space: cr3(PLACE.pageDirectory) }, () => {});
  const anywhere = machine.probe(virt(alias), () => {});
  const byFrame = machine.probe({ physical: frameBase(frameOf(phys(PLACE.data))) }, () => {});
  await runToEnd(machine);
  assert.equal([here.hits, anywhere.hits, byFrame.hits, machine.cpu.ebx], [1, 2, 3, 3]);
  await machine.close();
});

test('addresses without RAM are refused', async () => {
  const { machine } = await startGuest(hotCalls());
  assert.throws(
    () => machine.probe(virt(PLACE.unmapped), () => {}),
    (error: Error) => error instanceof ProbeError,
  );
  assert.throws(() => machine.probe({ physical: phys(0x10000000) }, () => {}), /0x10000000/);
  await machine.close();
});

test.run();
