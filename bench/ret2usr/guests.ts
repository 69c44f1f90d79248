// The guests of the return-to-user bench, at their prompts: which exploits each has, and what is known of each.
import { startGuest } from '../../cli/start-guest.ts';
import type { Machine } from '../../emulator/index.ts';
import { loadAssets } from '../../emulator/node/assets.ts';
import { findGuest, prepareGuest } from '../../guests/index.ts';
import { catalogueImage, catalogueMap } from '../../guests/pup/testing/session.ts';
import type { TrialGuest } from '../../monitors/ret2usr/testing.ts';
import { linuxCommand, linuxValues } from '../../monitors/testing/linux-parameters.ts';
import { parametersOf, pupParameters } from '../../monitors/testing/pup-parameters.ts';

/** A guest with its exploits. */
export interface ExploitGuest extends TrialGuest {
  readonly exploits: readonly string[];
}

const PUP = [
  ...['fnptr', 'partial', 'syscall-table', 'idt', 'gdt', 'return', 'iret', 'jump', 'usermap', 'timer', 'fileops'],
  'ret2dir',
];
const LINUX = [
  ...['fnptr', 'partial', 'operations', 'fileops', 'restart', 'idt', 'gdt', 'sysenter', 'jump', 'tail', 'iret'],
  ...['return', 'usermap', 'ret2dir', 'timer'],
];

const linuxPrompt = (shown: string): boolean => /(^|\n)# $/.test(shown);
const pupPrompt = (shown: string): boolean => shown.endsWith('pup# ');

/** A guest that shows its prompt. @param mips instructions in a virtual microsecond */
export async function atPrompt(name: string, mips = 100): Promise<Machine> {
  const { machine } = await startGuest(await prepareGuest(await findGuest(name)), { machine: { mips }, cold: false });
  if (name.startsWith('pup')) await machine.run({ until: () => pupPrompt(machine.console.text), for: 1000 });
  return machine;
}

/** A guest of the catalogue: a pup, or Debian with its villains. */
export async function exploitGuest(name: string): Promise<ExploitGuest> {
  const machine = await atPrompt(name);
  const assets = await loadAssets();
  if (name.startsWith('pup')) {
    const parameters = await pupParameters(await catalogueMap(name), await catalogueImage(name));
    return { snapshot: await machine.save(), assets, parameters, atPrompt: pupPrompt, exploits: PUP };
  }
  const parameters = parametersOf(await linuxValues(machine));
  await linuxCommand(machine, 'insmod /lib/villains.ko');
  return { snapshot: await machine.save(), assets, parameters, atPrompt: linuxPrompt, exploits: LINUX };
}
