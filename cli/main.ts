// Puts the commands together and turns every error into one message and an exit code.
import yargs from 'yargs';
import manifest from '../package.json' with { type: 'json' };
import { attackCommand } from './commands/attack.ts';
import { doctorCommand } from './commands/doctor.ts';
import { guestsCommand } from './commands/guests.ts';
import { inferCommand } from './commands/infer.ts';
import { runCommand } from './commands/run.ts';
import { spacesCommand } from './commands/spaces.ts';
import { EXIT_CODE_HELP } from './exit-code.ts';
import { exitCodeOf, messageOf, UsageError } from './failure.ts';

const MOST_COLUMNS = 110;

/**
 * Runs the command line and sets `process.exitCode`.
 * @param words the arguments without node and script.
 */
export async function main(words: readonly string[]): Promise<void> {
  const parser = yargs()
    .scriptName('wolfden')
    .usage('$0 COMMAND: a software x86 machine that shows what its guest does')
    .command(spacesCommand)
    .command(runCommand)
    .command(inferCommand)
    .command(guestsCommand)
    .command(attackCommand)
    .command(doctorCommand)
    .demandCommand(1, 'expected a command')
    .example('$0 spaces', "watch a guest's address spaces come and go")
    .example('$0 run debian-6.1 --interactive', 'boot an unmodified Debian kernel to its shell and use it')
    .epilogue(EXIT_CODE_HELP)
    .recommendCommands()
    .strict()
    .version(manifest.version)
    .locale('en')
    .parserConfiguration({ 'duplicate-arguments-array': true, 'camel-case-expansion': false })
    .wrap(Math.min(MOST_COLUMNS, process.stdout.columns ?? MOST_COLUMNS))
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? new UsageError(`${message}; see wolfden --help`);
    });
  try {
    await parser.parseAsync(words);
  } catch (error) {
    process.stderr.write(`wolfden: ${messageOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
