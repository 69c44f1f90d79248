// wolfden attack: lets wolves loose on EDM, in all four settings, and shows what came of it.
import type { Argv, CommandModule } from 'yargs';
import { findGuest, prepareGuest } from '../../guests/index.ts';
import { WOLVES } from '../../guests/wolves/catalogue.ts';
import { findWolf, readWolf } from '../../guests/wolves/load.ts';
import { loadEdmAssets } from '../../monitors/edm/node/assets.ts';
import { attackTable, wolfList } from '../attack/report.ts';
import { type Attacker, type AttackResult, runAttacks } from '../attack/session.ts';
import { SETTINGS, settingName } from '../attack/settings.ts';
import { EXIT, EXIT_CODE_HELP } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { interruptible } from '../interruption.ts';
import { Progress } from '../progress.ts';

const HELP = [
  'A wolf is a compromised VMM: a module that runs in v86’s memory at v86’s privilege. EDM, the monitor, lies in the same memory. With IPR (instrumentation-based privilege restriction) VMM code is rewritten and verified; with ASR (address-space randomisation) EDM lies at a random place. Each wolf runs in a machine of its own. An outcome is judged from outside, by a reference copy of all that must not change; EDM is not asked.',
  'A wolf of your own is a module, .wasm or .wat, that imports v86.memory, v86.table and v86’s exported functions, and exports a function named attack: see guests/wolves/README.md.',
  EXIT_CODE_HELP,
].join('\n\n');

const builder = (yargs: Argv) =>
  yargs
    .positional('names', {
      type: 'string',
      array: true,
      default: [] as string[],
      describe: 'wolves of ours by name, or files of your own; all of ours by default',
    })
    .options({
      all: { type: 'boolean', default: false, describe: 'all wolves of ours' },
      list: { type: 'boolean', default: false, describe: 'name the wolves and what they do' },
      ipr: { type: 'boolean', describe: 'only the settings with it; --no-ipr: only those without' },
      asr: { type: 'boolean', describe: 'only the settings with it; --no-asr: only those without' },
      seed: { type: 'number', requiresArg: true, default: 1, describe: 'repeats the draw of EDM’s place' },
      guest: {
        type: 'string',
        requiresArg: true,
        default: 'pup',
        describe: 'the guest that runs meanwhile: a variant of pup',
      },
      json: { type: 'boolean', default: false, describe: 'JSON lines: one for each wolf and setting' },
    })
    .example('$0 attack', 'all wolves in all four settings')
    .example('$0 attack store-v128 tlb-edm --no-ipr', 'two wolves against EDM without its first half')
    .example('$0 attack mine.wat', 'a wolf of your own')
    .epilogue(HELP);

type AttackArguments = Awaited<ReturnType<typeof builder>['argv']>;

async function attackersOf(names: readonly string[]): Promise<Attacker[]> {
  if (names.length === 0) return WOLVES.map((wolf) => ({ wolf }));
  return Promise.all(
    names.map(async (name): Promise<Attacker> => {
      const wolf = findWolf(name);
      if (wolf) return { wolf };
      if (!/[./\\]/.test(name))
        throw new UsageError(
          `${name}: expected a wolf of ours or a file that ends in .wasm or .wat; \`wolfden attack --list\` names ours`,
        );
      return readWolf(name);
    }),
  );
}

async function handler({ names, all, list, ipr, asr, seed, guest: guestName, json }: AttackArguments): Promise<void> {
  if (list) {
    process.stdout.write(await wolfList());
    return;
  }
  const attackers = await attackersOf(all ? [] : names);
  const settings = SETTINGS.filter(
    (setting) => (ipr === undefined || setting.ipr === ipr) && (asr === undefined || setting.asr === asr),
  );
  const guest = await prepareGuest(await findGuest(guestName));
  if (guest.prompt === undefined) throw new UsageError(`${guestName}: expected a guest with a prompt; try pup`);
  const results: AttackResult[] = [];
  const progress = new Progress(process.stderr);
  await interruptible(async (signal) => {
    const session = { guest, assets: await loadEdmAssets(), seed, signal };
    for await (const result of runAttacks(session, attackers, settings)) {
      results.push(result);
      if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
      progress.say(
        `${results.length} of ${attackers.length * settings.length}: ${result.wolf}, ${settingName(result.setting)}`,
      );
    }
  });
  progress.end();
  if (!json) process.stdout.write(attackTable(results, settings));
  if (results.some(({ expected }) => expected === false)) process.exitCode = EXIT.failure;
}

export const attackCommand: CommandModule<object, AttackArguments> = {
  command: 'attack [names..]',
  describe: 'lets compromised VMMs loose on EDM, the monitor in their midst',
  builder: builder as never,
  handler,
};
