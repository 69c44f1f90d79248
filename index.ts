// The library in node, `import { Machine } from 'wolfden'`: the emulator's public face, the pinned v86 found and rewritten for you,
// guests by name, snapshots as files. A page imports emulator/index.ts instead.
import { readFile } from 'node:fs/promises';
import { Machine, type MachineAssets, type MachineOptions, type RestoreOptions } from './emulator/index.ts';
import { loadAssets } from './emulator/node/assets.ts';
import { writeAtomically } from './guests/cache.ts';
import { findGuest, GuestError, type PrepareOptions, prepareGuest } from './guests/index.ts';

export * from './emulator/index.ts';
export { loadAssets, V86Error } from './emulator/node/assets.ts';
export { GuestError, guestNames, type PrepareOptions } from './guests/index.ts';
export * as edm from './monitors/edm/index.ts';
export { loadEdmAssets } from './monitors/edm/node/assets.ts';
export type { Monitor, MonitorContext, MonitorHandle } from './monitors/monitor.ts';
export { known, type ParameterName, type Parameters, type ParameterValues } from './monitors/parameters.ts';
export { type Pattern, pattern } from './monitors/patterns/pattern.ts';

/** How a guest is prepared (its files, command line, RAM) and the machine for it made. */
export interface GuestOptions extends PrepareOptions, Omit<MachineOptions, 'boot' | 'memorySize'> {}

let shared: Promise<MachineAssets> | undefined;

/** The assets of all machines of this process: v86 is compiled once. */
async function sharedAssets(): Promise<MachineAssets> {
  shared ??= loadAssets().then(async (assets) => ({
    ...assets,
    wasm: await WebAssembly.compile(assets.wasm as BufferSource),
  }));
  try {
    return await shared;
  } catch (error) {
    shared = undefined; // what was wrong may be put right while the process lives
    throw error;
  }
}

/**
 * Makes a machine that stands before the first instruction of its guest.
 * @example
 * const machine = await createMachine({ boot: { multiboot: await readFile('kernel.elf') }, memorySize: 32 << 20 });
 * machine.on('serial-output', (event) => void process.stdout.write(String.fromCharCode(event.byte)));
 * await machine.run({ for: 1000 });
 * await machine.close();
 * @throws V86Error when the installed v86 is not the pinned one.
 */
export async function createMachine(options: MachineOptions): Promise<Machine> {
  return Machine.create(options, await sharedAssets());
}

/**
 * Makes a machine for a guest of the catalogue, or for one described by a file of the user's own, fetching what is not there. It stands
 * before the guest's first instruction: who listens now misses nothing.
 * @param nameOrPath what has a slash or ends in `.json` is a path.
 * @example
 * const machine = await loadGuest('pup');
 * machine.on('cr0-write', ({ old, value }) => console.log(`CR0: 0x${old.toString(16)} -> 0x${value.toString(16)}`));
 * await machine.run({ until: 'pup# ' });
 * await machine.close();
 * @throws GuestError when there is no such guest or it cannot be had; V86Error as `createMachine`.
 */
export async function loadGuest(nameOrPath: string, options: GuestOptions = {}): Promise<Machine> {
  const { boot, memorySize } = await prepareGuest(await findGuest(nameOrPath), options);
  return createMachine({ ...options, boot, memorySize });
}

/**
 * Loads a guest and runs it until it is ready for input.
 * @example
 * const machine = await bootGuest('pup');
 * machine.type('echo hello\n');
 * await machine.run({ until: 'pup# ' });
 * console.log(machine.console.text);
 * await machine.close();
 * @throws GuestError for a guest that has no prompt, or that ends before it shows it; else as `loadGuest`.
 */
export async function bootGuest(nameOrPath: string, options: GuestOptions = {}): Promise<Machine> {
  const { prompt } = (await findGuest(nameOrPath)).guest;
  if (prompt === undefined)
    throw new GuestError('catalogue', `guest ${nameOrPath} has no prompt to wait for`, 'use loadGuest and run it');
  const machine = await loadGuest(nameOrPath, options);
  try {
    const end = await machine.run({ until: prompt, ...(options.signal ? { signal: options.signal } : {}) });
    if (end === 'until') return machine;
    const shown = JSON.stringify(machine.console.text.slice(-200));
    throw new GuestError(
      end === 'aborted' ? 'aborted' : 'catalogue',
      `guest ${nameOrPath}: expected its prompt ${JSON.stringify(prompt)}, but it ${end} after showing ${shown}`,
      'use loadGuest to see what it does',
    );
  } catch (error) {
    await machine.close();
    throw error;
  }
}

/**
 * Takes a snapshot into a file, which others see whole or not at all.
 * @example
 * const machine = await bootGuest('pup');
 * await saveMachine(machine, 'pup.snapshot');
 * @throws GuestError when the file can't be written.
 */
export async function saveMachine(machine: Machine, path: string): Promise<void> {
  await writeAtomically(path, await machine.save());
}

/**
 * Makes a machine of a snapshot. It goes on exactly as the one that was saved.
 * @param snapshot a file, or what `machine.save()` gave.
 * @example
 * const machine = await restoreMachine('pup.snapshot');
 * machine.type('ps\n');
 * await machine.run({ until: 'pup# ' });
 * await machine.close();
 * @throws SnapshotError when the snapshot is damaged or was taken with other hooks.
 */
export async function restoreMachine(snapshot: string | Uint8Array, options: RestoreOptions = {}): Promise<Machine> {
  if (typeof snapshot !== 'string') return Machine.restore(snapshot, await sharedAssets(), options);
  return Machine.restore(await readFile(snapshot), await sharedAssets(), { source: snapshot, ...options });
}
