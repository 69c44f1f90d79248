// What a monitor is: one shape for ours and for those in a file of the user's own.
import type { Machine } from '../emulator/index.ts';
import type { ParameterName, Parameters } from './parameters.ts';

/** What a monitor is told besides the machine. */
export interface MonitorContext {
  /** The guest that is about to run. */
  readonly guest: {
    readonly name: string;
    readonly commandLine: string;
    /** Bytes of RAM. */
    readonly memorySize: number;
    /** Text on the serial console when the guest is ready; undefined for a guest that never is. */
    readonly prompt: string | undefined;
  };
  /** What is known of the guest's kernel, in the addresses of this boot. All are unknown, with the reason, when there is no profile. */
  readonly parameters: Parameters;
  /** What the user gave with `--monitor-option NAME.OPTION=VALUE`, without the monitor's name. */
  readonly options: Readonly<Record<string, string>>;
  /** Writes a line for the user: to the standard error output, where it does not mix with the guest's. */
  readonly print: (line: string) => void;
  /** Tells of something that was seen: with --json the record becomes a line of the output, else the text is printed. */
  readonly tell: (record: Readonly<Record<string, unknown>>, text: string) => void;
}

/** A monitor at work. */
export interface MonitorHandle {
  /** Asked once after the run; the result, which must fit into JSON, is shown to the user. */
  summary(): unknown;
  /** The same for people, shown to them in place of the summary. */
  text?(): string;
  /** How many events have been seen: a monitor that saw none is said to have been blind. Left out, nothing is said. */
  events?(): number;
  /** Ends the watch, where a program goes on without it. */
  [Symbol.dispose]?(): void;
}

/** A monitor. It uses the machine's public events only, so a file of the user's own can do all that ours do. */
export interface Monitor {
  /** Of the monitor: names its options and its part of the summary. A module's is its file when left out. */
  readonly name?: string;
  /** The parameters without which it can't work, and those that make it better. It is refused where a required one is unknown. */
  readonly needs?: { readonly required: readonly ParameterName[]; readonly optional: readonly ParameterName[] };
  /** Begins to watch. The machine stands before its guest's first instruction, or at its prompt. */
  attach(machine: Machine, context: MonitorContext): void | MonitorHandle | Promise<void | MonitorHandle>;
}

/** What a module may export as its default: a monitor, or its `attach` alone. */
export type MonitorExport = Monitor | Monitor['attach'];
