// What an event costs: a tiny guest that causes a million of one kind, with nobody listening, with a counter in TypeScript and with one in
// AssemblyScript. Usage: npm run bench:events [-- ROUNDS]. Host nanoseconds for one event above a run without listeners, medians of interleaved rounds.
import Table from 'cli-table3';
import { median } from 'simple-statistics';
import { type EventKind, type Listener, Machine, type WasmListener } from '../emulator/index.ts';
import { loadAssets } from '../emulator/node/assets.ts';
import { type Item, label } from '../emulator/testing/assembly.ts';
import { type GuestDescription, MEMORY_SIZE, tinyGuest } from '../emulator/testing/tiny-guest.ts';
import * as x86 from '../emulator/testing/x86.ts';
import { compileCounter, makeCounter } from './counter.ts';

const EVENTS = 1_000_000;
const rounds = Number(process.argv[2] ?? 7);

/** A program that does one thing a million times at CPL 0. */
const often = (setup: readonly Item[], ...body: readonly Item[]): readonly Item[] => [
  ...setup,
  x86.repeat('often', EVENTS, 'edi', ...body),
  x86.finish,
];

/** The kinds measured, each with a guest that causes it and little else. */
const GUESTS: Readonly<Partial<Record<EventKind, GuestDescription>>> = {
  'software-interrupt': {
    kernel: [...often([], x86.int(0x40)), label('handler'), x86.iret],
    gates: { 64: { to: 'handler' } },
  },
  'msr-write': { kernel: often([x86.mov('ecx', 0x174), x86.mov('eax', 8), x86.mov('edx', 0)], x86.wrmsr) },
  'cr0-write': { kernel: often([x86.movFromControl('eax', 0)], x86.movToControl(0, 'eax')) },
  'port-io': { kernel: often([x86.mov('edx', 0x80), x86.mov('eax', 0)], x86.outByte) },
  exception: {
    kernel: [...often([], x86.ud2), label('handler'), [0x83, 0x04, 0x24, 2], x86.iret],
    gates: { 6: { to: 'handler' } },
  },
};

const assets = await loadAssets();
const wasm = await WebAssembly.compile(assets.wasm as BufferSource);
const counter = makeCounter(await compileCounter());

/** Runs a guest to its end. @returns host nanoseconds for one event. */
async function time(
  kind: EventKind,
  guest: GuestDescription,
  listener?: Listener<EventKind> | WasmListener,
): Promise<number> {
  const { image } = tinyGuest(guest);
  const machine = await Machine.create({ boot: { multiboot: image }, memorySize: MEMORY_SIZE }, { ...assets, wasm });
  if (listener) machine.on(kind, listener as WasmListener);
  const start = performance.now();
  await machine.run();
  const nanoseconds = ((performance.now() - start) * 1e6) / EVENTS;
  await machine.close();
  return nanoseconds;
}

const table = new Table({ head: ['event', 'ns without', 'TypeScript +ns', 'AssemblyScript +ns'] });
for (const [kind, guest] of Object.entries(GUESTS) as [EventKind, GuestDescription][]) {
  const [none, typescript, assemblyscript]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    let count = 0;
    const base = await time(kind, guest);
    none.push(base);
    typescript.push((await time(kind, guest, () => void count++)) - base);
    assemblyscript.push((await time(kind, guest, counter.listener)) - base);
    if (count < EVENTS) throw new Error(`${kind}: expected at least ${EVENTS} events, found ${count}`);
  }
  table.push([kind, ...[none, typescript, assemblyscript].map((values) => median(values).toFixed(1))]);
}
console.log(`host ns for one event, medians of ${rounds} interleaved rounds of ${EVENTS} events`);
console.log(table.toString());
