// One run with a fault, judged by an oracle that knows nothing of the detector; and hours without one.
import { GuestCrash, Machine, type MachineAssets } from '../../emulator/index.ts';
import { SeededRandom } from '../../emulator/v86/random.ts';
import { type Hang, HangDetector, type HangLimits, HangTraining } from '../../monitors/hang/index.ts';
import { known, type Parameters } from '../../monitors/parameters.ts';
import { untilMapped } from '../../monitors/profile/mapped.ts';
import { chooseFault, FAULTS, type FaultKind, inject } from './faults.ts';
import { prompts, type ShellGuest, type } from './guests.ts';
import { findTargets, type Known, type Targets } from './targets.ts';

/** Everything that runs of one guest share. */
export interface Campaign {
  readonly name: string;
  readonly guest: ShellGuest;
  readonly snapshot: Uint8Array;
  readonly parameters: Parameters;
  readonly assets: MachineAssets;
  readonly jit: boolean;
}

/** What came of a run. Times are virtual milliseconds. */
export interface FaultRun {
  readonly guest: string;
  readonly seed: number;
  readonly kind: FaultKind;
  readonly address: number;
  /**
   * What the oracle says: the guest answers at its console; it only obeys there; it gets other lines than were typed, and answers those; a
   * program runs at each key, and only then, but gets nothing; none of all that; its kernel crashed; or it halted for good. Only of the
   * silent ones is it said that they hang: in those before, data is lost, and what should run does.
   */
  readonly oracle: 'answers' | 'mute' | 'garbled' | 'deaf' | 'silent' | 'crashed' | 'halted';
  /** Whether the kernel said on the console that it crashed, or that it found itself damaged: it may answer all the same. */
  readonly crash: boolean;
  readonly alarm: Hang['kind'] | undefined;
  /** Alarms before the fault was placed: false ones. */
  readonly early: number;
  readonly why: string | undefined;
  /** From the last sign of life to the alarm. */
  readonly latency: number | undefined;
  /** From the fault to the alarm. */
  readonly sinceFault: number | undefined;
}

/** Instructions in a virtual microsecond: those of a PC of about 1990. Slow machines make virtual hours short ones for the host. */
export const MIPS = 5;
/** Virtual milliseconds that the oracle waits for an answer, and for the guest to halt. A guest that lives answers in a hundredth of that. */
const PATIENCE = 5000;
/** Most virtual milliseconds that one line of work may take: several times what the longest does. */
const LINE_PATIENCE = 8000;
const LINES = 3;
/** Virtual milliseconds of rest in the training: before anything runs, while everything waits, and at the end. */
const REST = 300_000;

const restored = ({ snapshot, assets, jit }: Campaign): Promise<Machine> => Machine.restore(snapshot, assets, { jit });

/** Learns the limits of a healthy guest. */
export async function learn(campaign: Campaign): Promise<HangLimits> {
  const { guest } = campaign;
  const machine = await restored(campaign);
  const training = new HangTraining(machine, campaign.parameters);
  for (const line of [...guest.load, '', ...guest.training]) {
    // Kernels have threads that run only for others: how long they wait shows when there is nobody else.
    if (line === '') await machine.run({ for: REST });
    if (!(await type(machine, guest, line, 600_000)))
      throw new Error(
        `${campaign.name}: expected the prompt after ${JSON.stringify(line)}, found ${JSON.stringify(machine.console.text.slice(-200))}`,
      );
  }
  machine.type(`${guest.waiting.line}\n`);
  await machine.run({ for: REST });
  machine.type(guest.waiting.end);
  await machine.run({ for: 500 });
  // Again at the prompt, where the shell itself waits.
  await machine.run({ for: REST });
  const limits = training.limits();
  training[Symbol.dispose]();
  await machine.close();
  return limits;
}

/** Finds where faults can be placed. */
export async function targetsOf(campaign: Campaign): Promise<Targets> {
  const { guest, parameters } = campaign;
  const machine = await restored(campaign);
  let [next, from] = [0, 0];
  const kernel: Known = {
    text: known(parameters, 'kernelText')!,
    split: known(parameters, 'kernelSplit')!,
    switchAt: known(parameters, 'contextSwitch')?.stackSwitch,
  };
  const targets = await findTargets(machine, kernel, () => {
    if (next > 0 && !prompts(machine, guest, from)) return;
    const line = guest.load[next++ % guest.load.length]!;
    from = machine.console.length + line.length;
    machine.type(`${line}\n`);
  });
  await machine.close();
  return targets;
}

/** Runs with a fault. @param seed says which, where and when */
export async function runWithFault(
  campaign: Campaign,
  targets: Targets,
  limits: HangLimits,
  seed: number,
): Promise<FaultRun> {
  const { name, guest, parameters } = campaign;
  const random = new SeededRandom(seed);
  for (let skipped = 0; skipped < 16; skipped++) random.int();
  const kind = FAULTS[seed % FAULTS.length]!;
  const machine = await restored(campaign);
  const detector = new HangDetector(machine, parameters, limits);
  try {
    // The detector has been there for a while: it knows who answers lines.
    await type(machine, guest, guest.probe.line, LINE_PATIENCE);
    await machine.run({ for: 200 + random.fraction() * 1800 });
    await untilMapped(machine, targets.functions);
    const fault = chooseFault(kind, machine, targets, random);
    if (!fault) throw new Error(`${name}: expected a place for ${kind}, found none`);
    using injected = inject(machine, fault);
    const early = detector.hangs.length;
    const shown = machine.console.length;
    const oracle = await judge(machine, guest, detector, random).catch((error: unknown) => {
      if (error instanceof GuestCrash) return 'crashed' as const;
      throw error;
    });
    // The detector has the time that it says it needs.
    if (oracle === 'silent' && detector.hangs.length === early)
      await machine.run({ for: limits.watched, until: () => detector.hangs.length > early }).catch(() => undefined);
    const hang = detector.hangs[early];
    return {
      ...{ guest: name, seed, kind, address: fault.address, oracle, alarm: hang?.kind, why: hang?.why, early },
      crash: guest.crash.test(machine.console.since(shown)),
      latency: hang && hang.time - hang.since,
      sinceFault: hang && injected.time && hang.time - injected.time,
    };
  } finally {
    detector[Symbol.dispose]();
    await machine.close();
  }
}

async function judge(
  machine: Machine,
  guest: ShellGuest,
  detector: HangDetector,
  random: SeededRandom,
): Promise<FaultRun['oracle']> {
  const alarmed = () => detector.open.length > 0;
  const begun = machine.console.length;
  for (let line = 0; line < LINES; line++) {
    const work = guest.load[Math.floor(random.fraction() * guest.load.length)]!;
    if (!(await type(machine, guest, work, LINE_PATIENCE, alarmed))) break;
  }
  const { line, answer } = guest.probe;
  let from = machine.console.length;
  const answered = () => machine.console.since(from).includes(answer);
  machine.type(`${line}\n`);
  const end = await machine.run({ until: answered, for: PATIENCE });
  if (answered()) return 'answers';
  if (guest.crash.test(machine.console.since(begun))) return 'crashed';
  if (end === 'halted') return 'halted';
  // The fault may have hit the console's output alone.
  machine.type(`${guest.halt}\n`);
  const obeyed = await machine.run({ for: PATIENCE });
  if (obeyed === 'halted') return 'mute';
  if (await takesLines(machine, guest)) return 'garbled';
  // A program may have lost its pipe and read from the console instead: it waits for the end of its input, as it should.
  machine.type('\x04');
  await machine.run({ for: LINE_PATIENCE / 8 });
  from = machine.console.length;
  machine.type(`${line}\n`);
  await machine.run({ until: answered, for: PATIENCE });
  if (answered()) return 'answers';
  return (await heeds(machine)) ? 'deaf' : 'silent';
}

/** The fault may have hit what is typed alone: a shell that lives takes any line and prompts again, whatever it was that reached it. */
async function takesLines(machine: Machine, guest: ShellGuest): Promise<boolean> {
  // Garbage may follow the prompt at once.
  const prompt = new RegExp(guest.prompt.source.replace(/\$$/, ''));
  for (let line = 0; line < 2; line++) {
    const from = machine.console.length;
    const prompted = () => prompt.test(machine.console.since(from).replaceAll('\r\n', '\n'));
    machine.type('\n');
    await machine.run({ until: prompted, for: PATIENCE });
    if (!prompted()) return false;
  }
  return true;
}

/** Whether programs run when a key is typed, and not otherwise. */
async function heeds(machine: Machine): Promise<boolean> {
  let programs = 0;
  using _ = machine.on('cpl-change', ({ value }) => {
    if (value === 3) programs++;
  });
  for (let key = 0; key < 3; key++) {
    programs = 0;
    await machine.run({ for: 300 });
    if (programs > 0) return false;
    machine.type('x');
    await machine.run({ for: 300 });
    if (programs === 0) return false;
  }
  return true;
}

/** What came of hours without a fault. */
export interface HealthyHours {
  readonly guest: string;
  readonly load: boolean;
  readonly seed: number;
  readonly virtualHours: number;
  /** The share of the time in which the CPU computed. */
  readonly busy: number;
  readonly alarms: readonly Hang[];
}

/** Most virtual milliseconds between two lines of a guest that mostly waits. */
const PAUSE = 240_000;
/** Most instructions that a line of work may take without a fault: several times what the longest does. A CPU that waits has as long. */
const LINE_INSTRUCTIONS = 16e9;

/**
 * Runs without a fault: with load, lines of work one after the other; without, a guest that waits for input and gets a line now and then.
 * @param hours virtual ones
 */
export async function healthyHours(
  campaign: Campaign,
  limits: HangLimits,
  load: boolean,
  hours: number,
  seed: number,
  progress: (done: number) => void,
): Promise<HealthyHours> {
  const { name, guest } = campaign;
  const random = new SeededRandom(seed);
  const machine = await restored(campaign);
  const detector = new HangDetector(machine, campaign.parameters, limits);
  const begun = { time: machine.cpu.time, instructions: machine.cpu.instructions };
  const end = begun.time + hours * 3_600_000;
  while (machine.cpu.time < end) {
    const lines = load ? guest.heavy : guest.load;
    const line = lines[Math.floor(random.fraction() * lines.length)]!;
    const from = machine.console.length;
    if (!(await type(machine, guest, line, LINE_INSTRUCTIONS / (machine.options.mips * 1000))))
      throw new Error(
        `${name}: expected the prompt after ${JSON.stringify(line)}, found ${JSON.stringify(machine.console.since(from).slice(-200))}`,
      );
    if (!load) await machine.run({ for: Math.max(0, Math.min(PAUSE * random.fraction(), end - machine.cpu.time)) });
    progress((machine.cpu.time - begun.time) / (end - begun.time));
  }
  const time = machine.cpu.time - begun.time;
  const busy = (machine.cpu.instructions - begun.instructions) / (machine.options.mips * 1000) / time;
  detector[Symbol.dispose]();
  await machine.close();
  return { guest: name, load, seed, virtualHours: time / 3_600_000, busy, alarms: detector.hangs };
}
