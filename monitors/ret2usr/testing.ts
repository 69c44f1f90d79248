// Tries exploits against a guest under the detector's eyes: for tests and for the bench. What a villain says of itself on the serial line
// is the truth.
import { Machine, type MachineAssets, virt, x86 } from '../../emulator/index.ts';
import { villainRecords } from '../../guests/testing/records.ts';
import type { Parameters } from '../parameters.ts';
import { type Mode, Ret2UserDetector, type Violation } from './detector.ts';

/** A guest at its shell's prompt, to be put back before each trial. */
export interface TrialGuest {
  readonly snapshot: Uint8Array;
  readonly assets: MachineAssets;
  readonly parameters: Parameters;
  /** Whether the console shows the prompt at its end. */
  readonly atPrompt: (shown: string) => boolean;
}

/** What became of an exploit. */
export interface Trial {
  readonly kind: string;
  /** The user's page that it said it would lead the kernel to; undefined when it never came so far. */
  readonly page: number | undefined;
  /** The CPL that its payload said it ran at; undefined when it never did. */
  readonly cpl: number | undefined;
  /** Whether the shell had the console again afterwards. */
  readonly survived: boolean;
  readonly violations: readonly Violation[];
}

/** Virtual milliseconds that a shell is waited for: an exploit takes some tens. */
const PATIENCE = 4_000;

/** Runs `ret2usr KIND` in a machine of its own. */
export async function tryExploit(guest: TrialGuest, kind: string, mode: Mode, jit: boolean): Promise<Trial> {
  const machine = await Machine.restore(guest.snapshot, guest.assets, { jit });
  const violations: Violation[] = [];
  const decoder = await x86.loadDecoder();
  using _ = new Ret2UserDetector(machine, decoder, guest.parameters, mode, (one) => violations.push(one));
  const from = machine.console.length;
  const shown = () => machine.console.since(from);
  machine.type(`ret2usr ${kind}\n`);
  const end = await machine.run({ until: () => guest.atPrompt(shown()), for: PATIENCE });
  const records = villainRecords(shown(), 'ret2usr').map(({ fields }) => fields);
  const armed = records.find(({ stage }) => stage === 'armed');
  const ran = records.find(({ stage, cpl }) => stage === 'ran' && cpl !== undefined);
  await machine.close();
  return {
    ...{ kind, violations, survived: end === 'until' },
    page: armed && virt(Number(hexadecimal(armed.page!))),
    cpl: ran && Number(ran.cpl),
  };
}

/** pup writes numbers without 0x in places, Linux's villains with. */
const hexadecimal = (text: string): string => (text.startsWith('0x') ? text : `0x${text}`);

/** Whether an exploit was seen for what it is: the kernel, led to the very page. */
export const isFound = ({ page, violations: [first] }: Trial): boolean =>
  page !== undefined && first?.mapping.page === page;

/** Whether it was stopped as well: its payload never ran. */
export const isStopped = (trial: Trial): boolean =>
  isFound(trial) && trial.cpl === undefined && trial.violations.every(({ blocked }) => blocked);
