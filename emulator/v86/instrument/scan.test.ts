// Proves on the bytes of the rewritten v86.wasm that no store to hooked state escapes its hook.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  hookBefore,
  hookRead,
  type Instruction,
  instructionsOf,
  OPCODE,
  original,
  rewritten,
  shortName,
} from '../../testing/rewritten.ts';
import { type MemorySite, scanCalls, scanStores } from '../../wasm/index.ts';
import { OURS, STATE } from '../state.ts';

/** Hooked state: where it is, its size in bytes, and the hooks that may stand at a store to it. */
const HOOKED = {
  cr0: { address: STATE.cr0, size: 4, hooks: ['cr0-write'] },
  cr3: { address: STATE.cr3, size: 4, hooks: ['cr3-write', 'controlRegisters'] },
  cr4: { address: STATE.cr4, size: 4, hooks: ['cr4-write', 'controlRegisters'] },
  cpl: { address: STATE.cpl, size: 1, hooks: ['privilege'] },
  halted: { address: STATE.halted, size: 1, hooks: ['halt'] },
  gdtrLimit: { address: STATE.gdtrLimit, size: 4, hooks: ['descriptor-table'] },
  gdtrBase: { address: STATE.gdtrBase, size: 4, hooks: ['descriptor-table'] },
  idtrLimit: { address: STATE.idtrLimit, size: 4, hooks: ['descriptor-table'] },
  idtrBase: { address: STATE.idtrBase, size: 4, hooks: ['descriptor-table'] },
  taskSelector: { address: STATE.selectors + 12, size: 2, hooks: ['task-register'] },
  sysenterCs: { address: STATE.sysenterCs, size: 4, hooks: ['msr-write'] },
  sysenterEsp: { address: STATE.sysenterEsp, size: 4, hooks: ['msr-write'] },
  sysenterEip: { address: STATE.sysenterEip, size: 4, hooks: ['msr-write'] },
  fetchPage: { address: STATE.fetchPage, size: 4, hooks: ['fetch'] },
} as const;

/** Runs once, when the machine is made. */
const RESET = 'reset_cpu';

/** Stores of v86 to hooked state, `reset_cpu` aside: the scan must see them, or it proves nothing. */
const KNOWN_STORES = 72;

const stores: MemorySite[] = [];
scanStores(rewritten, (site) => void stores.push(site));

const callers = new Map<number, Set<number>>();
scanCalls(rewritten, ({ callee, functionIndex }) => {
  const set = callers.get(callee);
  if (set) set.add(functionIndex);
  else callers.set(callee, new Set([functionIndex]));
});

const bodies = new Map<number, Instruction[]>();
function body(functionIndex: number): Instruction[] {
  const list = bodies.get(functionIndex) ?? instructionsOf(rewritten, functionIndex);
  bodies.set(functionIndex, list);
  return list;
}

const overlaps = (site: MemorySite, address: number, size: number): boolean =>
  site.address !== undefined && !site.bulk && site.address < address + size && site.address + site.width > address;

/** Whether a function was added by the rewriting, and not by way of a detour. */
const isOurs = (index: number): boolean => rewritten.functionNames.get(index)?.startsWith('wolfden.') ?? false;

const tableFunctions = new Set(rewritten.elements.flatMap(({ functions }) => functions ?? []));

/** The hooks that are read before a detoured function runs, or anywhere around it, if that is the only way into it. */
function hooksOfDetour(index: number, where: 'before' | 'around' = 'before'): readonly string[] {
  const exported = rewritten.exports.some((entry) => entry.kind === 'function' && entry.index === index);
  const [trampoline, ...others] = callers.get(index) ?? [];
  if (index < original.functionTypes.length || exported || tableFunctions.has(index)) return [];
  if (trampoline === undefined || others.length > 0) return [];
  const list = body(trampoline);
  const at = list.findIndex(({ opcode, operand }) => opcode === OPCODE.call && operand === index);
  return list.slice(0, where === 'before' ? at : undefined).flatMap((instruction) => hookRead(instruction) ?? []);
}

for (const [name, { address, size, hooks }] of Object.entries(HOOKED)) {
  test(`every store to ${name} is hooked`, () => {
    const found = stores.filter((site) => overlaps(site, address, size));
    assert.ok(found.length > 0);
    for (const site of found) {
      const where = shortName(rewritten, site.functionIndex);
      if (where === RESET || isOurs(site.functionIndex)) continue;
      const before = hookBefore(body(site.functionIndex), site.offset);
      const around = hooksOfDetour(site.functionIndex);
      const hooked = [before, ...around].some((hook) => (hooks as readonly (string | undefined)[]).includes(hook));
      assert.ok(hooked, `${where}: the store at ${site.offset} follows ${before}, in a detour of ${around}`);
    }
  });
}

test('the scan sees the stores of v86 to hooked state', () => {
  const count = stores.filter((site) => {
    const ours = isOurs(site.functionIndex) || shortName(rewritten, site.functionIndex) === RESET;
    return !ours && Object.values(HOOKED).some(({ address, size }) => overlaps(site, address, size));
  }).length;
  assert.is(count, KNOWN_STORES);
});

test('CR2 is written only by page faults and MOV', () => {
  const found = stores.filter((site) => overlaps(site, STATE.cr2, 4)).map((s) => shortName(rewritten, s.functionIndex));
  const places = [...new Set(found)].filter((place) => place !== RESET).sort();
  assert.equal(places, ['3cpu12do_page_walk (original)', '3cpu17trigger_pagefault', 'instr_0F22 (original)']);
});

test('every flush of the TLB is announced', () => {
  const announced: string[] = [];
  for (const site of stores.filter((one) => overlaps(one, STATE.fetchVirtualPage, 4))) {
    const list = body(site.functionIndex);
    const at = list.findIndex(({ offset }) => offset === site.offset);
    const where = shortName(rewritten, site.functionIndex);
    const flushHook =
      hookBefore(list, site.offset) === 'tlb-flush' || hooksOfDetour(site.functionIndex).includes('tlb-flush');
    // A change of CPL makes the next fetch ask for its rights anew and drops no entry; it stores -1 to forget the page, as a flush does.
    const ofCpl = list[at - 3]!.operand === STATE.cpl;
    const storesMinusOne = list[at - 1]!.opcode === OPCODE.i32Const && list[at - 1]!.operand === -1;
    if (flushHook) announced.push(where);
    else assert.ok(where === RESET || ofCpl || !storesMinusOne, `${where}: the store at ${site.offset}`);
  }
  assert.equal(announced.sort(), [
    '3cpu12do_page_walk (original)',
    '3cpu7set_cr0 (original)',
    'clear_tlb',
    'full_clear_tlb',
    'instr16_0F01_7_mem (original)',
  ]);
});

test('v86 itself stores nothing where the machine keeps its own words', () => {
  const found: MemorySite[] = [];
  scanStores(original, (site) => {
    if (overlaps(site, OURS.liveInstructions, OURS.end - OURS.liveInstructions)) found.push(site);
  });
  assert.equal(found, []);
});

test('every call of a port import goes through its hook', () => {
  const ports = rewritten.imports
    .filter(({ kind }) => kind === 'function')
    .flatMap(({ name }, index) => (/^io_port_(read|write)(8|16|32)$/.test(name) ? [index] : []));
  assert.is(ports.length, 6);
  for (const port of ports) {
    for (const caller of callers.get(port)!) {
      // v86 answers for the interrupt controller itself: for bytes the hook stands around that, as a detour.
      const around = hooksOfDetour(caller, 'around').includes('port-io');
      const inside = isOurs(caller) && body(caller).some((instruction) => hookRead(instruction) === 'port-io');
      assert.ok(around || inside, shortName(rewritten, caller));
    }
  }
  const bytes = [...rewritten.functionNames].filter(([, name]) =>
    /cpu\d+io_port_(read|write)8 \(original\)$/.test(name),
  );
  assert.is(bytes.length, 2);
  for (const [index] of bytes) assert.ok(hooksOfDetour(index, 'around').includes('port-io'));
});

test.run();
