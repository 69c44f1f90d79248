// One run of a guest as `wolfden run` does it: scripted user, console, events, monitors, and how it ended.
import { EVENT_KINDS, type EventKind, GuestCrash, type Machine, type RunEnd } from '../emulator/index.ts';
import type { PreparedGuest } from '../guests/index.ts';
import { type Parameters, unknownParameters } from '../monitors/parameters.ts';
import { Conversation } from './conversation.ts';
import { countEvents, logEvents } from './event-log.ts';
import { EXIT, type ExitCode } from './exit-code.ts';
import { attachKeyboard } from './keyboard.ts';
import { type LoadedMonitor, type StartedMonitor, startMonitors } from './monitors.ts';
import type { StartedGuest } from './start-guest.ts';
import type { HostTime, RunSummary } from './statistics.ts';
import { type Reader, TerminalFilter } from './terminal-text.ts';

/** What is asked of the run. */
export interface RunRequest {
  readonly events: readonly EventKind[];
  /** Virtual milliseconds. */
  readonly for: number | undefined;
  readonly until: string | undefined;
  readonly send: readonly string[];
  readonly json: boolean;
  readonly stats: boolean;
  readonly interactive: boolean;
  readonly monitors: readonly LoadedMonitor[];
  /** What is known of the guest's kernel; left out, nothing is. */
  readonly parameters?: Parameters;
}

/** Where the run reads and writes. */
export interface Streams {
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** How a run went. */
export interface RunResult {
  readonly summary: RunSummary;
  readonly exitCode: ExitCode;
  readonly crash: GuestCrash | undefined;
  /** What monitors say to people, by their name or file. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Virtual milliseconds after which a run ends that nothing else ends: what it waits for will hardly come. */
export const LONGEST_WAIT = 10 * 60_000;

/**
 * Runs a started guest.
 * @throws what a monitor threw. A crash of the guest is a result.
 */
export async function runGuest(
  started: StartedGuest,
  guest: PreparedGuest,
  request: RunRequest,
  streams: Streams,
  interruption: AbortSignal,
): Promise<RunResult> {
  const { machine, atPrompt } = started;
  const told: string[] = [];
  const print = (line: string) => void streams.stderr.write(`${line}\n`);
  const monitors = await startMonitors(request.monitors, machine, guest, {
    parameters: request.parameters ?? unknownParameters('no profile of this guest was given'),
    print,
    tell: (record, text) => (request.json ? void told.push(`${JSON.stringify(record)}\n`) : print(text)),
  });
  const counts = countEvents(machine, request.stats ? EVENT_KINDS : request.events);
  const showOutput = shownOutput(machine, request, streams);
  const { send: lines, until } = request;
  const awaitPrompt = request.for === undefined && !request.interactive;
  const conversation = new Conversation({ prompt: guest.prompt, lines, until, awaitPrompt, atPrompt }, machine);
  const show = (): void => {
    if (told.length > 0) streams.stdout.write(told.splice(0).join(''));
    showOutput();
  };
  const eachSlice = (): boolean => {
    show();
    return conversation.advance();
  };
  const begin = { host: performance.now(), time: machine.cpu.time };
  const { end, crash } = await attempt(async () => {
    const quit = new AbortController();
    const signal = AbortSignal.any([interruption, quit.signal]);
    if (!request.interactive) {
      return machine.run({ signal, until: eachSlice, for: request.for ?? LONGEST_WAIT });
    }
    using _keyboard = attachKeyboard(
      streams.stdin,
      (text) => machine.type(text),
      () => quit.abort(),
    );
    return runInteractive(machine, request, guest.prompt, signal, eachSlice);
  });
  show();
  const milliseconds = performance.now() - begin.host;
  const host: HostTime = { milliseconds, slowDown: milliseconds / (machine.cpu.time - begin.time) };
  const summary: RunSummary = {
    kind: 'summary',
    guest: guest.name,
    end,
    instructions: machine.cpu.instructions,
    time: machine.cpu.time,
    typed: conversation.typed,
    counts: Object.fromEntries(counts),
    console: machine.console.text,
    ...(crash ? { crash: { reason: crash.reason, registers: crash.registers } } : {}),
    ...(monitors.length > 0
      ? { monitors: Object.fromEntries(monitors.map(({ label, handle }) => [label, handle.summary()])) }
      : {}),
    ...blindOnes(monitors),
    ...(request.stats ? { host } : {}),
  };
  const texts = Object.fromEntries(
    monitors.map(({ label, handle }) => [
      label,
      handle.text?.() ?? JSON.stringify(summary.monitors![label], undefined, 2),
    ]),
  );
  return { summary, exitCode: exitCodeFor(end, request, conversation), crash, texts };
}

/** Who has seen nothing, so that nobody takes its silence for good news. */
function blindOnes(monitors: readonly StartedMonitor[]): Pick<RunSummary, 'sawNothing'> {
  const blind = monitors.filter(({ handle }) => handle.events?.() === 0).map(({ label }) => label);
  return blind.length > 0 ? { sawNothing: blind } : {};
}

/** Runs, and makes a crash of the guest one of the ends. */
async function attempt(
  run: () => Promise<RunEnd>,
): Promise<{ readonly end: RunSummary['end']; readonly crash: GuestCrash | undefined }> {
  try {
    return { end: await run(), crash: undefined };
  } catch (error) {
    if (error instanceof GuestCrash) return { end: 'crashed', crash: error };
    throw error;
  }
}

/** Boots as fast as it goes, then keeps to the host's clock. */
async function runInteractive(
  machine: Machine,
  request: RunRequest,
  prompt: string | undefined,
  signal: AbortSignal,
  eachSlice: () => boolean,
): Promise<RunEnd> {
  let ended = false;
  const booted = (): boolean => {
    ended = eachSlice();
    return ended || prompt === undefined || machine.console.text.includes(prompt);
  };
  const limit = request.for ?? Number.POSITIVE_INFINITY;
  const start = machine.cpu.time;
  const end = await machine.run({ signal, until: booted, for: limit });
  if (end !== 'until' || ended) return end;
  return machine.run({ signal, until: eachSlice, for: limit - (machine.cpu.time - start), realTime: true });
}

const readerOf = ({ interactive }: RunRequest, { stdout }: Streams): Reader =>
  interactive ? 'guest-terminal' : stdout.isTTY ? 'terminal' : 'plain';

/** Makes what shows events and console as they come: to be called between slices. */
function shownOutput(machine: Machine, request: RunRequest, streams: Streams): () => void {
  const { events, json } = request;
  const stream = json ? streams.stdout : streams.stderr;
  const log = logEvents(machine, events, json ? 'json' : 'text', (lines) => stream.write(lines));
  if (json) return log.flush;
  const filter = new TerminalFilter(readerOf(request, streams));
  let written = 0;
  return () => {
    log.flush();
    const { text } = machine.console;
    if (text.length === written) return;
    const shown = filter.pass(text.slice(written));
    written = text.length;
    if (shown !== '') streams.stdout.write(Buffer.from(shown, 'latin1'));
  };
}

function exitCodeFor(end: RunSummary['end'], request: RunRequest, conversation: Conversation): ExitCode {
  if (end === 'crashed') return EXIT.crashed;
  // Ctrl-] is the way to end interactive use.
  if (end === 'aborted') return request.interactive ? EXIT.ok : EXIT.interrupted;
  if (end === 'until' || end === 'stopped') return EXIT.ok;
  // Time was up though no --for was given: the prompt did not come.
  if (end === 'for' && request.for === undefined) return EXIT.unfinished;
  return conversation.saidAll && request.until === undefined ? EXIT.ok : EXIT.unfinished;
}
