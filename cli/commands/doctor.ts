// wolfden doctor: whether everything is there that Wolfden needs, and what to do if not.

import type { Argv, CommandModule } from 'yargs';
import { examine, type Finding } from '../checks.ts';
import { colours } from '../colours.ts';
import { EXIT } from '../exit-code.ts';

const MARKS: Record<Finding['state'], string> = {
  ok: colours.green('ok      '),
  needed: colours.red('missing '),
  optional: colours.yellow('optional'),
};

const builder = (yargs: Argv) =>
  yargs
    .option('json', { type: 'boolean', default: false, describe: 'one JSON object for each check' })
    .example('$0 doctor', 'check node, v86, the cache folder, apt and the compiler')
    .epilogue('Ends with 1 when something is missing without which nothing works, with 0 otherwise.');

type DoctorArguments = Awaited<ReturnType<typeof builder>['argv']>;

function show({ what, state, text, remedy }: Finding): void {
  console.log(`${MARKS[state]} ${what}: ${text}`);
  if (remedy) console.log(`         ${remedy}`);
}

export const doctorCommand: CommandModule<object, DoctorArguments> = {
  command: 'doctor',
  describe: 'check that everything needed is there, and say what to do',
  builder: builder as never,
  handler: async ({ json }) => {
    const findings = await examine();
    for (const finding of findings) json ? console.log(JSON.stringify(finding)) : show(finding);
    process.exitCode = findings.some(({ state }) => state === 'needed') ? EXIT.failure : EXIT.ok;
  },
};
