// Policies against a guest that attacks itself, compiled and interpreted: what is protected or locked stays, and the guest goes on.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { phys } from '../../emulator/index.ts';
import { type GuestDescription, MEMORY_SIZE, PLACE, tinyGuest } from '../../emulator/testing/tiny-guest.ts';
import * as x86 from '../../emulator/testing/x86.ts';
import { createMonitoredMachine } from './create.ts';
import { loadEdmAssets } from './node/assets.ts';

const assets = await loadEdmAssets();

async function start(description: GuestDescription, jit = true) {
  const { image, address } = tinyGuest(description);
  const options = { boot: { multiboot: image }, memorySize: MEMORY_SIZE, jit };
  const { machine, edm } = await createMonitoredMachine(options, assets, { seed: 1 });
  const word = (physical: number) => machine.vmm.memory.word(machine.vmm.ramBase + physical);
  return { machine, edm, address, word };
}

/** Iterations of a loop that is compiled after about a third of them; each is 14 instructions. */
const TIMES = 100_000;
const UNPROTECTED = 900_000;

for (const [how, jit] of [
  ['compiled', true],
  ['interpreted', false],
] as const)
  test(`a guest that writes to protected bytes does not change them: ${how}`, async () => {
    const pause = Array.from({ length: 10 }, () => x86.nop);
    const stores = [x86.store(PLACE.data, 'ecx'), x86.store(PLACE.data + 8, 'ecx')];
    const { machine, edm, word } = await start(
      { kernel: [x86.repeat('often', TIMES, 'ecx', stores, pause), x86.finish] },
      jit,
    );
    await machine.run({ instructions: UNPROTECTED });
    edm.protect(phys(PLACE.data), PLACE.data + 4, 3);
    const [before, running] = [word(PLACE.data), edm.log.alarms.length];
    assert.ok(before > 1);
    assert.is(running, 0);
    assert.is(await machine.run(), 'halted');
    assert.equal([word(PLACE.data), word(PLACE.data + 8)], [before, 1]);
    const { alarms } = edm.log;
    assert.is(alarms.length, before - 1);
    for (const { kind, address, detail } of alarms)
      assert.equal([kind, address, detail], ['PROTECTED_STORE', PLACE.data, 3]);
    const culprits = new Set(alarms.map(({ site }) => site?.module.replace(/\d+$/, 'N')));
    assert.equal([...culprits], [jit ? 'compiled code in slot N' : 'v86.wasm']);
    assert.is(await edm.log.verify(), undefined);
    await machine.close();
  });

test('a locked CR0.WP stays set, and the guest goes on', async () => {
  const kernel = [
    ...[x86.movFromControl('eax', 0), [0x25, 0xff, 0xff, 0xfe, 0xff], x86.movToControl(0, 'eax')], // and eax, ~WP
    ...[x86.movFromControl('eax', 0), x86.store(PLACE.data, 'eax'), x86.finish],
  ];
  for (const locked of [false, true]) {
    const { machine, edm, word, address } = await start({ kernel });
    machine.step(100, () => machine.cpu.eip !== address('kernel'));
    if (locked) edm.lock({ cr0: ['WP'] });
    assert.is(await machine.run(), 'halted');
    assert.is((word(PLACE.data) & 0x10000) !== 0, locked);
    assert.equal(
      edm.log.alarms.map(({ kind }) => kind),
      locked ? ['LOCKED'] : [],
    );
    await machine.close();
  }
});

test('system calls, exceptions, control registers, 4 MiB pages and PAE raise no alarm', async () => {
  for (const paging of ['4 KiB', '4 MiB', 'PAE'] as const) {
    const { machine, edm } = await start({
      paging,
      kernel: [
        ...[x86.movFromControl('eax', 3), x86.movToControl(3, 'eax'), x86.clts, x86.invlpg(PLACE.data)],
        ...[x86.store(paging === '4 KiB' ? PLACE.data : 0x400010, 'eax'), x86.int(0x40), x86.ud2],
        ...[x86.mov('ecx', 0x176), x86.mov('eax', PLACE.kernel), x86.mov('edx', 0), x86.wrmsr, x86.finish],
        ...[{ define: 'handler' }, x86.iret, { define: 'undefined' }, [0x83, 0x04, 0x24, 2], x86.iret],
      ],
      gates: { 64: { to: 'handler' }, 6: { to: 'undefined' } },
    });
    assert.is(await machine.run(), 'halted');
    assert.equal(
      edm.log.alarms.map(({ kind, site }) => `${kind} ${site?.name}`),
      [],
      paging,
    );
    assert.ok(edm.log.records.some(({ kind }) => kind === 'STATE_CHANGED'));
    await machine.close();
  }
});

test.run();
