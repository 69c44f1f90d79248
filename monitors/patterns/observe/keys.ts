// What follows keys: the first interrupt, who runs, and which code handles them.
import type { Machine } from '../../../emulator/index.ts';
import type { CurrentPlace } from '../../parameters.ts';
import type { KernelCode } from '../kernel-code.ts';
import { KEYS, RELEASED } from './stimulus.ts';
import { type SwitchPoint, type ThreadLog, ThreadWatch } from './threads.ts';
import { newTrace, Tracer, type Window } from './trace.ts';

/** One key. */
export interface ObservedKey {
  readonly scancode: number;
  readonly character: string;
  /** Vectors in the order in which they came after the key. */
  readonly interrupts: readonly number[];
  /** Threads that were switched to after it, by their number in `threads`. */
  readonly ran: readonly number[];
}

export interface KeyLog {
  readonly keys: readonly ObservedKey[];
  /** Interrupts by vector in as much time without keys. */
  readonly background: ReadonlyMap<number, number>;
  /** Virtual milliseconds of the keys together. */
  readonly time: number;
  readonly threads: ThreadLog | undefined;
  /** The same keys, one list for each, followed through the kernel. */
  readonly followed: readonly {
    readonly scancode: number;
    readonly character: string;
    readonly windows: readonly Window[];
  }[];
}

/** Virtual milliseconds for a key to have its effect, and without any. */
const AFTER_KEY = 60;
const AFTER_TRACED_KEY = 30;
/** Times that the keys are pressed. */
const ROUNDS = 4;

/** How threads are told apart in this stage. */
export interface KeyWatch {
  readonly point: SwitchPoint;
  readonly places: readonly CurrentPlace[];
  readonly numberRegister: number;
  readonly split: number;
  readonly via: number | undefined;
}

const press = async (
  machine: Machine,
  scancode: number,
  run: (milliseconds: number) => Promise<void>,
): Promise<void> => {
  machine.schedule({ give: { scancodes: [scancode] } });
  await run(AFTER_KEY);
  machine.schedule({ give: { scancodes: [scancode | RELEASED] } });
  await run(AFTER_KEY / 2);
};

/** Presses keys, first at full speed, then followed instruction by instruction. */
export async function watchKeys(machine: Machine, code: KernelCode, watch: KeyWatch | undefined): Promise<KeyLog> {
  const keys: ObservedKey[] = [];
  const background = new Map<number, number>();
  let interrupts: number[] = [];
  const listener = machine.on('interrupt', ({ vector }) => void interrupts.push(vector));
  const run = async (milliseconds: number): Promise<void> => void (await machine.run({ for: milliseconds }));
  const threads =
    watch && new ThreadWatch(machine, watch.point, watch.places, { ...watch, sampling: watch.places.length > 0 });
  const begin = machine.cpu.time;
  for (let round = 0; round < ROUNDS; round++)
    for (const { scancode, character } of KEYS) {
      interrupts = [];
      const from = threads?.log.switches.length ?? 0;
      await press(machine, scancode, run);
      const ran = threads?.log.switches.slice(from).map(({ to }) => to) ?? [];
      keys.push({ scancode, character, interrupts, ran });
    }
  const time = machine.cpu.time - begin;
  interrupts = [];
  await run(time);
  for (const vector of interrupts) background.set(vector, (background.get(vector) ?? 0) + 1);
  threads?.[Symbol.dispose]();
  listener[Symbol.dispose]();
  return { keys, background, time, threads: threads?.log, followed: await followKeys(machine, code) };
}

async function followKeys(machine: Machine, code: KernelCode): Promise<KeyLog['followed']> {
  const followed: { scancode: number; character: string; windows: Window[] }[] = [];
  for (const { scancode, character } of KEYS) {
    const trace = newTrace();
    const tracer = new Tracer(machine, code, trace);
    tracer.wanted = ({ kind }) => kind === 'interrupt';
    tracer.wantedByte = character.charCodeAt(0);
    await press(machine, scancode, () => tracer.run(() => false, AFTER_TRACED_KEY));
    followed.push({ scancode, character, windows: trace.windows });
  }
  return followed;
}
