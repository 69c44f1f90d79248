// The same guest gives the same events whether its hot code is compiled or interpreted.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { EVENT_KINDS } from './events/kinds.ts';
import { hotPrograms } from './testing/hot-programs.ts';
import { type Recorded, record, runToEnd, startGuest } from './testing/run-guest.ts';
import { type GuestDescription, PLACE } from './testing/tiny-guest.ts';

const KINDS = EVENT_KINDS.filter((kind) => kind !== 'jit-install');

async function run(description: GuestDescription, jit: boolean) {
  const { machine } = await startGuest(description, { jit });
  const compiled = new Set<number>();
  machine.on('jit-install', ({ address }) => void compiled.add(address & ~0xfff));
  const events = record(machine, KINDS);
  await runToEnd(machine);
  const registers = machine.cpu.toJSON();
  await machine.close();
  return { events, compiled, registers };
}

function firstDifference(a: readonly Recorded[], b: readonly Recorded[]): number {
  const length = Math.max(a.length, b.length);
  for (let i = 0; i < length; i++) if (JSON.stringify(a[i]) !== JSON.stringify(b[i])) return i;
  return -1;
}

for (const [name, description] of Object.entries(hotPrograms())) {
  test(`${name}: the same events compiled and interpreted`, async () => {
    const interpreted = await run(description, false);
    const compiled = await run(description, true);
    assert.is(interpreted.compiled.size, 0);
    const parts = description.user ? [PLACE.kernel, PLACE.user] : [PLACE.kernel];
    for (const part of parts) assert.ok(compiled.compiled.has(part), `0x${part.toString(16)} was not compiled`);
    const at = firstDifference(interpreted.events, compiled.events);
    if (at >= 0) assert.equal(compiled.events.slice(at - 2, at + 3), interpreted.events.slice(at - 2, at + 3));
    assert.is(compiled.events.length, interpreted.events.length);
    assert.equal(compiled.registers, interpreted.registers);
  });
}

test.run();
