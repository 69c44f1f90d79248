// Studies of a Linux guest that is booted once: for bench/keylogger.ts and tests. Node only.
import { Machine, type MachineAssets } from '../../../emulator/index.ts';
import { loadAssets } from '../../../emulator/node/assets.ts';
import { scancodes } from '../../../guests/pup/testing/session.ts';
import { loadMachine, runToPrompt } from '../../../guests/testing/boot.ts';
import type { Parameters } from '../../parameters.ts';
import { linuxCommand, linuxValues } from '../../testing/linux-parameters.ts';
import { parametersOf } from '../../testing/pup-parameters.ts';
import { Activity } from '../activity.ts';
import type { Expectation } from '../expectation.ts';
import type { Judgement } from '../judge.ts';
import { Study, type StudyOptions } from '../study.ts';

/** Linux with the loggers. */
export const LINUX_GUEST = 'debian-6.1-villains';

/** What to study. */
export interface LinuxStudy extends StudyOptions {
  /** Lines for the root shell on the serial console, before the bait is laid. */
  readonly lines: readonly string[];
  /** What is typed at the keyboard, where another shell has the first terminal. */
  readonly typed?: string;
  /** Left out: training. */
  readonly expectation?: Expectation | undefined;
  readonly jit?: boolean;
}

/** A Linux that stands at its prompt, with what is true of it. */
export interface ReadyLinux {
  readonly snapshot: Uint8Array;
  readonly assets: MachineAssets;
  readonly parameters: Parameters;
  /** Whether its kernel takes the drivers, which are for one kernel only. */
  readonly drivers: boolean;
}

const trueParameters = async (machine: Machine): Promise<Parameters> => parametersOf(await linuxValues(machine));

/**
 * Boots a guest with programs that do harm, and loads their drivers.
 * @param nameOrPath another guest with those programs
 */
export async function readyLinux(nameOrPath = LINUX_GUEST, parametersIn = trueParameters): Promise<ReadyLinux> {
  const guest = await loadMachine(nameOrPath, { offline: true });
  try {
    await runToPrompt(guest);
    const parameters = await parametersIn(guest.machine);
    const said = await linuxCommand(guest.machine, 'insmod /lib/villains.ko');
    const drivers = !said.includes("can't insert");
    return { snapshot: await guest.machine.save(), assets: await loadAssets(), parameters, drivers };
  } finally {
    await guest.machine.close();
  }
}

/** Runs a study from the prompt. */
export async function studyLinux(
  { snapshot, assets, parameters }: ReadyLinux,
  { lines, typed = '', expectation, jit = true, ...options }: LinuxStudy,
): Promise<Judgement & { readonly keysRead: number }> {
  const machine = await Machine.restore(snapshot, assets, { jit });
  try {
    using activity = new Activity(machine, parameters);
    for (const line of lines) await linuxCommand(machine, line);
    for (const key of scancodes(typed)) machine.schedule({ on: { after: 20 }, give: { scancodes: [key] } });
    await machine.run({ for: 2000 });
    using study = new Study(machine, activity, options);
    await machine.run({ until: () => study.bait.over });
    return { ...study.judge(expectation)!, keysRead: activity.keysRead };
  } finally {
    await machine.close();
  }
}
