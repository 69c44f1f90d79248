// Boots guests in the project's machine, for tests and for the table of guests. Tests fetch nothing: a guest that is not here is
// skipped, and said to be. Node only.

import { GuestCrash, Machine, type RunEnd } from '../../emulator/index.ts';
import { loadAssets } from '../../emulator/node/assets.ts';
import { findGuest, guestState, type PreparedGuest, type PrepareOptions, prepareGuest } from '../index.ts';

/** A guest in a machine that stands before its first instruction. */
export interface LoadedGuest {
  readonly prepared: PreparedGuest;
  readonly machine: Machine;
}

/** Puts a guest into a machine. To be closed by the caller. */
export async function loadMachine(name: string, options: PrepareOptions = {}): Promise<LoadedGuest> {
  const prepared = await prepareGuest(await findGuest(name), options);
  const { boot, memorySize } = prepared;
  return { prepared, machine: await Machine.create({ boot, memorySize }, await loadAssets()) };
}

/** Runs `work` with a guest; when the guest is not in the cache, prints why not. */
export async function withGuest(name: string, work: (guest: LoadedGuest) => Promise<void>): Promise<void> {
  const state = await guestState(await findGuest(name));
  if (state.kind === 'to-fetch' || state.kind === 'unavailable') {
    console.log(`skipped: ${name} is not here: wolfden guests fetch ${name}`);
    return;
  }
  const guest = await loadMachine(name, { offline: true });
  try {
    await work(guest);
  } finally {
    await guest.machine.close();
  }
}

/** Runs a guest until its prompt. @throws Error with the end of its console when it does not get there */
export async function runToPrompt({ machine, prepared }: LoadedGuest): Promise<void> {
  const end = await machine.run({ until: prepared.prompt!, for: 120_000 });
  if (end !== 'until')
    throw new Error(`${prepared.name} ended with "${end}" after ${machine.console.text.slice(-500)}`);
}

/** Types a line at a shell whose echo is off (`stty -echo`), and gives what it prints before its next prompt. */
export async function command(machine: Machine, line: string): Promise<string> {
  const from = machine.console.text.length;
  machine.type(`${line}\n`);
  const prompt = (): boolean => /(^|\n)# $/.test(machine.console.text.slice(from));
  const end = await machine.run({ until: prompt, for: 120_000 });
  const shown = machine.console.text.slice(from);
  if (end !== 'until') throw new Error(`"${line}" ended with "${end}" after ${shown.slice(-500)}`);
  return shown.slice(0, -2).replaceAll('\r\n', '\n');
}

/** How a run ended, a crash being one of the ways. */
export async function endOf(run: Promise<RunEnd>): Promise<RunEnd | GuestCrash> {
  return run.catch((error) => {
    if (error instanceof GuestCrash) return error;
    throw error;
  });
}

/** What only programs of less privilege can cause. */
export interface ProgramCounts {
  /** System calls by gate, such as 'sysenter' or 'int 0x80'. */
  readonly syscalls: Record<string, number>;
  /** Changes to CPL 3. */
  userEntries: number;
}

/** Counts what programs do from now on. */
export function watchPrograms(machine: Machine): ProgramCounts {
  const seen: ProgramCounts = { syscalls: {}, userEntries: 0 };
  machine.on('syscall', ({ gate, vector }) => {
    const key = gate === 'int' ? `int 0x${vector.toString(16)}` : gate;
    seen.syscalls[key] = (seen.syscalls[key] ?? 0) + 1;
  });
  machine.on('cpl-change', ({ value }) => {
    if (value === 3) seen.userEntries++;
  });
  return seen;
}
