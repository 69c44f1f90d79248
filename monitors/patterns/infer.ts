// Infers a guest's parameters: observes it stage by stage, and asks each pattern as soon as it can say something.
import { type Machine, type VirtAddr, virt, x86 } from '../../emulator/index.ts';
import type { CurrentPlace, ParameterName, ParameterValues } from '../parameters.ts';
import { untilMapped } from '../profile/mapped.ts';
import { PARAMETER_NAMES } from '../profile/values.ts';
import { REGISTER_NAMES } from './dispatch.ts';
import { KernelCode } from './kernel-code.ts';
import { type Observations, STAGES, type Stage } from './observations.ts';
import { newEntries, watchEntries } from './observe/entries.ts';
import { watchKeys } from './observe/keys.ts';
import { COMMANDS, converse, type ObservedGuest, SOME_COMMANDS } from './observe/stimulus.ts';
import { type SwitchCandidate, watchCandidates } from './observe/switches.ts';
import { type ThreadLog, ThreadWatch } from './observe/threads.ts';
import { watchTime } from './observe/time.ts';
import { newTrace, Tracer } from './observe/trace.ts';
import type { AnyPattern, Finding, Found } from './pattern.ts';
import { usedPlaces } from './places.ts';

/** What came of a parameter. */
export interface Conclusion {
  readonly finding: Finding<unknown>;
  /** The pattern that said so; undefined when none could. */
  readonly pattern: AnyPattern | undefined;
}

/** What came of all of them. */
export interface Inference {
  readonly conclusions: ReadonlyMap<ParameterName, Conclusion>;
  readonly observations: Observations;
}

/** Told of what is being done. */
export interface InferenceOptions {
  readonly onStage?: (stage: Stage) => void;
}

/** Virtual milliseconds that a guest without a prompt is watched in each stage. */
export const WHOLE_RUN = 20_000;
/** Places of the code that are sampled in each thread: those that most code uses. */
const MOST_PLACES = 40;
/** Addresses of code by which it is seen whether the kernel is mapped. */
const MOST_LOOKED_AT = 64;
const EAX = 0;

/**
 * Observes a guest and infers what it can. The machine of the last stage is handed over in the observations, to be closed by the caller.
 * @param patterns to ask; of two that give the same parameter the more confident one counts.
 */
export async function infer(
  guest: ObservedGuest,
  patterns: readonly AnyPattern[],
  { onStage = () => {} }: InferenceOptions = {},
): Promise<Inference> {
  const decoder = await x86.loadDecoder();
  const machine = await guest.start();
  const observations: Observations = {
    ...{ machine, code: new KernelCode(machine, decoder), entries: newEntries(), trace: newTrace(), switches: [] },
    ...{ threads: undefined, owners: undefined, time: undefined, keys: undefined },
  };
  const conclusions = new Map<ParameterName, Conclusion>();
  const asked = new Set<AnyPattern>();
  for (const stage of STAGES) {
    // Where a run from power-on to its end came to no program, another would not either.
    if (stage === 'kernel' || guest.prompt !== undefined || observations.entries.programs) {
      onStage(stage);
      await observe(stage, guest, observations, decoder, foundIn(conclusions));
      await showKernel(observations);
    }
    for (let again = true; again; ) {
      again = false;
      const found = foundIn(conclusions);
      for (const pattern of patterns) {
        if (asked.has(pattern) || STAGES.indexOf(pattern.stage) > STAGES.indexOf(stage)) continue;
        if (!pattern.needs.every((name) => found[name] !== undefined)) continue;
        asked.add(pattern);
        conclude(conclusions, pattern, pattern.infer(observations, found));
        again = true;
      }
      if (stage === 'kernel') shareText(observations, foundIn(conclusions));
    }
  }
  for (const name of PARAMETER_NAMES)
    if (!conclusions.has(name)) conclusions.set(name, missing(name, patterns, conclusions));
  return { conclusions, observations };
}

/** Has the machine stand where its kernel's memory can be read and probed. */
async function showKernel({ machine, trace: { executed } }: Observations): Promise<void> {
  const all = [...executed.keys()];
  const step = Math.ceil(all.length / MOST_LOOKED_AT);
  await untilMapped(
    machine,
    all.filter((_, index) => index % step === 0),
  );
}

/** The reason why no pattern was asked for a parameter. */
function missing(
  name: ParameterName,
  patterns: readonly AnyPattern[],
  conclusions: ReadonlyMap<ParameterName, Conclusion>,
): Conclusion {
  const pattern = patterns.find(({ parameter }) => parameter === name);
  if (!pattern) return { finding: { reason: 'there is no pattern for it' }, pattern };
  const lacking = pattern.needs.filter((need) => {
    const one = conclusions.get(need);
    return !one || 'reason' in one.finding;
  });
  return {
    finding: { reason: `it takes ${lacking.join(' and ')}, which ${lacking.length === 1 ? 'is' : 'are'} unknown` },
    pattern,
  };
}

function conclude(conclusions: Map<ParameterName, Conclusion>, pattern: AnyPattern, finding: Finding<unknown>): void {
  const known = conclusions.get(pattern.parameter);
  const confidence = (one: Finding<unknown> | undefined) => (one && 'value' in one ? one.confidence : 0);
  if (!known || confidence(finding) > confidence(known.finding))
    conclusions.set(pattern.parameter, { finding, pattern });
}

const foundIn = (conclusions: ReadonlyMap<ParameterName, Conclusion>): Found =>
  Object.fromEntries(
    [...conclusions].flatMap(([name, { finding }]) => ('value' in finding ? [[name, finding.value]] : [])),
  );

function shareText({ code }: Observations, { kernelText }: Found): void {
  if (kernelText) code.text = kernelText;
}

async function observe(
  stage: Stage,
  guest: ObservedGuest,
  observations: Observations,
  decoder: x86.InstructionDecoder,
  found: Found,
): Promise<void> {
  if (stage === 'kernel') return observeKernel(guest, observations, decoder);
  const { contextSwitch, current, processId } = found;
  if (stage === 'switches') return observeSwitches(guest, observations, decoder);
  const point = switchPoint(observations, contextSwitch);
  const watch = {
    numberRegister: found.systemCallNumber ? REGISTER_NAMES.indexOf(found.systemCallNumber) : EAX,
    split: found.kernelSplit ?? virt(0x80000000),
  };
  const watchThreads = async (places: readonly CurrentPlace[], via?: number): Promise<ThreadLog> => {
    let log: ThreadLog | undefined;
    await withStimulus(guest, observations, (machine) => {
      const threads = new ThreadWatch(machine, point!, places, { ...watch, via });
      log = threads.log;
      return threads;
    });
    return log!;
  };
  if (stage === 'threads' && point) {
    const places = usedPlaces(observations.code, observations.trace.executed.keys(), watch.split);
    observations.threads = await watchThreads(places.slice(0, MOST_PLACES).map(({ place }) => place));
  }
  if (stage === 'owners' && point && current && processId?.via !== undefined)
    observations.owners = await watchThreads([current], processId.via);
  if (guest.prompt === undefined) return;
  if (stage === 'time' && point) observations.time = await watchTime(observations.machine, guest.prompt, point);
  if (stage === 'keys')
    observations.keys = await watchKeys(
      observations.machine,
      observations.code,
      point && { ...watch, point, places: current ? [current] : [], via: processId?.via },
    );
}

async function observeKernel(
  guest: ObservedGuest,
  observations: Observations,
  decoder: x86.InstructionDecoder,
): Promise<void> {
  const { machine, code, entries, trace } = observations;
  const tracer = new Tracer(machine, code, trace);
  {
    using _entries = watchEntries(machine, decoder, entries);
    await play(guest, machine, COMMANDS, (until, milliseconds) => tracer.run(until, milliseconds));
  }
}

/** At full speed the machine has time to wait, too: ways in and out go on being counted. */
async function observeSwitches(
  guest: ObservedGuest,
  observations: Observations,
  decoder: x86.InstructionDecoder,
): Promise<void> {
  observations.switches = candidatesOf(observations);
  const watch = (machine: Machine): Disposable => {
    const candidates = watchCandidates(machine, observations.switches);
    const entries = watchEntries(machine, decoder, observations.entries);
    return {
      [Symbol.dispose]: () => {
        candidates[Symbol.dispose]();
        entries[Symbol.dispose]();
      },
    };
  };
  await withStimulus(guest, observations, watch, SOME_COMMANDS);
}

/** Has the guest do what it does, on a machine of its own where there is no prompt to type at again. */
async function withStimulus(
  guest: ObservedGuest,
  observations: Observations,
  watch: (machine: Machine) => Disposable,
  commands = COMMANDS,
): Promise<void> {
  if (guest.prompt === undefined) await renew(guest, observations);
  const { machine } = observations;
  using _watch = watch(machine);
  await play(guest, machine, commands);
}

/** Puts a machine that has not run yet in place of the one that has. */
async function renew(guest: ObservedGuest, observations: Observations): Promise<void> {
  await observations.machine.close();
  observations.machine = await guest.start();
  observations.code.machine = observations.machine;
  await untilPrograms(observations.machine);
  await showKernel(observations);
}

/** Runs to the first program: before that the kernel's memory is not mapped yet. */
async function untilPrograms(machine: Machine): Promise<void> {
  using _stop = machine.on('cpl-change', ({ value }) => (value === 3 ? 'stop' : undefined));
  await machine.run({ for: WHOLE_RUN });
}

async function play(
  { prompt }: ObservedGuest,
  machine: Machine,
  commands: readonly string[],
  run: (until: () => boolean, milliseconds: number) => Promise<void> = async (until, milliseconds) =>
    void (await machine.run({ until, for: milliseconds })),
): Promise<void> {
  if (prompt !== undefined) await converse(machine, prompt, commands, run);
  else await run(() => false, WHOLE_RUN);
}

const candidatesOf = ({ trace, entries, code }: Observations): SwitchCandidate[] => {
  const jumps = [...trace.stackJumps.values()].map(({ at, length }) => ({ at, length }));
  // A hardware task switch loads all registers at once: it announces itself.
  for (const [at, { cause }] of entries.cr3Writes)
    if (cause === 'task-switch' && !jumps.some((one) => one.at === at))
      jumps.push({ at, length: code.at(at)?.length ?? 0 });
  return jumps
    .filter(({ length }) => length > 0)
    .map((one) => ({ ...one, arrivals: 0, resumed: 0, stacks: new Set(), cr3Writes: new Map() }));
};

function switchPoint({ code }: Observations, contextSwitch: ParameterValues['contextSwitch'] | undefined) {
  const at: VirtAddr | undefined = contextSwitch?.stackSwitch;
  const length = at === undefined ? undefined : code.at(at)?.length;
  return at === undefined || length === undefined ? undefined : { at, length };
}
