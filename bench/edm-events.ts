// What it costs to tell a monitor of an event and wait for its word, by where the monitor lives: in EDM's core beside v86, in TypeScript, in a worker
// thread, in another process. Usage: node --import tsx bench/edm-events.ts [ROUNDS]. Host nanoseconds an event, the fastest of interleaved rounds.
// Beside them the figures of Deng et al. (VEE 2017): 0.139 us a switch for Nested Kernel, 0.515 us for nested virtualisation, on other machines.
import { execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import Table from 'cli-table3';
import { transformSync } from 'esbuild';
import type { Machine } from '../emulator/index.ts';
import { label } from '../emulator/testing/assembly.ts';
import { MEMORY_SIZE, tinyGuest } from '../emulator/testing/tiny-guest.ts';
import * as x86 from '../emulator/testing/x86.ts';
import { createMonitoredMachine, type Edm } from '../monitors/edm/index.ts';
import { loadEdmAssets } from '../monitors/edm/node/assets.ts';
import { ANSWER_BYTES, EVENT_BYTES, SHARED, TURN, type Waiting } from './edm-remote.ts';

const KIND = 'software-interrupt';
/** Events where one is cheap. */
const MANY = 2_000_000;
const rounds = Number(process.argv[2] ?? 5);
// Workers know no TypeScript.
const scratch = mkdtempSync(join(tmpdir(), 'wolfden-'));
const remote = join(scratch, 'remote.cjs');
const source = readFileSync(new URL('./edm-remote.ts', import.meta.url), 'utf8');
writeFileSync(remote, transformSync(source, { loader: 'ts', format: 'cjs' }).code);
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const assets = await loadEdmAssets();

/** A guest that causes `events` of the kind at CPL 0 and little else. */
const guest = (events: number) =>
  tinyGuest({
    kernel: [x86.repeat('often', events, 'edi', x86.int(0x40)), x86.finish, label('handler'), x86.iret],
    gates: { 64: { to: 'handler' } },
  });

/** A monitor that counts events, attached to a machine. */
interface Attached {
  count(): number;
  end(): void;
}

const nothing = (): void => {};

function inCore(machine: Machine, edm: Edm): Attached {
  const count = edm.count(machine, [KIND]);
  return { count: () => count(KIND), end: nothing };
}

function inProcess(machine: Machine): Attached {
  let count = 0;
  machine.on(KIND, () => void count++);
  return { count: () => count, end: nothing };
}

const inWorker =
  (waiting: Waiting) =>
  async (machine: Machine): Promise<Attached> => {
    const words = new Int32Array(new SharedArrayBuffer(4 * SHARED.words));
    const worker = new Worker(remote, { workerData: { memory: words.buffer, waiting } });
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    machine.on(KIND, (event) => {
      words[SHARED.a] = event.vector;
      Atomics.store(words, SHARED.turn, TURN.monitor);
      if (waiting === 'blocking') {
        Atomics.notify(words, SHARED.turn);
        // The notice of the answer before may come late, and wake us early.
        while (Atomics.load(words, SHARED.turn) === TURN.monitor) Atomics.wait(words, SHARED.turn, TURN.monitor);
      } else while (Atomics.load(words, SHARED.turn) === TURN.monitor);
    });
    return {
      count: () => words[SHARED.count]!,
      end() {
        Atomics.store(words, SHARED.turn, TURN.end);
        Atomics.notify(words, SHARED.turn);
      },
    };
  };

function behindPipes(machine: Machine): Attached {
  const folder = mkdtempSync(join(scratch, 'pipes-'));
  const [events, answers] = [join(folder, 'events'), join(folder, 'answers')];
  execFileSync('mkfifo', [events, answers]);
  spawn(process.execPath, [remote, 'piped', events, answers], { stdio: 'inherit' });
  const [to, from] = [openSync(events, 'w'), openSync(answers, 'r')];
  const event = Buffer.alloc(EVENT_BYTES);
  const answer = Buffer.alloc(ANSWER_BYTES);
  machine.on(KIND, ({ vector }) => {
    event.writeUInt32LE(vector, 4);
    writeSync(to, event);
    readSync(from, answer);
  });
  return {
    count: () => answer.readUInt32LE(),
    end() {
      closeSync(to);
      closeSync(from);
    },
  };
}

interface Place {
  readonly name: string;
  readonly events: number;
  readonly attach: (machine: Machine, edm: Edm) => Attached | Promise<Attached>;
}

const PLACES: readonly Place[] = [
  { name: 'core monitor in EDM', events: MANY, attach: inCore },
  { name: 'TypeScript in process', events: MANY, attach: inProcess },
  { name: 'worker thread, spinning', events: 100_000, attach: inWorker('spinning') },
  { name: 'worker thread, blocking', events: 20_000, attach: inWorker('blocking') },
  { name: 'another process, pipes', events: 20_000, attach: behindPipes },
];

/** Runs a guest of so many events. @returns host nanoseconds for one */
async function time(events: number, attach?: Place['attach']): Promise<number> {
  const boot = { multiboot: guest(events).image };
  const { machine, edm } = await createMonitoredMachine({ boot, memorySize: MEMORY_SIZE }, assets, { policies: [] });
  const attached = await attach?.(machine, edm);
  const start = performance.now();
  await machine.run();
  const nanoseconds = ((performance.now() - start) * 1e6) / events;
  const count = attached?.count() ?? events;
  attached?.end();
  await machine.close();
  if (count !== events) throw new Error(`expected ${events} events, the monitor counted ${count}`);
  return nanoseconds;
}

// What the host does beside only ever adds: the fastest round of each is nearest to what it costs.
const fastest = PLACES.map(() => ({ base: Number.POSITIVE_INFINITY, cost: Number.POSITIVE_INFINITY }));
for (let round = 0; round < rounds; round++)
  for (const [i, { events, attach }] of PLACES.entries()) {
    const best = fastest[i]!;
    best.base = Math.min(best.base, await time(MANY));
    best.cost = Math.min(best.cost, await time(events, attach));
  }

const base = Math.min(...fastest.map((best) => best.base));
/** A cost below what can be told from noise has no ratio. */
const ratio = (cost: number, other: number): string =>
  cost > 1 && other > 1 ? (cost / other).toPrecision(3) : 'noise';
const costs = fastest.map(({ cost }) => cost - base);
const table = new Table({ head: ['monitor', 'ns an event', 'to core', 'to 0.139 us', 'to 0.515 us'] });
for (const [i, { name }] of PLACES.entries()) {
  const cost = costs[i]!;
  table.push([name, cost.toFixed(1), ...[costs[0]!, 139, 515].map((other) => ratio(cost, other))]);
}
console.log(
  `host ns for one event above a machine with EDM and no monitor (${base.toFixed(1)} ns), fastest of ${rounds} interleaved rounds`,
);
console.log(table.toString());
process.exit(0);
