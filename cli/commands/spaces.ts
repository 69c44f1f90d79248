// wolfden spaces GUEST: boots a guest, has it fork, and shows its address spaces come and go.
import type { Argv, CommandModule } from 'yargs';
import { guestNames, type PreparedGuest } from '../../guests/index.ts';
import { seconds } from '../duration.ts';
import { EXIT, EXIT_CODE_HELP } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import {
  type GuestArguments,
  machineChoice,
  numberOption,
  once,
  prepareChosen,
  withGuestOptions,
} from '../guest-options.ts';
import { interruptible } from '../interruption.ts';
import { LiveText } from '../live-text.ts';
import { Progress } from '../progress.ts';
import { LONGEST_WAIT } from '../run-guest.ts';
import { type SpacesRequest, type SpacesResult, watchSpaces } from '../spaces-session.ts';
import { spacesTable } from '../spaces-table.ts';
import { type StartedGuest, startGuest } from '../start-guest.ts';
import { type Workload, workloadFor } from '../workloads.ts';

const LIVE_ROWS = 12;

const HELP = [
  'Nothing is known of the guest: what is shown comes from CR3, the privilege level and the page tables that the CPU reads. A space has ended when its tables no longer lead to a user page; with a kernel that clears a table only when it uses it again, that shows late. Times are virtual milliseconds since power-on. The run begins at a snapshot of the guest at its prompt, where spaces that are there already are seen when they are next current; with --cold it begins at power-on, and all are seen from their birth.',
  EXIT_CODE_HELP,
].join('\n\n');

const builder = (yargs: Argv) =>
  withGuestOptions(yargs)
    .options({
      forks: { type: 'number', requiresArg: true, default: 300, describe: 'how often the script forks' },
      send: { type: 'string', requiresArg: true, describe: 'line to type in place of the script; may be repeated' },
      rows: { type: 'number', requiresArg: true, default: 24, describe: 'youngest spaces to show in the end; 0: all' },
      json: { type: 'boolean', default: false, describe: 'JSON lines: one for each space, then a summary' },
    })
    .example('$0 spaces', 'a short tour with a guest that needs no download')
    .example('$0 spaces debian-6.1', 'boot Debian, let a script fork 300 times: 300 new address spaces')
    .example(
      "$0 spaces debian-6.1-pae --send '/bin/ls' --rows 0",
      'what one command makes: a space by fork, one by exec',
    )
    .epilogue(HELP);

type SpacesArguments = Awaited<ReturnType<typeof builder>['argv']>;

/** The guest that needs no download. */
const DEFAULT_GUEST = 'pup';

/** The arguments with the default guest, where none is named. */
function withDefaultGuest(args: SpacesArguments): SpacesArguments {
  const named = args.guest !== undefined || args.kernel !== undefined;
  return named ? args : { ...args, guest: guestNames().find((name) => name === DEFAULT_GUEST) };
}

/** What the guest is to do. */
function workloadOf(args: SpacesArguments, prompt: string): Workload {
  if (args.send !== undefined) return { about: 'the lines of --send', lines: [args.send].flat() };
  numberOption('forks', args.forks, isCount, 'a whole number from 0');
  return workloadFor(prompt, args.forks);
}

const isCount = (value: number): boolean => Number.isInteger(value) && value >= 0;

/** Shows the table as it changes, where somebody looks. */
function liveTable(name: string, { machine }: StartedGuest, json: boolean): SpacesRequest['redraw'] & { end(): void } {
  const live = process.stdout.isTTY && !json ? new LiveText(process.stdout) : undefined;
  const redraw: SpacesRequest['redraw'] = (spaces) =>
    live?.update(() => {
      const all = spaces();
      const title = `${name}: ${seconds(machine.cpu.time)} of virtual time, ${all.length} address spaces`;
      return `${title}\n${spacesTable(all, LIVE_ROWS)}`;
    });
  return Object.assign(redraw, { end: () => live?.clear() });
}

function report(result: SpacesResult, { name }: PreparedGuest, about: string, args: SpacesArguments): void {
  const { end, finished, all, fresh } = result;
  const values = new Set(fresh.map(({ cr3 }) => cr3)).size;
  process.exitCode = end === 'aborted' ? EXIT.interrupted : finished ? EXIT.ok : EXIT.unfinished;
  if (args.json) {
    for (const space of all) console.log(JSON.stringify({ kind: 'address-space', ...space }));
    console.log(JSON.stringify({ kind: 'summary', guest: name, end, spaces: all.length, new: fresh.length, values }));
    return;
  }
  const shared = `for which CR3 took ${values} ${values === 1 ? 'value' : 'values'}`;
  console.log(`${spacesTable(all, args.rows)}\n\n${name} ran ${about}: ${fresh.length} new address spaces, ${shared}.`);
  if (!finished) console.error(`wolfden: the guest was not done with it when its run ended (${end})`);
  console.log(`Try next: wolfden run ${name} --interactive, wolfden run ${name} --events syscall, wolfden guests.`);
}

async function spaces(given: SpacesArguments): Promise<void> {
  const args = withDefaultGuest(given);
  const machine = machineChoice(args);
  numberOption('rows', once('rows', args.rows), isCount, 'a whole number from 0');
  await interruptible(async (signal) => {
    const progress = new Progress(process.stderr);
    const guest = await prepareChosen(args, { progress: progress.show, signal }).finally(() => progress.end());
    const { name, prompt } = guest;
    if (prompt === undefined)
      throw new UsageError(`${name}: expected a prompt to type at, found none known; give it with --prompt TEXT`);
    const { about, lines } = workloadOf(args, prompt);
    const started = await startGuest(guest, {
      machine,
      cold: args.cold,
      limits: { signal, for: LONGEST_WAIT },
      onBoot: () => progress.say(`booting ${guest.name} to its prompt; a snapshot there makes the next start quick`),
    }).finally(() => progress.end());
    try {
      const redraw = liveTable(name, started, args.json);
      const result = await watchSpaces(started, { prompt, lines, signal, redraw }).finally(redraw.end);
      report(result, guest, about, args);
    } finally {
      await started.machine.close();
    }
  });
}

export const spacesCommand: CommandModule<object, SpacesArguments & GuestArguments> = {
  command: 'spaces [guest]',
  describe: "show a guest's address spaces come and go while a script forks",
  builder: builder as never,
  handler: spaces,
};
