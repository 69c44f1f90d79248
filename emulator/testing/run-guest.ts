// For tests, in node: machines that run tiny guests, and records of their events.
import { virt } from '../address.ts';
import type { EventKind } from '../events/kinds.ts';
import { Machine, type MachineAssets, type MachineOptions, type RunEnd } from '../machine.ts';
import { loadAssets } from '../node/assets.ts';
import { type GuestDescription, MEMORY_SIZE, type TinyGuest, tinyGuest } from './tiny-guest.ts';

let shared: Promise<MachineAssets> | undefined;

/** The assets of all machines of a test file; v86 is compiled once. */
export function sharedAssets(): Promise<MachineAssets> {
  shared ??= loadAssets().then(async ({ wasm, library }) => ({
    wasm: wasm instanceof WebAssembly.Module ? wasm : await WebAssembly.compile(wasm as BufferSource),
    library,
  }));
  return shared;
}

/** Instructions of the prologue at most. */
const PROLOGUE = 100;

/** A machine whose tiny guest stands at its label `kernel`. */
export async function startGuest(
  description: GuestDescription,
  options: Partial<MachineOptions> = {},
): Promise<{ readonly machine: Machine; readonly guest: TinyGuest }> {
  const guest = tinyGuest(description);
  const boot = { ...options.boot, multiboot: guest.image };
  const machine = await Machine.create({ memorySize: MEMORY_SIZE, ...options, boot }, await sharedAssets());
  const kernel = virt(guest.address('kernel'));
  machine.step(PROLOGUE, () => machine.cpu.eip !== kernel);
  if (machine.cpu.eip !== kernel) throw new Error('the prologue of a tiny guest did not come to its end');
  return { machine, guest };
}

/** An event as plain data, without the stamps that differ between compiled and interpreted code. */
export type Recorded = Readonly<Record<string, unknown>>;

/** Records events of some kinds as they come. */
export function record(machine: Machine, kinds: readonly EventKind[]): Recorded[] {
  const events: Recorded[] = [];
  for (const kind of kinds)
    machine.on(kind, (event) => {
      const { instructions, time, ...rest } = event.toJSON();
      events.push(rest);
    });
  return events;
}

/** The fields of recorded events without the stamps, for tests that care for nothing else. */
export const bare = (events: readonly Recorded[]): Recorded[] => events.map(({ eip, cpl, cr3, ...rest }) => rest);

/** Most instructions of a tiny guest: one that runs on is a failure and no hang. */
const MOST_INSTRUCTIONS = 50_000_000;

/** Runs a guest to its end. @throws Error when it does not come to one. */
export async function runToEnd(machine: Machine): Promise<RunEnd> {
  const end = await machine.run({ instructions: MOST_INSTRUCTIONS });
  if (end !== 'halted')
    throw new Error(`a tiny guest: expected it to halt, found it ${end} at 0x${machine.cpu.eip.toString(16)}`);
  return end;
}
