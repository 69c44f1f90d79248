// What WebAssembly reads of the guest is what JavaScript reads.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from '../address.ts';
import { runToEnd, startGuest } from '../testing/run-guest.ts';
import { PLACE } from '../testing/tiny-guest.ts';
import * as x86 from '../testing/x86.ts';

test('words that the TLB has, registers, segments and the clock', async () => {
  const stored = 0xfedc_ba98;
  const { machine } = await startGuest({
    kernel: [x86.storeImmediate(PLACE.data, stored), x86.mov('edi', 77), x86.finish],
  });
  const { reads, cpu, memory } = machine;
  assert.is(reads.word(PLACE.data), -1n);
  await runToEnd(machine);
  assert.is(memory.readWord(virt(PLACE.data)), stored);
  assert.is(reads.word(PLACE.data), BigInt(stored));
  // Not aligned, and of a page that nobody has used.
  assert.equal([reads.word(PLACE.data + 1), reads.word(0xe000_0000)], [-1n, -1n]);
  for (let index = 0; index < 8; index++) {
    assert.is(reads.register(index) >>> 0, cpu.register(index));
    assert.is(reads.segmentBase(index) >>> 0, cpu.segment(index).base);
  }
  assert.is(reads.instructions() >>> 0, cpu.instructions);
  assert.is(machine.reads, reads);
  await machine.close();
});

test.run();
