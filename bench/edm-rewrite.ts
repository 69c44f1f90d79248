// What IPR costs before code runs: milliseconds to verify each module that v86's JIT makes while a guest boots, which pass as they are, and to rewrite and verify
// v86.wasm itself, and how much larger it gets. Usage: node --import tsx bench/edm-rewrite.ts [GUEST [ROUNDS]]. Each module is taken ROUNDS times after a round to warm up, and its
// fastest time counts; v86.wasm is also timed cold, as at the start of a machine. Ends with an error when the verifier refuses a module.
import Table from 'cli-table3';
import { median, quantile } from 'simple-statistics';
import { Machine, type VmmCompanion } from '../emulator/index.ts';
import { findGuest, prepareGuest } from '../guests/index.ts';
import type { ModuleKind } from '../monitors/edm/ipr.ts';
import { loadEdmAssets } from '../monitors/edm/node/assets.ts';
import { restrict } from '../monitors/edm/rewrite/index.ts';
import { verify } from '../monitors/edm/verify/index.ts';

const [guest = 'debian-6.1', rounds = '10'] = process.argv.slice(2);

/** Milliseconds. */
interface Times {
  rewrite: number;
  verify: number;
}

interface Sample {
  readonly bytes: Uint8Array;
  readonly kind: ModuleKind;
  readonly number: number;
  /** Bytes when rewritten. */
  size: number;
  readonly best: Times;
}

const { v86 } = await loadEdmAssets();

/** Modules of the JIT, from a boot. */
async function modulesOf(name: string): Promise<Uint8Array[]> {
  const modules: Uint8Array[] = [];
  const companion: VmmCompanion = {
    imports: {},
    instantiated() {},
    ramAllocated() {},
    created() {},
    compile({ bytes }, imports) {
      modules.push(bytes.slice());
      return new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), { e: imports }).exports.f!;
    },
    deviceWrites: () => true,
    resumed() {},
    suspended() {},
  };
  const { boot, memorySize, prompt = '# ' } = await prepareGuest(await findGuest(name));
  const machine = await Machine.create({ boot, memorySize }, { ...v86, companion });
  const end = await machine.run({ until: prompt });
  if (end !== 'until') throw new Error(`${name}: expected the prompt, the machine ended with ${end}`);
  await machine.close();
  return modules;
}

function measure(sample: Sample): Times {
  const { bytes, kind, number, best } = sample;
  const start = performance.now();
  const restricted = kind === 'jit' ? bytes : restrict(bytes, { kind, module: number, source: `module ${number}` });
  const between = performance.now();
  const refusal = verify(restricted, { kind, module: number });
  const times = { rewrite: between - start, verify: performance.now() - between };
  if (refusal) throw new Error(`module ${number}: ${refusal.reason} (offset ${refusal.offset})`);
  best.rewrite = Math.min(best.rewrite, times.rewrite);
  best.verify = Math.min(best.verify, times.verify);
  sample.size = restricted.length;
  return times;
}

const sample = (bytes: Uint8Array, kind: ModuleKind, number: number): Sample => ({
  bytes,
  kind,
  number,
  size: 0,
  best: { rewrite: Number.POSITIVE_INFINITY, verify: Number.POSITIVE_INFINITY },
});

const core = sample(v86.wasm, 'core', 0);
const cold = measure(core);
const modules = (await modulesOf(guest)).map((bytes, index) => sample(bytes, 'jit', 1 + index));
if (modules.length === 0) throw new Error(`${guest}: expected compiled code, found none`);
const first = modules.map((module) => measure(module));
for (let round = 0; round < Number(rounds); round++) for (const each of [core, ...modules]) measure(each);

const table = new Table({ head: ['', 'rewrite ms', 'verify ms', 'both ms', 'bytes before', 'after', 'growth'] });
const row = (
  name: string,
  times: readonly Times[],
  of: readonly Sample[],
  pick: (values: number[]) => number,
): void => {
  const [before, after] = [pick(of.map(({ bytes }) => bytes.length)), pick(of.map(({ size }) => size))];
  const columns = [
    ...[pick(times.map(({ rewrite }) => rewrite)), pick(times.map((time) => time.verify))],
    pick(times.map((time) => time.rewrite + time.verify)),
  ].map((value) => value.toFixed(3));
  table.push([name, ...columns, before.toFixed(0), after.toFixed(0), (after / before).toFixed(2)]);
};
const best = modules.map((module) => module.best);
row('v86.wasm, cold', [cold], [core], median);
row('v86.wasm, warm', [core.best], [core], median);
row('JIT module, median, first time', first, modules, median);
row('JIT module, median', best, modules, median);
row('JIT module, 95 % are below', best, modules, (values) => quantile(values, 0.95));
console.log(`${guest}: ${modules.length} modules of the JIT, fastest of ${rounds} rounds`);
console.log(table.toString());
process.exit(0);
