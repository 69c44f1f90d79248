// Whether a guest can tell that EDM is there: boots it and runs a few commands with EDM, all policies on, and with EDM's memory only, and compares instruction
// counts, consoles and a running hash of every event. Usage: node --import tsx bench/edm-same.ts [GUEST]. Ends with an error when anything differs.
import Table from 'cli-table3';
import { EVENT_KINDS, type Machine } from '../emulator/index.ts';
import { findGuest, prepareGuest } from '../guests/index.ts';
import { createMonitoredMachine } from '../monitors/edm/index.ts';
import { loadEdmAssets } from '../monitors/edm/node/assets.ts';
import { withoutMonitor } from '../monitors/edm/testing/without-monitor.ts';

/** What a run comes to. */
interface Outcome {
  readonly instructions: number;
  readonly events: number;
  /** FNV-1a over kind, instruction count and fields of each event. */
  readonly hash: string;
  readonly console: number;
}

const guest = process.argv[2] ?? 'debian-6.1';
const LINES = ['ls /', 'i=0; while [ $i -lt 50 ]; do (:); i=$((i+1)); done'];
const PUP_LINES = ['ls', 'forkstorm 50'];

const { boot, memorySize, prompt = '# ' } = await prepareGuest(await findGuest(guest));
const options = { boot, memorySize };
const assets = await loadEdmAssets();

async function outcome(machine: Machine): Promise<Outcome> {
  let events = 0;
  let hash = 0x811c9dc5;
  const add = (value: number): void => {
    hash = Math.imul(hash ^ value, 0x01000193);
  };
  for (const [number, kind] of EVENT_KINDS.entries())
    machine.on(kind, (event) => {
      events++;
      add(number);
      add(machine.cpu.instructions);
      for (const value of Object.values(event)) add(typeof value === 'string' ? value.length : Number(value ?? -1));
    });
  const run = async (what: string): Promise<void> => {
    const end = await machine.run({ until: prompt });
    if (end !== 'until') throw new Error(`${guest}, ${what}: expected the prompt, the machine ended with ${end}`);
  };
  await run('boot');
  for (const line of prompt.startsWith('pup') ? PUP_LINES : LINES) {
    machine.type(`${line}\n`);
    await run(line);
  }
  const { instructions } = machine.cpu;
  await machine.close();
  return { instructions, events, hash: (hash >>> 0).toString(16), console: machine.console.text.length };
}

const without = await outcome(await withoutMonitor(options, assets.v86));
const { machine, edm } = await createMonitoredMachine(options, assets);
const withEdm = await outcome(machine);
const table = new Table({ head: ['', 'instructions', 'events', 'hash of all events', 'console'] });
for (const [name, { instructions, events, hash, console }] of [
  ['EDM’s memory only', without],
  ['EDM, all policies', withEdm],
] as const)
  table.push([name, instructions, events, hash, console]);
console.log(table.toString());
console.log(
  `${edm.log.alarms.length} alarms, ${edm.log.records.length} records, chain: ${(await edm.log.verify()) ?? 'whole'}`,
);
if (JSON.stringify(without) !== JSON.stringify(withEdm)) throw new Error(`${guest}: the runs differ`);
process.exit(0);
