// wolfden infer GUEST: finds out what monitors must know of a guest's kernel, without symbols and without code in the guest.
import { writeFile } from 'node:fs/promises';
import type { Argv, CommandModule } from 'yargs';
import { type AnyPattern, isPattern } from '../../monitors/patterns/index.ts';
import { override, parseSetting, profileText } from '../../monitors/profile/index.ts';
import { EXIT_CODE_HELP } from '../exit-code.ts';
import { CommandError, UsageError } from '../failure.ts';
import { type GuestArguments, machineChoice, once, prepareChosen, withGuestOptions } from '../guest-options.ts';
import { inferGuest } from '../infer-guest.ts';
import { interruptible } from '../interruption.ts';
import { inferenceText } from '../profile-text.ts';
import { Progress } from '../progress.ts';
import { userModule } from '../user-module.ts';

/** Virtual milliseconds in which a guest's prompt must come: the slowest of the catalogue takes a quarter of it. */
const LONGEST_BOOT = 2 * 60_000;

const HELP = [
  'The guest is used as a person would: commands are typed at its prompt, keys are pressed, and it is left alone. What its CPU does is matched with patterns of how operating systems are written (monitors/patterns); nothing is read but the CPU and its memory. What can not be known is said to be unknown, with the reason.',
  'A profile holds addresses relative to an anchor, so that it is good for every boot of the same kernel; monitors refuse it for another kernel. A --pattern is a module whose default export is a pattern: { name, parameter, words, source, refutation, stage, needs, infer(observations, found) }. A --set is PARAMETER=VALUE or PARAMETER.FIELD=VALUE, the value in JSON that may have hexadecimal numbers.',
  EXIT_CODE_HELP,
].join('\n\n');

const builder = (yargs: Argv) =>
  withGuestOptions(yargs)
    .options({
      output: { alias: 'o', type: 'string', requiresArg: true, describe: 'file to write the profile to' },
      explain: { type: 'boolean', default: false, describe: 'say why: patterns, what was seen, what would refute it' },
      json: { type: 'boolean', default: false, describe: 'the profile as JSON on the standard output' },
      pattern: { type: 'string', requiresArg: true, describe: 'module of your own that is asked too; may be repeated' },
      set: {
        type: 'string',
        requiresArg: true,
        describe: 'value of yours in place of what was inferred; may be repeated',
      },
    })
    .example('$0 infer pup', 'what is known of a small system after some seconds')
    .example('$0 infer debian-6.1 -o debian.json --explain', 'keep it for monitors, and see why')
    .example('$0 infer pup --set processId.offset=0x10', 'override one value')
    .epilogue(HELP);

type InferArguments = Awaited<ReturnType<typeof builder>['argv']>;

async function loadPattern(file: string): Promise<AnyPattern> {
  const found = await userModule('--pattern', file);
  if (isPattern(found)) return found;
  throw new UsageError(
    `--pattern ${file}: expected a pattern as default export, found ${found === undefined ? 'none' : 'something else'}; see wolfden infer --help`,
  );
}

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : [value].flat();

async function inferCommandHandler(args: InferArguments): Promise<void> {
  const machine = machineChoice(args);
  const output = once('output', args.output);
  // A mistake is told before the guest is started.
  list(args.set).forEach(parseSetting);
  const patterns = await Promise.all(list(args.pattern).map(loadPattern));
  await interruptible(async (signal) => {
    const progress = new Progress(process.stderr);
    const guest = await prepareChosen(args, { progress: progress.show, signal }).finally(() => progress.end());
    const { profile: inferred, anchor } = await inferGuest(guest, {
      machine,
      patterns,
      limits: { signal, for: LONGEST_BOOT },
      onBoot: () => progress.say(`booting ${guest.name} to its prompt; a snapshot there makes the next start quick`),
      onStage: (stage) => progress.say(`observing ${guest.name}: ${stage}`),
    }).finally(() => progress.end());
    const profile = list(args.set).reduce((one, setting) => override(one, setting, anchor.address), inferred);
    if (output !== undefined)
      await writeFile(output, profileText(profile)).catch((error: Error) => {
        throw new CommandError(`--output ${output}: cannot write it: ${error.message}`);
      });
    process.stdout.write(
      args.json ? profileText(profile) : `${inferenceText(profile, anchor, args.explain, patterns)}\n`,
    );
  });
}

export const inferCommand: CommandModule<object, InferArguments & GuestArguments> = {
  command: 'infer [guest]',
  describe: "find out what monitors must know of a guest's kernel",
  builder: builder as never,
  handler: inferCommandHandler,
};
