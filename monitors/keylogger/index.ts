// The keylogger detector as a monitor: see README.md.
import type { Machine } from '../../emulator/index.ts';
import type { Monitor, MonitorContext, MonitorHandle } from '../monitor.ts';
import type { ParameterName } from '../parameters.ts';
import { Activity } from './activity.ts';
import type { BaitDevice } from './bait.ts';
import { type Expectation, expectationOf, parseExpectation } from './expectation.ts';
import type { Judgement, Report } from './judge.ts';
import type { NewCode } from './new-code.ts';
import { Study, type StudyOptions } from './study.ts';

export { Activity } from './activity.ts';
export type { BaitDevice } from './bait.ts';
export { type Expectation, type ExpectedProgram, expectationOf, parseExpectation } from './expectation.ts';
export type { Judgement, Reason, Report } from './judge.ts';
export type { NewCode } from './new-code.ts';
export type { Finding } from './significance.ts';
export { Study, type StudyOptions } from './study.ts';

const OPTIONAL = [
  ...(['expectedAfterKey', 'current', 'contextSwitch', 'thread'] as const),
  ...(['processId', 'threadGroup', 'name', 'parent', 'systemCallNumber'] as const),
] satisfies readonly ParameterName[];

const OPTIONS = ['seed', 'stretches', 'level', 'device', 'wait', 'expected', 'train'] as const;

interface Settings {
  readonly study: StudyOptions;
  /** Virtual milliseconds from the prompt to the bait. */
  readonly wait: number;
  readonly expectation: Expectation | undefined;
}

function numberOption(options: MonitorContext['options'], name: string): number | undefined {
  const text = options[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new RangeError(`keylogger.${name}: expected a number from 0, found "${text}"`);
  return value;
}

function deviceOption({ device }: MonitorContext['options']): BaitDevice {
  if (device === undefined || device === 'keyboard' || device === 'serial') return device ?? 'keyboard';
  throw new RangeError(`keylogger.device: expected keyboard or serial, found "${device}"`);
}

/** Who may follow the keys; undefined in training. */
function expectationFor({ options: { expected, train }, parameters }: MonitorContext): Expectation | undefined {
  if (train !== undefined && train !== 'true' && train !== 'false')
    throw new RangeError(`keylogger.train: expected true or false, found "${train}"`);
  if (train === 'true') {
    if (expected === undefined) return undefined;
    throw new RangeError('keylogger.train: expected no keylogger.expected beside it, found both');
  }
  return expected === undefined ? expectationOf(parameters) : parseExpectation(expected, 'keylogger.expected');
}

function settingsOf(context: MonitorContext): Settings {
  const { options } = context;
  const unknown = Object.keys(options).find((name) => !(OPTIONS as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw new RangeError(`keylogger.${unknown}: expected one of ${OPTIONS.join(', ')}, found another option`);
  const numbers = Object.fromEntries(
    (['seed', 'stretches', 'level'] as const).flatMap((name) => {
      const value = numberOption(options, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return {
    study: { ...numbers, device: deviceOption(options) },
    wait: numberOption(options, 'wait') ?? 1000,
    expectation: expectationFor(context),
  };
}

const REASONS: Readonly<Record<Report['reason'], string>> = {
  'follows-keys': 'follows the keys, and is not expected to',
  'does-more': 'does more after keys than in training',
  'kernel-thread': 'is a new thread of the kernel that follows the keys',
  'reads-controller': 'reads the keyboard controller itself',
};

const who = ({ name, pids, spaces }: Report): string => {
  const ids = pids.filter((pid) => pid !== undefined);
  if (ids.length === 0) return spaces.map((space) => `address space 0x${space.toString(16)}`).join(' ');
  return `${name ?? '?'} ${ids.length > 1 ? `(${ids.length} processes)` : ids[0]}`;
};

/** A report for people. */
export function reportText(report: Report): string {
  const { what, correlation, perBurst, p } = report;
  const evidence =
    what === undefined
      ? ''
      : `: ${what}, r=${correlation.toFixed(2)}, ${perBurst.toFixed(1)} a burst, p=${p.toExponential(1)}`;
  return `${who(report)} ${REASONS[report.reason]}${evidence}`;
}

/** A function of the kernel's, for people. */
export function newCodeText({ address, from, ran, windows, p }: NewCode): string {
  const hex = (value: number) => `0x${value.toString(16).padStart(8, '0')}`;
  return `the kernel runs ${hex(address)}, from ${hex(from)}, in the keyboard’s interrupt, and did not in training: ${ran} of ${windows} interrupts, p=${p.toExponential(1)}`;
}

class KeyloggerMonitor implements MonitorHandle {
  readonly #machine: Machine;
  readonly #context: MonitorContext;
  readonly #settings: Settings;
  readonly #activity: Activity;
  readonly #waiting: Disposable;
  #ready: number | undefined;
  #study: Study | undefined;
  #judgement: Judgement | undefined;

  constructor(machine: Machine, context: MonitorContext) {
    this.#machine = machine;
    this.#context = context;
    this.#settings = settingsOf(context);
    this.#activity = new Activity(machine, context.parameters);
    this.#waiting = machine.afterSlice(() => this.#advance());
  }

  events(): number {
    return this.#activity.events;
  }

  summary(): unknown {
    const judgement = this.#current();
    const { expectation, study } = this.#settings;
    const unknown = OPTIONAL.flatMap((name) => {
      const parameter = this.#context.parameters[name];
      return parameter.state === 'unknown' ? [[name, parameter.reason]] : [];
    });
    return {
      kind: expectation ? 'judgement' : 'training',
      seed: study.seed ?? 1,
      stretches: this.#study?.usable ?? 0,
      keysRead: this.#activity.keysRead,
      unknown: Object.fromEntries(unknown),
      ...(judgement ?? { reports: [], newCode: [], answering: [], tested: 0 }),
    };
  }

  text(): string {
    const judgement = this.#current();
    if (!judgement)
      return 'nothing can be told: too little of the pattern was typed; give the run more time with --for';
    const lines = [...judgement.reports.map(reportText), ...judgement.newCode.map(newCodeText)];
    const answering = judgement.answering.map(
      ({ name, foreground }) => `${name ?? '?'}${foreground ? ' (foreground)' : ''}`,
    );
    const keys =
      this.#settings.study.device === 'serial' ? '' : `, ${this.#activity.keysRead} bytes read from the keyboard`;
    lines.push(
      `${this.#study!.usable} stretches${keys}, ${judgement.tested} processes tested; meant to follow the keys: ${answering.join(', ') || 'nobody'}`,
    );
    if (this.#settings.expectation && !this.#settings.expectation.code)
      lines.push(
        'without a training run, hooks in the kernel and in programs that are expected are not looked for: keylogger.train=true on a guest that is as it should be',
      );
    if (!this.#settings.expectation)
      lines.push(
        `training: nobody was expected; where this guest is as it should be, go on with expected=${JSON.stringify(judgement.expected)}`,
      );
    return lines.join('\n');
  }

  [Symbol.dispose](): void {
    this.#waiting[Symbol.dispose]();
    this.#study?.[Symbol.dispose]();
    this.#activity[Symbol.dispose]();
  }

  /** Begins some time after the prompt, and judges when the last stretch has passed. */
  #advance(): void {
    const { time } = this.#machine.cpu;
    const { prompt } = this.#context.guest;
    if (this.#ready === undefined && (prompt === undefined || this.#machine.console.text.includes(prompt))) {
      this.#ready = time + this.#settings.wait;
      // Nothing is typed: it ends the guest's sleep for the host, so that the bait is laid in time.
      this.#machine.schedule({ on: { after: this.#settings.wait }, give: { scancodes: [] } });
    }
    if (this.#ready === undefined || time < this.#ready) return;
    this.#study ??= new Study(this.#machine, this.#activity, this.#settings.study);
    if (!this.#study.bait.over || this.#judgement) return;
    this.#judgement = this.#study.judge(this.#settings.expectation);
    for (const report of this.#judgement?.reports ?? [])
      this.#context.tell({ kind: 'keylogger', time, ...report }, reportText(report));
    for (const one of this.#judgement?.newCode ?? [])
      this.#context.tell({ kind: 'keylogger', time, reason: 'kernel-code', ...one }, newCodeText(one));
  }

  #current(): Judgement | undefined {
    return this.#judgement ?? this.#study?.judge(this.#settings.expectation);
  }
}

const monitor: Monitor = {
  name: 'keylogger',
  needs: { required: [], optional: OPTIONAL },
  attach: (machine, context) => new KeyloggerMonitor(machine, context),
};

export default monitor;
