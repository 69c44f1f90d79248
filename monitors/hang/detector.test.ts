// The hang detector on pup: each way in which its driver hangs it, and what only looks so.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from '../../emulator/index.ts';
import { catalogueImage, catalogueMap, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import { known } from '../parameters.ts';
import { pupLoad } from '../testing/pup-load.ts';
import { parametersOf, pupParameters, pupValues } from '../testing/pup-parameters.ts';
import { type Hang, HangDetector, type HangKind } from './detector.ts';
import { type HangLimits, limitsOfProfile } from './limits.ts';
import { endsInCall } from './return-addresses.ts';
import { HangTraining } from './training.ts';

const QUIET = 4000;
const image = await catalogueImage('pup');
const map = await catalogueMap('pup');
const parameters = await pupParameters(map, image);

async function start(): Promise<PupSession> {
  const pup = await PupSession.start(image);
  await pup.until(PROMPT);
  return pup;
}

async function learn(): Promise<HangLimits> {
  await using pup = await start();
  using training = new HangTraining(pup.machine, parameters);
  await pupLoad(pup, QUIET);
  return training.limits();
}

const limits = await learn();

/** An instruction of pup's kernel that gets lost: the first behind an address that begins with some bytes. */
interface Lost {
  readonly from: number;
  readonly begins: readonly number[];
  readonly length: number;
}
const WAKE_UP: Lost = { from: map.symbols.wake_sleepers!.address, begins: [0xe8], length: 5 };
/** out 0x20, al; in the function before. */
const END_OF_INTERRUPT: Lost = { from: map.symbols.pic_init!.address - 40, begins: [0xe6, 0x20], length: 2 };

function lose({ machine: { memory } }: PupSession, { from, begins, length }: Lost): void {
  const code = Buffer.from(memory.read(virt(from), 64) as Uint8Array);
  memory.write(virt(from + code.indexOf(Buffer.from(begins))), new Uint8Array(length).fill(0x90));
}

/** Types lines, and what comes of it in a while. @param lost an instruction that gets lost before */
async function watch(line: string, milliseconds = 2 * QUIET, from: HangLimits = limits, lost?: Lost) {
  const pup = await start();
  const halted: number[] = [];
  const detector = new HangDetector(pup.machine, parameters, from, { halted: (time) => void halted.push(time) });
  await pup.machine.run({ for: 300 });
  if (lost !== undefined) lose(pup, lost);
  const begun = pup.machine.cpu.time;
  for (const one of line.split('\n')) {
    pup.type(`${one}\n`);
    await pup.machine.run({ for: 100 });
  }
  await pup.machine.run({ for: milliseconds - 100 });
  await pup.machine.close();
  return { hangs: detector.hangs as readonly Hang[], recovered: detector.recovered, halted, begun, output: pup.output };
}

const HANGS: readonly (readonly [way: string, kind: HangKind, interrupts: 'on' | 'off' | undefined])[] = [
  ['loop-on', 'full', 'on'],
  ['loop-off', 'full', 'off'],
  ['double-lock', 'full', 'on'],
  ['corrupt-list', 'full', 'off'],
  ['livelock', 'full', 'on'],
  ['storm', 'full', 'on'],
  ['timer-off', 'full', 'off'],
  ['lost-wakeup', 'partial', undefined],
];

for (const [way, kind, interrupts] of HANGS) {
  test(`${way} is a ${kind} hang`, async () => {
    const { hangs, recovered, begun } = await watch(`hang ${way}`, kind === 'partial' ? 2 * QUIET : 700);
    assert.is(hangs.length, 1, JSON.stringify(hangs));
    const [hang] = hangs as [Hang];
    assert.is(hang.kind, kind);
    assert.ok(hang.since >= begun && hang.time - hang.since > hang.limit);
    assert.is(recovered.length, 0);
    if (kind === 'partial') assert.is(hang.name, 'hang');
    else {
      assert.is(hang.interrupts! > 0, interrupts === 'on');
      assert.ok(hang.time - hang.since < 200, 'found within 200 ms');
    }
  });
}

test('a console that is never given back: who writes next waits for ever', async () => {
  const { hangs } = await watch('hang lost-unlock');
  assert.is(hangs.length, 1);
  assert.is(hangs[0]!.kind, 'partial');
});

test('a CPU that waits and gets no interrupt any more', async () => {
  const { hangs } = await watch('', 700, limits, END_OF_INTERRUPT);
  assert.equal(
    hangs.map(({ kind, why }) => [kind, why]),
    [['full', 'the CPU waits and no interrupt comes any more']],
  );
});

test('sleepers that nobody wakes: a line lies unread while the CPU has nothing to do', async () => {
  for (const [typed, found] of [
    ['sleep 3\nls', 1],
    ['sleep 3', 0],
  ] as const) {
    const { hangs } = await watch(typed, 3 * QUIET, limits, WAKE_UP);
    assert.is(hangs.length, found, JSON.stringify(hangs));
    for (const { kind } of hangs) assert.is(kind, 'partial');
  }
});

test('no hang: a line that is typed ahead of a program that computes, or that sleeps for a while', async () => {
  for (const line of ['sieve 40000000\nls', 'sleep 100\nls']) {
    const { hangs } = await watch(line, 2 * QUIET);
    assert.equal(hangs, [], line);
  }
});

for (const line of ['', 'polite', 'deadlock'].map((way) => (way === '' ? '' : `hang ${way}`)))
  test(`no hang of the kernel: ${line || 'a guest that waits for input'}`, async () => {
    const { hangs, halted } = await watch(line);
    assert.equal([hangs, halted], [[], []]);
  });

test('no hang: heavy load, and the longest computation alone', async () => {
  const { hangs, output } = await watch('forkstorm 80 ; sieve 4000000 ; pingpong 500 ; ls | sort | wc', 8000);
  assert.equal(hangs, []);
  assert.ok(output.endsWith(PROMPT));
});

test('a guest that was shut down has halted, and does not hang', async () => {
  const { hangs, halted } = await watch('halt', 1000);
  assert.equal(hangs, []);
  assert.is(halted.length, 1);
});

test('with the JIT off the verdicts are the same', async () => {
  const pup = await PupSession.start(image, { jit: false });
  await using _ = pup;
  await pup.until(PROMPT);
  const detector = new HangDetector(pup.machine, parameters, limits);
  await pup.command('ls | wc');
  assert.equal(detector.hangs, []);
  pup.type('hang loop-on\n');
  await pup.machine.run({ for: 700 });
  assert.equal(
    detector.hangs.map(({ kind }) => kind),
    ['full'],
  );
});

test('with the gap of a profile alone, loops are found; without current, too', async () => {
  const values = await pupValues(await catalogueMap('pup'), image);
  const { contextSwitch } = values;
  const few = parametersOf({ contextSwitch: contextSwitch!, schedulingGap: { busyMs: 20, idleMs: 1000 } });
  assert.is(known(few, 'current'), undefined);
  const pup = await start();
  await using _ = pup;
  const detector = new HangDetector(pup.machine, few, limitsOfProfile(few)!);
  await pup.command('ls | wc ; sieve 100000');
  assert.equal(detector.hangs, []);
  pup.type('hang loop-off\n');
  await pup.machine.run({ for: 700 });
  assert.equal(
    detector.hangs.map(({ kind, limit }) => [kind, limit]),
    [['full', 80]],
  );
});

test('limits are plain data', () => {
  assert.equal(JSON.parse(JSON.stringify(limits)), limits);
  assert.ok(limits.longest.kernel > 0 && limits.longest.kernel < 100);
  assert.is(Object.keys(limits.readers).length > 0, true);
  assert.is(limitsOfProfile(parameters), undefined);
});

test('calls are known by their last bytes', () => {
  const calls = [
    'e800000000',
    '0000000000ffd0',
    '00000000ff5008',
    '000000ff542408',
    '00ff9012345678',
    '00ff1512345678',
    'ff148512345678',
    '0000000000ff12',
  ];
  for (const code of calls) assert.ok(endsInCall(Uint8Array.from(Buffer.from(code, 'hex'))), code);
  for (const code of ['9090909090909090', '0000000000ffe0', '0000ff7008'])
    assert.not(endsInCall(Uint8Array.from(Buffer.from(code, 'hex'))), code);
});

test.run();
