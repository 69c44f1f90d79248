// A companion has the memory before v86 does, and its word on compiled code and on what devices write.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../machine.ts';
import { hotPrograms } from '../testing/hot-programs.ts';
import { sharedAssets } from '../testing/run-guest.ts';
import { MEMORY_SIZE, tinyGuest } from '../testing/tiny-guest.ts';
import type { VmmCompanion } from './companion.ts';
import type { CompiledModule } from './jit-installer.ts';

const ARENA_PAGES = 16;
const WASM_PAGE = 65536;

/** A companion that notes everything, and what it does unless told otherwise: takes an arena, admits all. */
function companion(word: { readonly compile?: false; readonly deviceWrites?: false } = {}) {
  const seen = { arena: 0, ram: [0, 0], created: 0, compiled: 0, slices: 0, running: false, writes: [] as number[][] };
  const itself: VmmCompanion = {
    imports: {},
    instantiated({ memory }) {
      seen.arena = memory.grow(ARENA_PAGES) * WASM_PAGE;
    },
    ramAllocated(base, size) {
      seen.ram = [base, size];
    },
    created() {
      seen.created++;
    },
    compile(module: CompiledModule, imports) {
      seen.compiled++;
      if (word.compile === false) return undefined;
      const compiled = new WebAssembly.Module(module.bytes as BufferSource);
      return new WebAssembly.Instance(compiled, { e: imports }).exports.f!;
    },
    deviceWrites(physical, length) {
      seen.writes.push([physical, length]);
      return word.deviceWrites !== false;
    },
    resumed() {
      assert.not(seen.running);
      seen.running = true;
      seen.slices++;
    },
    suspended() {
      assert.ok(seen.running);
      seen.running = false;
    },
  };
  return { seen, itself };
}

const guest = tinyGuest(hotPrograms()['page faults at CPL 3']!);

async function make(itself: VmmCompanion | undefined): Promise<Machine> {
  const assets = { ...(await sharedAssets()), ...(itself ? { companion: itself } : {}) };
  return Machine.create({ boot: { multiboot: guest.image }, memorySize: MEMORY_SIZE }, assets);
}

test('the arena lies below everything that v86 allocates', async () => {
  const { seen, itself } = companion();
  const machine = await make(itself);
  assert.is(seen.created, 1);
  assert.ok(seen.arena > 0);
  assert.equal(seen.ram, [machine.vmm.ramBase, MEMORY_SIZE]);
  assert.ok(machine.vmm.ramBase >= seen.arena + ARENA_PAGES * WASM_PAGE);
  await machine.close();
});

test('the guest runs the same, told when it does', async () => {
  const { seen, itself } = companion();
  const machine = await make(itself);
  assert.is(await machine.run(), 'halted');
  assert.ok(seen.compiled > 0);
  assert.ok(seen.slices > 0);
  assert.not(seen.running);
  const alone = await make(undefined);
  await alone.run();
  assert.is(machine.cpu.instructions, alone.cpu.instructions);
  await machine.close();
  await alone.close();
});

test('a module that is refused is not installed, and the interpreter goes on', async () => {
  const { seen, itself } = companion({ compile: false });
  const machine = await make(itself);
  assert.is(await machine.run(), 'halted');
  assert.ok(seen.compiled > 0);
  for (let slot = 1024; slot < machine.vmm.table.length; slot++) assert.is(machine.vmm.table.get(slot), null);
  await machine.close();
});

test("a device's write that is refused does not happen", async () => {
  const bytes = Uint8Array.of(1, 2, 3, 4);
  for (const word of [{}, { deviceWrites: false }] as const) {
    const { seen, itself } = companion(word);
    const machine = await make(itself);
    const announced: number[] = [];
    machine.on('dma', ({ address }) => void announced.push(address));
    const { ramBase, memory, emulator } = machine.vmm;
    const at = 0x300000;
    emulator.v86.cpu.write_blob(bytes, at);
    assert.equal(seen.writes.at(-1), [at, bytes.length]);
    const expected = 'deviceWrites' in word ? [0, 0, 0, 0] : [...bytes];
    assert.equal([...memory.bytes.slice(ramBase + at, ramBase + at + 4)], expected);
    assert.equal(announced, 'deviceWrites' in word ? [] : [at]);
    await machine.close();
  }
});

test('a machine with a companion takes no snapshot', async () => {
  const machine = await make(companion().itself);
  try {
    await machine.save();
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).name, 'SnapshotError');
  }
  await machine.close();
});

test.run();
