// What the modules of v86's JIT store to: registers, flags, EIP and counters by constant addresses, guest memory by computed ones.
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine } from '../machine.ts';
import { hotPrograms } from '../testing/hot-programs.ts';
import { runToEnd, sharedAssets, startGuest } from '../testing/run-guest.ts';
import { type MemorySite, readModule, scanStores } from '../wasm/index.ts';
import { OURS, STATE } from './state.ts';

/** Linear addresses that compiled code may store to: first and one past the last. */
const ALLOWED = {
  'general registers': [STATE.generalRegisters, STATE.generalRegisters + 32],
  'operands of lazy flags': [STATE.lazyFlags, STATE.stateFlags],
  'lazy flags that are pending': [112, 120],
  EFLAGS: [STATE.flags, STATE.flags + 4],
  'EIP and previous EIP': [STATE.instructionPointer, STATE.idtrLimit],
  'instruction counter': [STATE.instructionCounter, STATE.instructionCounter + 4],
  'XMM registers': [832, 960],
  'FPU: tag word, stack pointer, status, stack': [1024, STATE.end],
  'our copy of the instruction counter': [OURS.liveInstructions, OURS.liveInstructions + 4],
} as const;

function collect(machine: Machine): Uint8Array[] {
  const modules: Uint8Array[] = [];
  const { jit } = machine.vmm;
  const policy = jit.policy;
  jit.policy = (module) => {
    modules.push(module.bytes);
    return policy(module);
  };
  return modules;
}

function checkStores(modules: readonly Uint8Array[]): number {
  let count = 0;
  const check = (site: MemorySite): void => {
    count++;
    if (site.address === undefined) {
      // A computed address is the TLB's word XOR the guest's address: its offset is none.
      assert.is(site.memOffset, 0);
      return;
    }
    const { address, width } = site;
    const known = Object.values(ALLOWED).some(([from, to]) => address >= from && address + width <= to);
    // v86's statics: the scratch page of accesses that straddle pages, and the like.
    assert.ok(known || address >= 4096, `a store of ${width} bytes to linear address ${address}`);
  };
  for (const bytes of modules) scanStores(readModule(bytes, 'a module of the JIT'), check);
  return count;
}

test('tiny guests', async () => {
  const programs = hotPrograms();
  for (const name of ['page faults at CPL 3', 'control registers', 'system tables and ports']) {
    const description = programs[name]!;
    const { machine } = await startGuest(description);
    const modules = collect(machine);
    await runToEnd(machine);
    assert.ok(modules.length > 0, name);
    assert.ok(checkStores(modules) > 100, name);
  }
});

test('a whole kernel with programs', async () => {
  const image = new URL('../../guests/pup/images/pup.elf', import.meta.url);
  if (!existsSync(image)) {
    console.log("skipped: no image of pup's kernel");
    return;
  }
  const boot = { multiboot: new Uint8Array(readFileSync(image)) };
  const machine = await Machine.create({ boot, memorySize: 32 << 20 }, await sharedAssets());
  const modules = collect(machine);
  await machine.run({ instructions: 30_000_000 });
  assert.ok(modules.length > 0);
  assert.ok(checkStores(modules) > 1000);
});

test.run();
