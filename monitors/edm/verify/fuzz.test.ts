// Random modules, restricted, verified and run: a sample of what `bench/edm-fuzz.ts` does thousands of times.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ModuleKind } from '../ipr.ts';
import { restrict } from '../rewrite/index.ts';
import { binaryenGuest, binaryenModule } from '../testing/binaryen.ts';
import { FuzzArena } from '../testing/fuzz-arena.ts';
import { randomModule } from '../testing/random-module.ts';
import { verify } from './index.ts';

const KINDS: readonly [kind: ModuleKind, modules: number][] = [
  ['extension', 150],
  ['jit', 150],
  ['core', 30],
];

for (const [kind, modules] of KINDS)
  test(`${kind}: random modules write nothing in closed pages, and do the same where all is open`, () => {
    const arena = new FuzzArena(1);
    const count = { wrote: 0, asked: 0, compared: 0, ended: 0, asIs: 0 };
    for (let seed = 1; seed <= modules; seed++) {
      const trial = arena.try(randomModule(seed, kind), kind);
      assert.is(trial.fault, undefined, `seed ${seed}: ${trial.fault}`);
      count.asked += trial.asked;
      for (const what of ['wrote', 'compared', 'ended', 'asIs'] as const) count[what] += Number(trial[what]);
    }
    // Or the test would show nothing.
    assert.ok(
      count.wrote > modules / 2 && count.compared > modules / 2 && count.ended > modules / 8,
      JSON.stringify(count),
    );
    assert.ok(kind === 'jit' ? count.asIs > modules / 5 : count.asIs === 0, `${count.asIs} as they are`);
    assert.ok(count.asked > modules, `the gate was asked ${count.asked} times`);
  });

test('modules of binaryen too', () => {
  const arena = new FuzzArena(2);
  let asked = 0;
  for (let seed = 1; seed <= 3; seed++) {
    const trial = arena.try(binaryenModule(seed), 'core', binaryenGuest(seed));
    assert.is(trial.fault, undefined, `seed ${seed}: ${trial.fault}`);
    asked += trial.asked;
  }
  assert.ok(asked > 0);
});

test('the arena sees what modules do that are not restricted, or restricted badly', () => {
  const free = new FuzzArena(1, { restrict: (bytes) => bytes, verify: () => undefined });
  const twisted = new FuzzArena(1, { restrict: (bytes, options) => swapped(restrict(bytes, options)), verify });
  const faults = { free: 0, twisted: 0 };
  for (let seed = 1; seed <= 40; seed++) {
    if (free.try(randomModule(seed, 'extension'), 'extension').fault) faults.free++;
    if (twisted.try(randomModule(seed, 'extension'), 'extension').fault) faults.twisted++;
  }
  assert.ok(faults.free > 20, `${faults.free} of 40`);
  assert.ok(faults.twisted > 20, `${faults.twisted} of 40`);
});

/** With the site of the first guard altered. */
function swapped(bytes: Uint8Array): Uint8Array {
  const site = [0x41, 0x80, 0x80, 0xc0, 0x03];
  const at = bytes.findIndex((_, i) => site.every((byte, k) => bytes[i + k] === byte));
  if (at >= 0) bytes[at + 1]! ^= 1;
  return bytes;
}

test.run();
