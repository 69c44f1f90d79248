// wolfden run GUEST: boots a guest, types at its console, and tells what its CPU does.
import type { Argv, CommandModule } from 'yargs';
import type { PreparedGuest } from '../../guests/index.ts';
import { parseDuration } from '../duration.ts';
import { parseKinds } from '../event-kinds.ts';
import { EXIT_CODE_HELP } from '../exit-code.ts';
import { UsageError } from '../failure.ts';
import { type GuestArguments, machineChoice, once, prepareChosen, withGuestOptions } from '../guest-options.ts';
import { interruptible } from '../interruption.ts';
import { parametersFor, readProfile } from '../monitor-profile.ts';
import { loadMonitors, MONITOR_NAMES, parseMonitorOptions } from '../monitors.ts';
import { Progress } from '../progress.ts';
import { LONGEST_WAIT, type RunRequest, type RunResult, runGuest } from '../run-guest.ts';
import { startGuest } from '../start-guest.ts';
import { statisticsText } from '../statistics.ts';

const HELP = [
  "The guest's serial console goes to the standard output, events and statistics to the standard error output. With --json the standard output has JSON lines instead: the events, then a summary; the same command gives the same bytes.",
  'The run starts at the prompt, from a snapshot that is kept the first time; what comes before it is seen with --cold, and when none of --send, --until, --for and --interactive is given. Guests that wait at no prompt start at power-on.',
  `Each --send is typed, with a line feed, when the prompt shows again. --until looks at everything that the console shows, with --send at the answer to the last line only: its echo does not count. Without --until and --for the run ends when the prompt shows after the last line, or when the guest halts. What has not come after ${LONGEST_WAIT / 60_000} virtual minutes is waited for no longer, unless --for gives more.`,
  'A --monitor is one of ours by its name, or a module of your own whose default export is { name, needs, attach(machine, context) }, or attach alone; attach returns nothing or { summary(), events() }. The context has guest (name, commandLine, memorySize, prompt), parameters (what is known of the kernel), options, print(line) and tell(record, text). What summary returns is shown in the end.',
  EXIT_CODE_HELP,
].join('\n\n');

const builder = (yargs: Argv) =>
  withGuestOptions(yargs)
    .options({
      events: { type: 'string', requiresArg: true, describe: 'kinds of event to show: a comma list, or all' },
      for: { type: 'string', requiresArg: true, describe: 'virtual time to run, such as 250ms, 10s or 2m' },
      until: { type: 'string', requiresArg: true, describe: 'text on the serial console to run to' },
      send: { type: 'string', requiresArg: true, describe: 'line to type at the prompt; may be repeated' },
      monitor: {
        type: 'string',
        requiresArg: true,
        describe: `who watches: a comma list of ${[...MONITOR_NAMES, 'modules of your own'].join(', ')}`,
      },
      profile: {
        type: 'string',
        requiresArg: true,
        describe:
          "what is known of the guest's kernel, as infer -o wrote it; else it is inferred when a monitor wants it",
      },
      'monitor-option': {
        type: 'string',
        requiresArg: true,
        describe: 'MONITOR.OPTION=VALUE for a monitor that has options; may be repeated',
      },
      json: { type: 'boolean', default: false, describe: 'JSON lines: events, then a summary' },
      stats: { type: 'boolean', default: false, describe: 'count events of all kinds; tell host time and slow-down' },
      interactive: {
        type: 'boolean',
        default: false,
        describe: 'your terminal is the console, in real time; Ctrl-] quits',
      },
    })
    .example("$0 run debian-6.1 --send 'echo hi' --until hi", 'boot, type a command, wait for its answer')
    .example("$0 run debian-6.1 --cold --until '# ' --json", 'boot from power-on; the same bytes each time')
    .example('$0 run debian-6.1 --events syscall,page-fault --for 10s', 'show what the CPU does in ten virtual seconds')
    .example(
      "$0 run pup --send 'ls | wc' --monitor tracer,ret2usr",
      'every process, and no code of its own for the kernel',
    )
    .example(
      '$0 run pup --monitor keylogger --monitor-option keylogger.train=true --for 80s',
      'who answers the keys of a guest that is as it should be',
    )
    .example('$0 run pup --cold --events cr0-write', 'from power-on, not from the snapshot at the prompt')
    .example('$0 run debian-6.1 --interactive', 'use the guest by hand')
    .example('$0 run --kernel vmlinuz --initrd my.img --command-line console=ttyS0', 'a kernel of your own')
    .epilogue(HELP);

type RunArguments = Awaited<ReturnType<typeof builder>['argv']>;

const list = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : [value].flat();

async function requestOf(args: RunArguments): Promise<RunRequest> {
  const duration = once('for', args.for);
  const { json, stats, interactive } = args;
  if (json && interactive) throw new UsageError('--interactive: expected without --json, found both; give one of them');
  if (once('until', args.until) === '') throw new UsageError('--until: expected a text, found an empty one');
  const monitors = await loadMonitors(list(args.monitor), parseMonitorOptions(list(args['monitor-option'])));
  return {
    ...{ json, stats, interactive, monitors },
    events: args.events === undefined ? [] : parseKinds(once('events', args.events)),
    for: duration === undefined ? undefined : parseDuration(duration, '--for'),
    until: args.until,
    send: list(args.send),
  };
}

/** What ended the run too early, for the user. */
function reason({ summary, crash }: RunResult, { until }: RunRequest): string | undefined {
  const { end, instructions } = summary;
  const awaited = until === undefined ? 'the prompt' : `"${until}"`;
  if (crash) return crash.message;
  if (end === 'halted') return `the guest halted after ${instructions} instructions, before ${awaited} came`;
  if (end === 'for') return `time was up before ${awaited} came; give more with --for, or another --until or --prompt`;
  return undefined;
}

function report(result: RunResult, request: RunRequest): void {
  const { summary, exitCode } = result;
  process.exitCode = exitCode;
  const { stdout, stderr } = process;
  if (request.json) stdout.write(`${JSON.stringify(summary)}\n`);
  else {
    if (request.stats) stderr.write(`\n${statisticsText(summary)}`);
    for (const [label, text] of Object.entries(result.texts)) stderr.write(`${label}: ${text}\n`);
  }
  for (const label of summary.sawNothing ?? [])
    stderr.write(`wolfden: ${label} saw no event: what it reports says nothing about the guest\n`);
  const message = exitCode === 0 ? undefined : reason(result, request);
  if (message) stderr.write(`\nwolfden: ${message}\n`);
}

/** @throws UsageError when lines are to be typed and nothing says when. */
function checkPrompt({ prompt, name }: PreparedGuest, { send }: RunRequest): void {
  if (send.length === 0 || prompt !== undefined) return;
  throw new UsageError(
    `--send: expected a prompt to type at, found none known for ${name}; give it with --prompt TEXT`,
  );
}

/** Whether there is nothing to do at the prompt: then the way to it is what the user wants to see. */
const bootIsAll = ({ send, until, for: time, interactive }: RunRequest): boolean =>
  send.length === 0 && until === undefined && time === undefined && !interactive;

async function run(args: RunArguments): Promise<void> {
  const request = await requestOf(args);
  const profile = args.profile === undefined ? undefined : await readProfile(once('profile', args.profile));
  const machine = machineChoice(args);
  await interruptible(async (signal) => {
    const progress = new Progress(process.stderr);
    const prepared = await prepareChosen(args, { progress: progress.show, signal }).finally(() => progress.end());
    checkPrompt(prepared, request);
    const started = await startGuest(prepared, {
      machine,
      cold: args.cold || bootIsAll(request),
      limits: { signal, for: LONGEST_WAIT },
      onBoot: () => progress.say(`booting ${prepared.name} to its prompt; a snapshot there makes the next start quick`),
    }).finally(() => progress.end());
    try {
      const parameters = await parametersFor(request.monitors, prepared, started, {
        ...{ machine, profile, limits: { signal, for: LONGEST_WAIT } },
        onStage: (stage) => progress.say(`observing ${prepared.name} for its profile: ${stage}`),
      });
      const asked = { ...request, parameters };
      report(await runGuest(started, prepared, asked, process, signal), request);
    } finally {
      await started.machine.close();
    }
  });
}

export const runCommand: CommandModule<object, RunArguments & GuestArguments> = {
  command: 'run [guest]',
  describe: 'run a guest, with events, statistics or your own monitors',
  builder: builder as never,
  handler: run,
};
