// Stores of v86.wasm whose address is computed: none of them can reach hooked state.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { instructionsOf, OPCODE, original, shortName } from '../../testing/rewritten.ts';
import { type MemorySite, scanStores } from '../../wasm/index.ts';
import { STATE } from '../state.ts';

/** The part of the fixed state that has hooks, from the IDTR to the selectors, and the arrays around it. */
const FROM = STATE.segmentAccess;
const TO = STATE.is32 + 24;

/**
 * Who stores to an address that is a constant of that range plus something computed, and why it reaches nothing hooked. Two kinds of code do
 * it: v86's own arrays by index, and structures in the heap or on the shadow stack whose fields have such offsets.
 */
const REASONS: readonly {
  readonly functions: RegExp;
  readonly reason: string;
  readonly constants?: readonly number[];
}[] = [
  {
    functions: /^3cpu10switch_seg$/,
    reason: 'the arrays of segment registers, by the number of ES to GS: the rest of each array is LDTR and TR',
    constants: [STATE.segmentAccess, STATE.selectors, STATE.segmentIsNull, STATE.segmentBases, STATE.segmentLimits],
  },
  {
    functions: /^instr_0F23$/,
    reason: 'debug registers, by three bits of the instruction',
    constants: [STATE.debugRegisters],
  },
  { functions: /btree/, reason: "nodes of the compiler's B-trees, in the heap" },
  { functions: /jit_analyze_and_generate$/, reason: "the compiler's structures, in the heap and on the shadow stack" },
  { functions: /^HUF_readDTableX2_wksp$/, reason: "zstd's table, in the heap: it runs when a state is restored" },
];

interface Computed {
  readonly site: MemorySite;
  /** What the address has that is constant. */
  readonly constant: number;
}

function computedStores(): Computed[] {
  const sites = new Map<number, MemorySite[]>();
  scanStores(original, (site) => {
    if (site.address !== undefined || site.bulk) return;
    const list = sites.get(site.functionIndex);
    if (list) list.push(site);
    else sites.set(site.functionIndex, [site]);
  });
  return [...sites].flatMap(([functionIndex, list]) => {
    const code = instructionsOf(original, functionIndex);
    const index = new Map(code.map(({ offset }, i) => [offset, i]));
    return list.map((site) => {
      // Where the base is `something + constant`, the constant is the instruction before the addition.
      const producer = index.get(site.baseProducer ?? -1) ?? 0;
      const added = code[producer - 1];
      const sum = code[producer]?.opcode === OPCODE.i32Add && added?.opcode === OPCODE.i32Const;
      return { site, constant: site.memOffset + (sum ? added.operand : 0) };
    });
  });
}

const computed = computedStores();
const near = computed.filter(({ constant, site }) => constant + site.width > FROM && constant < TO);

test('the scan sees stores with computed addresses', () => {
  assert.ok(computed.length > 20_000);
  assert.ok(near.length > 100);
});

test('every store to a computed address near hooked state has a reason', () => {
  for (const { site, constant } of near) {
    const where = shortName(original, site.functionIndex);
    const name = original.functionNames.get(site.functionIndex)!;
    const found = REASONS.find(({ functions }) => functions.test(where) || functions.test(name));
    assert.ok(found, `${where} stores to a computed address from ${constant} on`);
    if (found.constants) assert.ok(found.constants.includes(constant), `${where}: ${constant}`);
  }
});

test('every reason is needed', () => {
  for (const { functions, reason } of REASONS) {
    const used = near.some(({ site }) => {
      const name = original.functionNames.get(site.functionIndex)!;
      return functions.test(name) || functions.test(shortName(original, site.functionIndex));
    });
    assert.ok(used, reason);
  }
});

test.run();
