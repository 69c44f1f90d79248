// One run of the hook benchmark in a process of its own. Usage: hooks-run.ts VARIANT GUEST UNTIL COUNTER, with the AssemblyScript counter's module
// in base64; prints one JSON line.
import { EVENT_KINDS, type EventKind, Machine } from '../emulator/index.ts';
import { loadAssets } from '../emulator/node/assets.ts';
import { STATE } from '../emulator/v86/state.ts';
import { findGuest, prepareGuest } from '../guests/index.ts';
import { makeCounter } from './counter.ts';
import { PlainV86 } from './plain-v86.ts';

/** Who listens: nobody on unmodified v86, nobody on the machine, or a counter of every event. */
export const VARIANTS = ['plain', 'none', 'typescript', 'assemblyscript'] as const;
export type Variant = (typeof VARIANTS)[number];

/** What a run prints. Host milliseconds. */
export interface HookRun {
  readonly variant: Variant;
  readonly milliseconds: number;
  readonly instructions: number;
  readonly events: number;
  /** Peak resident memory of the process in MiB. */
  readonly memory: number;
}

const [variant, guestName, until, counterModule] = process.argv.slice(2) as [Variant, string, string, string];
const guest = await prepareGuest(await findGuest(guestName));

async function run(): Promise<{ instructions: number; events: number; milliseconds: number }> {
  if (variant === 'plain') {
    const plain = await PlainV86.create(guest.image, guest.memorySize);
    const start = performance.now();
    plain.runUntil(until);
    return { instructions: plain.instructions, events: 0, milliseconds: performance.now() - start };
  }
  const machine = await Machine.create(
    { boot: { multiboot: guest.image }, memorySize: guest.memorySize },
    await loadAssets(),
  );
  keepPlainTime(machine);
  const count = await listen(machine);
  const start = performance.now();
  await machine.run({ until: () => machine.console.text.includes(until) });
  return { instructions: machine.cpu.instructions, events: count(), milliseconds: performance.now() - start };
}

/**
 * Gives the guest time as unmodified v86 counts it, late by up to a run of instructions, instead of the machine's exact one. Both then
 * execute the same stream, to the instruction: otherwise boots differ by some percent, and in what they do.
 */
function keepPlainTime({ vmm }: Machine): void {
  const { clock, memory, cpu } = vmm;
  const time = { get: () => clock.at(clock.instructions(memory.word(STATE.instructionCounter))) };
  Object.defineProperty(cpu, 'time', time);
}

/** Subscribes the variant's counter to every kind. @returns what tells the sum. */
async function listen(machine: Machine): Promise<() => number> {
  if (variant === 'none') return () => 0;
  if (variant === 'assemblyscript') {
    const counter = makeCounter(Buffer.from(counterModule, 'base64'));
    for (const kind of EVENT_KINDS) machine.on(kind, counter.listener);
    return () => EVENT_KINDS.reduce((sum, _, number) => sum + counter.counted(number), 0);
  }
  const counts = new Map<EventKind, number>();
  for (const kind of EVENT_KINDS) machine.on(kind, () => void counts.set(kind, (counts.get(kind) ?? 0) + 1));
  return () => [...counts.values()].reduce((sum, count) => sum + count, 0);
}

const result = await run();
const memory = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(JSON.stringify({ variant, ...result, memory } satisfies HookRun));
process.exit(0);
