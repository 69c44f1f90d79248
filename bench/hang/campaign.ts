// One run with a fault, judged by an oracle that knows nothing of the detector; and hours without one.
import { GuestCrash, Machine, type MachineAssets } from '../../emulator/index.ts';
import { SeededRandom } from '../../emulator/v86/random.ts';
import { type Hang, HangDetector, type HangLimits, HangTraining } from '../../monitors/hang/index.ts';
import { known, type Parameters } from '../../monitors/parameters.ts';
import { chooseFault, FAULTS, type FaultKind, inject } from './faults.ts';
import { prompts, type ShellGuest, type } from './guests.ts';
import { findTargets, type Targets } from './targets.ts';

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
  /** What the oracle says: the guest answers at its console, it only obeys there, it does neither, its kernel crashed, or it halted for good. */
  readonly oracle: 'answers' | 'mute' | 'silent' | 'crashed' | 'halted';
  readonly alarm: Hang['kind'] | undefined;
  readonly why: string | undefined;
  /** From the last sign of life to the alarm. */
  readonly latency: number | undefined;
  /** From the fault to the alarm. */
  readonly sinceFault: number | undefined;
}

/** Milliseconds that the oracle waits for an answer, of a guest that computes and of one that idles. */
const PATIENCE = { busy: 3000, idle: 20_000 };
/** Most virtual milliseconds that one line of work may take. */
const LINE_PATIENCE = 4000;
const LINES = 3;

const restored = ({ snapshot, assets, jit }: Campaign): Promise<Machine> => Machine.restore(snapshot, assets, { jit });

/** Learns the limits of a healthy guest. */
export async function learn(campaign: Campaign): Promise<HangLimits> {
  const { guest } = campaign;
  const machine = await restored(campaign);
  const training = new HangTraining(machine, campaign.parameters);
  for (const line of guest.training)
    if (!(await type(machine, guest, line, 600_000)))
      throw new Error(
        `${campaign.name}: expected the prompt after ${JSON.stringify(line)}, found ${JSON.stringify(machine.console.text.slice(-200))}`,
      );
  machine.type(`${guest.waiting.line}\n`);
  await machine.run({ for: guest.rest });
  machine.type(guest.waiting.end);
  await machine.run({ for: 500 });
  // Again at the prompt, where the shell itself waits.
  await machine.run({ for: guest.rest });
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
  const targets = await findTargets(
    machine,
    known(parameters, 'kernelText')!,
    known(parameters, 'kernelSplit')!,
    () => {
      if (next > 0 && !prompts(machine, guest, from)) return;
      const line = guest.load[next++ % guest.load.length]!;
      from = machine.console.text.length + line.length;
      machine.type(`${line}\n`);
    },
  );
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
    const fault = chooseFault(kind, machine, targets, random);
    if (!fault) throw new Error(`${name}: expected a place for ${kind}, found none`);
    inject(machine, fault);
    const begun = machine.cpu.time;
    const oracle = await judge(machine, guest, detector, random).catch((error: unknown) => {
      if (error instanceof GuestCrash) return 'crashed' as const;
      throw error;
    });
    // The detector has the time that it says it needs.
    if (oracle === 'silent' && detector.hangs.length === 0)
      await machine.run({ for: limits.watched, until: () => detector.hangs.length > 0 }).catch(() => undefined);
    const [hang] = detector.hangs;
    return {
      ...{ guest: name, seed, kind, address: fault.address, oracle, alarm: hang?.kind, why: hang?.why },
      latency: hang && hang.time - hang.since,
      sinceFault: hang && hang.time - begun,
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
  const begun = machine.console.text.length;
  for (let line = 0; line < LINES; line++) {
    const work = guest.load[Math.floor(random.fraction() * guest.load.length)]!;
    if (!(await type(machine, guest, work, LINE_PATIENCE, alarmed))) break;
  }
  const { line, answer } = guest.probe;
  const from = machine.console.text.length;
  const answered = () => machine.console.text.indexOf(answer, from) >= 0;
  machine.type(`${line}\n`);
  let end = await machine.run({ until: answered, for: PATIENCE.busy });
  // A guest that idles costs the host nothing: it is given time.
  if (end === 'for' && machine.cpu.halted) end = await machine.run({ until: answered, for: PATIENCE.idle });
  if (answered()) return 'answers';
  if (guest.crash.test(machine.console.text.slice(begun))) return 'crashed';
  if (end === 'halted') return 'halted';
  // The fault may have hit the console's output alone.
  machine.type(`${guest.halt}\n`);
  const obeyed = await machine.run({ for: machine.cpu.halted ? PATIENCE.idle : PATIENCE.busy });
  return obeyed === 'halted' ? 'mute' : 'silent';
}

/** What came of hours without a fault. */
export interface HealthyHours {
  readonly guest: string;
  readonly load: boolean;
  readonly virtualHours: number;
  /** The share of the time in which the CPU computed. */
  readonly busy: number;
  readonly alarms: readonly Hang[];
}

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
    const line = guest.load[Math.floor(random.fraction() * guest.load.length)]!;
    if (!(await type(machine, guest, line, 600_000)))
      throw new Error(`${name}: expected the prompt after ${JSON.stringify(line)}`);
    if (!load) await machine.run({ for: Math.min(60_000 * random.fraction(), end - machine.cpu.time) });
    progress((machine.cpu.time - begun.time) / (end - begun.time));
  }
  const time = machine.cpu.time - begun.time;
  const busy = (machine.cpu.instructions - begun.instructions) / (machine.options.mips * 1000) / time;
  detector[Symbol.dispose]();
  await machine.close();
  return { guest: name, load, virtualHours: time / 3_600_000, busy, alarms: detector.hangs };
}
