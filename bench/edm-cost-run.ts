// One run of bench/edm-cost.ts in a process of its own. Usage: edm-cost-run.ts VARIANT GUEST; prints one JSON line.
import type { Machine } from '../emulator/index.ts';
import { findGuest, prepareGuest } from '../guests/index.ts';
import { createMonitoredMachine, type PolicyName } from '../monitors/edm/index.ts';
import { loadEdmAssets } from '../monitors/edm/node/assets.ts';
import { withoutMonitor } from '../monitors/edm/testing/without-monitor.ts';
import { engineIsIdle } from './engine-idle.ts';

/** The machine without EDM but laid out as with it; rewritten and verified code with the ledger; all policies. */
export const VARIANTS = ['none', 'ledger', 'all'] as const;
export type Variant = (typeof VARIANTS)[number];

/** What the guest's shell is told to do after its boot, by what that exercises. */
export const WORKLOADS = {
  'fork and exec': 'i=0; while [ $i -lt 150 ]; do /bin/busybox true; i=$((i+1)); done',
  'system calls': 'dd if=/dev/zero of=/dev/null bs=1 count=200000',
  'page faults': 'for i in 1 2 3 4; do dd if=/dev/zero of=/dev/null bs=16M count=1; done',
  'memory copy': 'dd if=/dev/zero of=/x bs=64k count=256; for i in 1 2 3 4 5 6 7 8; do cp /x /y; done',
  hash: 'md5sum /x /x /x',
  'shell loop': 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done',
} as const;

/** What a run prints. */
export interface CostRun {
  /** Milliseconds of the host's processors by workload, `boot` among them; the engine's own compiling included. */
  readonly milliseconds: Readonly<Record<string, number>>;
  /** Instructions at the end: the same for all variants. */
  readonly instructions: number;
  readonly alarms: number;
}

async function make(
  variant: Variant,
  guest: string,
): Promise<{ machine: Machine; prompt: string; alarms: () => number }> {
  const { boot, memorySize, prompt = '# ' } = await prepareGuest(await findGuest(guest));
  const assets = await loadEdmAssets();
  const options = { boot, memorySize };
  if (variant === 'none') return { machine: await withoutMonitor(options, assets.v86), prompt, alarms: () => 0 };
  const none: readonly PolicyName[] = [];
  const { machine, edm } = await createMonitoredMachine(
    options,
    assets,
    variant === 'ledger' ? { policies: none } : {},
  );
  return { machine, prompt, alarms: () => edm.log.alarms.length };
}

async function run(variant: Variant, guest: string): Promise<CostRun> {
  const { machine, prompt, alarms } = await make(variant, guest);
  const milliseconds: Record<string, number> = {};
  const measure = async (name: string): Promise<void> => {
    const start = process.cpuUsage();
    const end = await machine.run({ until: prompt });
    if (end !== 'until') throw new Error(`${guest}, ${name}: expected the prompt, the machine ended with ${end}`);
    await engineIsIdle();
    const { user, system } = process.cpuUsage(start);
    milliseconds[name] = (user + system) / 1000;
  };
  await measure('boot');
  for (const [name, line] of Object.entries(WORKLOADS)) {
    machine.type(`${line}\n`);
    await measure(name);
  }
  return { milliseconds, instructions: machine.cpu.instructions, alarms: alarms() };
}

const [variant, guest] = process.argv.slice(2) as [Variant, string];
if (process.argv[1]?.endsWith('edm-cost-run.ts')) {
  console.log(JSON.stringify(await run(variant, guest)));
  process.exit(0);
}
