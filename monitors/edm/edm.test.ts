// EDM in the machine: pup boots and works under it as it does without, and an extension that attacks it gets nowhere.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type CompiledModule,
  type Frame,
  type Machine,
  phys,
  VMM_STATE,
  VMM_STATICS,
  wasm,
} from '../../emulator/index.ts';
import { createMonitoredMachine } from './create.ts';
import type { EdmOptions } from './edm.ts';
import { ModuleRefused } from './failure.ts';
import { loadEdmAssets } from './node/assets.ts';
import { withoutMonitor } from './testing/without-monitor.ts';

const MEMORY = 32 << 20;
const PROMPT = 'pup# ';
const LINES = ['ls', 'ps', 'forkstorm 30', 'ls /bin | sort | wc'];

const image = new Uint8Array(readFileSync(new URL('../../guests/pup/images/pup.elf', import.meta.url)));
const assets = await loadEdmAssets();
const options = { boot: { multiboot: image }, memorySize: MEMORY };

const monitored = (edmOptions: EdmOptions = {}) => createMonitoredMachine(options, assets, { seed: 1, ...edmOptions });

/** Boots pup and runs the workload. @returns what it did, event by event */
async function work(machine: Machine) {
  const events: string[] = [];
  const note = (text: string): void => void events.push(`${machine.cpu.instructions} ${text}`);
  machine.on('cr3-write', ({ value }) => note(`cr3 ${value}`));
  machine.on('syscall', () => note(`call ${machine.cpu.eax}`));
  machine.on('page-fault', ({ address }) => note(`fault ${address}`));
  machine.on('tlb-fill', ({ address, frame }) => note(`fill ${address} ${frame}`));
  machine.on('interrupt', ({ vector }) => note(`interrupt ${vector}`));
  await machine.run({ until: PROMPT });
  for (const line of LINES) {
    machine.type(`${line}\n`);
    assert.is(await machine.run({ until: PROMPT, for: 60_000 }), 'until');
  }
  return { events, text: machine.console.text, instructions: machine.cpu.instructions };
}

const alone = await (async () => {
  const machine = await withoutMonitor(options, assets.v86);
  const result = await work(machine);
  await machine.close();
  return result;
})();

for (const [name, edmOptions] of Object.entries({
  'IPR and ledger': { policies: [] },
  'all policies': {},
  'no IPR': { ipr: false },
  'no ASR': { asr: false },
} satisfies Readonly<Record<string, EdmOptions>>))
  test(`pup does under EDM, event by event, what it does without: ${name}`, async () => {
    const { machine, edm } = await monitored(edmOptions);
    const result = await work(machine);
    assert.ok(alone.events.length > 2000);
    assert.is(result.text, alone.text);
    assert.is(result.instructions, alone.instructions);
    assert.equal(result.events, alone.events);
    assert.equal(edm.log.alarms, []);
    assert.is(await edm.log.verify(), undefined);
    assert.ok(edm.gateIntact());
    assert.equal(edm.changedSlots(), []);
    await machine.close();
  });

const { assembler: a, code } = wasm;

/** An extension whose `attack` stores a word. */
const storeWord = (address: number, value = 0x666) =>
  wasm.buildModule({
    imports: [{ kind: 'memory', module: 'v86', name: 'memory', memory: { limits: { min: 1 } } }],
    functions: [
      {
        type: { params: [], results: [] },
        body: { code: code(a.i32Const(address), a.i32Const(value), a.i32Store()) },
        exportAs: 'attack',
        name: 'attack',
      },
    ],
  });

test('an extension that stores where it may not is stopped, and named', async () => {
  const { machine, edm } = await monitored();
  await machine.run({ until: PROMPT });
  const ram = machine.vmm.ramBase;
  edm.protect(phys(0x300000), 0x301000, 9);
  for (const [address, kind] of [
    [edm.placement.base, 'EDM_STORE'],
    [edm.placement.base + edm.placement.size, 'GUARD_STORE'],
    [VMM_STATE.cr3, 'STATE_STORE'],
    [VMM_STATICS.tlbData + 4096, 'TLB_STORE'],
    [ram + 0x300010, 'PROTECTED_STORE'],
  ] as const) {
    const before = edm.bytes.slice(address, address + 4);
    edm.loadExtension(storeWord(address), 'a wolf').run();
    assert.equal(edm.bytes.slice(address, address + 4), before);
    const alarm = edm.log.alarms.at(-1)!;
    assert.is(alarm.kind, kind);
    assert.equal([alarm.site?.module, alarm.site?.name], ['a wolf', 'attack']);
    assert.type(alarm.site?.offset, 'number');
  }
  edm.loadExtension(storeWord(ram + 0x302000), 'no wolf').run();
  assert.is(machine.vmm.memory.word(ram + 0x302000), 0x666);
  assert.is(edm.log.alarms.length, 5);
  assert.is(await edm.log.verify(), undefined);
  await machine.close();
});

test('without IPR the same extension wins', async () => {
  const { machine, edm } = await monitored({ ipr: false, asr: false });
  await machine.run({ until: PROMPT });
  edm.loadExtension(storeWord(edm.placement.base), 'a wolf').run();
  assert.equal([...edm.bytes.slice(edm.placement.base, edm.placement.base + 2)], [0x66, 0x06]);
  assert.equal(edm.log.alarms, []);
  await machine.close();
});

const I32X4 = { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] } as const;
const GATE: wasm.ImportEntry = {
  ...{ kind: 'table', module: 'edm', name: 'gate', table: { element: 'funcref', limits: { min: 0 } } },
};
const V86_MEMORY: wasm.ImportEntry = { kind: 'memory', module: 'e', name: 'm', memory: { limits: { min: 1 } } };
const F = { type: { params: ['i32'], results: [] }, exportAs: 'f' } as const;

/** What compiled code is replaced with. */
const FORGERIES: Readonly<Record<string, (module: CompiledModule) => Partial<CompiledModule>>> = {
  'a module cut short': ({ bytes }) => ({ bytes: bytes.slice(0, -1) }),
  'a slot that is none': ({ slot }) => ({ slot: slot + 4096 }),
  'a header of something else': ({ bytes }) => ({ bytes: bytes.map((byte, at) => (at === 4 ? 2 : byte)) }),
  'a section twice': ({ bytes }) => ({ bytes: new Uint8Array(Buffer.concat([bytes, Uint8Array.of(10, 1, 0)])) }),
  'code of wrong types': () => ({
    bytes: wasm.buildModule({ imports: [V86_MEMORY], functions: [{ ...F, body: { code: a.i32Add } }] }),
  }),
  'an import that is not there': () => ({
    bytes: wasm.buildModule({
      imports: [V86_MEMORY, { kind: 'function', module: 'e', name: 'nobody', type: F.type }],
      functions: [{ ...F, body: { code: [] } }],
    }),
  }),
  'no entry': () => ({ bytes: wasm.buildModule({ imports: [V86_MEMORY] }) }),
  'a call of the gate in its own name': ({ slot }) => ({
    bytes: wasm.buildModule({
      imports: [V86_MEMORY, GATE],
      functions: [
        { type: I32X4, body: { code: a.i32Const(0) } },
        {
          ...F,
          body: {
            code: code(...[1, 0, 0, (1 + slot) << 20, 3].map(a.i32Const), a.callIndirect(0, 0), a.drop),
          },
        },
      ],
    }),
  }),
};

for (const [what, forge] of Object.entries(FORGERIES))
  test(`compiled code is replaced with ${what}: it is not installed, and the guest goes on`, async () => {
    const { machine, edm } = await monitored();
    const compile = edm.compile.bind(edm);
    let compiled = 0;
    edm.compile = (module, imports) => {
      compiled++;
      const code = compile({ ...module, ...forge(module) }, imports);
      assert.is(code, undefined);
      return code;
    };
    await machine.run({ until: PROMPT });
    machine.type('forkstorm 60\n');
    assert.is(await machine.run({ until: PROMPT, for: 60_000 }), 'until');
    assert.ok(compiled > 0);
    assert.is(edm.log.alarms.length, compiled);
    for (const { kind } of edm.log.alarms) assert.match(kind, /^(MODULE|SLOT)_REFUSED$/);
    await machine.close();
  });

test('an extension that imports what it may not have is refused', async () => {
  const { machine, edm } = await monitored();
  const global = { type: 'i32', mutable: false } as const;
  for (const entry of [GATE, { kind: 'global', module: 'edm', name: 'ledger', global } as const])
    assert.throws(
      () => edm.loadExtension(wasm.buildModule({ imports: [entry] }), 'a curious wolf'),
      (error: unknown) => error instanceof ModuleRefused,
    );
  await machine.close();
});

test('a slot of the table that changes behind the install path is noticed', async () => {
  const { machine, edm } = await monitored();
  await machine.run({ until: PROMPT });
  const { table } = machine.vmm;
  table.set(1030, table.get(1));
  assert.equal(edm.changedSlots(), [1030]);
  // It is told when code is installed next.
  for (let i = 0; i < 2; i++) {
    machine.type('forkstorm 100\n');
    await machine.run({ until: PROMPT });
  }
  assert.ok(edm.log.alarms.some(({ kind, address }) => kind === 'TABLE_CHANGED' && address === 1030));
  await machine.close();
});

test('a device that writes protected memory is refused, and named as nobody in the VMM', async () => {
  const { machine, edm } = await monitored();
  await machine.run({ until: PROMPT });
  edm.protect(phys(0x300000), 0x301000);
  const { emulator, memory, ramBase } = machine.vmm;
  emulator.v86.cpu.write_blob(Uint8Array.of(1, 2, 3), 0x2fffff);
  assert.equal([...memory.bytes.slice(ramBase + 0x2fffff, ramBase + 0x300002)], [0, 0, 0]);
  edm.suspended();
  const [alarm] = edm.log.alarms;
  assert.equal([alarm?.kind, alarm?.address, alarm?.site], ['PROTECTED_STORE', 0x300000, undefined]);
  await machine.close();
});

test('EDM that fails ends the guest, with the reason', async () => {
  const { machine, edm } = await monitored();
  await machine.run({ until: PROMPT });
  const flood = wasm.buildModule({
    imports: [{ kind: 'memory', module: 'v86', name: 'memory', memory: { limits: { min: 1 } } }],
    functions: [
      {
        type: { params: [], results: [] },
        body: {
          code: code(a.loop(), a.i32Const(edm.placement.base), a.i32Const(0), a.i32Store(), a.br(0), a.end),
        },
        exportAs: 'attack',
      },
    ],
  });
  assert.throws(() => edm.loadExtension(flood, 'a flood').run(), /log is full/);
  assert.match(edm.failure?.message ?? '', /log is full/);
  for (let attempt = 0; attempt < 2; attempt++)
    try {
      await machine.run({ for: 10 });
      assert.unreachable();
    } catch (error) {
      assert.is((error as Error).name, 'GuestCrash');
      assert.match((error as Error).message, /EDM stopped the machine: the audit log is full/);
    }
  assert.is(edm.ledger.frame(0 as Frame).isProtected, 'no');
  await machine.close();
});

test.run();
