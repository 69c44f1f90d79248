// Whom the probe service calls: the listener in WebAssembly for its own instruction, JavaScript for everything else.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { phys, virt } from '../address.ts';
import { DECISION } from '../events/kinds.ts';
import { FastProbe } from './probe-service.ts';
import { STATE, STATICS, TLB } from './state.ts';

const PLACE = { virtual: virt(0xc012_3456), physical: phys(0x12_3456), ramBase: 0x0100_0000 };
const [SAME_PAGE, ESP, CR3] = [PLACE.virtual & ~0xfff, 0xc0ff_ee00, 0x7000];
const NOTHING = 1000;

/** A service over a memory of its own, in which v86's state says that an INT3 at the place was met. */
function service(listen: () => number = () => DECISION.allow) {
  const memory = new WebAssembly.Memory({ initial: 146 });
  const words = new Int32Array(memory.buffer);
  const set = (address: number, value: number) => words.set([value], address >> 2);
  const told: string[] = [];
  const slow = {
    begin: () => {
      told.push('begin');
      return NOTHING;
    },
    end: (...values: number[]) => {
      told.push(`end ${values.map((value) => value >>> 0)}`);
      return NOTHING;
    },
    stop: () => void told.push('stop'),
  };
  const heard = (hook: number, virtual: number, physical: number): number => {
    assert.equal([hook, virtual >>> 0, physical], [7, PLACE.virtual, PLACE.physical]);
    told.push('listener');
    return listen();
  };
  set(STATE.instructionPointer, PLACE.virtual + 1);
  set(STATE.fetchVirtualPage, SAME_PAGE);
  set(STATE.fetchPage, PLACE.physical ^ PLACE.virtual);
  set(STATE.generalRegisters + 16, ESP);
  set(STATE.cr3, CR3);
  const probe = new FastProbe(PLACE, heard, slow, memory);
  probe.arm(0x55);
  const call = (ended = 0, faulted = 0) => probe.service(7, ended, faulted, 0);
  return { probe, set, told, call, word: (address: number) => words[address >> 2]! >>> 0 };
}

test('a hit goes to the listener alone, and its instruction is what the INT3 hides', () => {
  const { probe, call, told, word } = service();
  assert.equal([call(), probe.hits, probe.wasLast, told], [0x55, 1, true, ['listener']]);
  assert.is(word(STATE.previousInstructionPointer), PLACE.virtual);
  assert.equal([call(1, 1), told.at(-1)], [NOTHING, `end 1,1,${ESP},${CR3}`]);
});

test('the page is known by the TLB where instructions are fetched from another', () => {
  const { set, call, told } = service();
  set(STATE.fetchVirtualPage, 0);
  const linear = (PLACE.ramBase + PLACE.physical) ^ PLACE.virtual;
  const entry = STATICS.tlbData + 4 * (PLACE.virtual >>> 12);
  set(entry, (linear & ~0xfff) | TLB.valid | TLB.readOnly);
  assert.is(call(), 0x55);
  for (const other of [linear & ~0xfff, ((linear ^ 0x1000) & ~0xfff) | TLB.valid, 0]) {
    set(entry, other);
    assert.is(call(), NOTHING);
  }
  assert.equal(told, ['listener', 'begin', 'begin', 'begin']);
});

test('other instructions, other pages under the address, and a probe that is not armed are for JavaScript', () => {
  for (const change of ['eip', 'page', 'arm']) {
    const { probe, set, call, told } = service();
    if (change === 'eip') set(STATE.instructionPointer, PLACE.virtual + 2);
    if (change === 'page') set(STATE.fetchPage, PLACE.physical ^ PLACE.virtual ^ 0x1000);
    if (change === 'arm') probe.arm(undefined);
    assert.equal([call(), probe.hits, probe.wasLast, told], [NOTHING, 0, false, ['begin']]);
    call(1, 0);
    assert.is(told.at(-1), 'end 0,0,0,0');
  }
});

test('the listener stops the machine; where it takes the probe away, the instruction runs all the same', () => {
  const stopping = service(() => DECISION.stop);
  assert.equal([stopping.call(), stopping.told], [0x55, ['listener', 'stop']]);
  const leaving = service(() => {
    leaving.probe.arm(undefined);
    return DECISION.allow;
  });
  assert.equal([leaving.call(), leaving.call()], [0x55, NOTHING]);
});

test.run();
