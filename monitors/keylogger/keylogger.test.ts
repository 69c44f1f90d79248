// The detector on pup: every logger, innocent programs, foreground programs, and what it says when little is known.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { catalogueImage, catalogueMap, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import type { MonitorContext } from '../monitor.ts';
import { unknownParameters } from '../parameters.ts';
import monitor, { type Judgement, parseExpectation } from './index.ts';
import { studyPup } from './testing/pup-study.ts';

const STRETCHES = 24;
/** Loggers whose code runs in the interrupt. */
const IN_INTERRUPT: readonly string[] = ['keylog-hook', 'keylog-tap'];
const seen = ({ reports }: Judgement) => reports.map(({ reason, name }) => `${name} ${reason}`);
const answering = ({ answering }: Judgement) =>
  answering.map(({ name, foreground }) => (foreground ? `${name} in front` : name));

const trained = await studyPup({ lines: [], stretches: STRETCHES });
const expectation = trained.expected;

test('training finds the shell and what it calls', () => {
  assert.equal(seen(trained), []);
  // guests/pup/abi/syscalls.h: read, write, control.
  assert.equal(
    expectation.programs.map(({ name, calls, answers }) => [name, calls, answers]),
    [['sh', [14, 15, 18], [14, 15, 18]]],
  );
  // Presses and releases, each of one byte.
  assert.ok(trained.keysRead >= 150, `${trained.keysRead}`);
});

/** Loggers, and how many of their processes follow the keys. */
const LOGGERS: readonly (readonly [name: string, processes: number])[] = [
  ['keylog-device', 1],
  ['keylog-batch', 1],
  ['keylog-delay', 2],
  ['keylog-relay', 4],
  ['keylog-poll', 1],
  ['keylog-hook', 1],
  ['keylog-tap', 1],
];
for (const [name, processes] of LOGGERS) {
  test(`${name} is reported, and the shell is not`, async () => {
    const judgement = await studyPup({ lines: [`${name} &`], expectation, stretches: STRETCHES });
    assert.equal(seen(judgement), Array(processes).fill(`${name} follows-keys`));
    assert.equal(answering(judgement), ['sh']);
    assert.is(judgement.newCode.length, IN_INTERRUPT.includes(name) ? 1 : 0);
    for (const { p, correlation } of judgement.reports) assert.ok(p < 0.001 && correlation > 0.7);
  });
}

test('a hook in the keyboard’s interrupt is found though it only stores and nobody fetches', async () => {
  // Ctrl-C ends the program, and the hook stays.
  const { reports, newCode } = await studyPup({ lines: ['keylog-hook', '\x03'], expectation, stretches: STRETCHES });
  assert.equal(reports, []);
  const [one, ...others] = newCode;
  assert.equal(others, []);
  const { symbols } = await catalogueMap('pup');
  assert.is(one!.address, symbols.keep_scancode!.address);
  assert.is(one!.ran, one!.windows);
  assert.ok(one!.p < 1e-9);
});

test('a shell that logs what is typed into it is reported for what it does more', async () => {
  const judgement = await studyPup({ lines: ['keylog-shell'], expectation, stretches: STRETCHES });
  assert.equal(seen(judgement), ['keylog-shell does-more']);
});

for (const name of ['cat', 'sh', 'wc', 'sort', 'cat | cat | sort']) {
  test(`${name} in the foreground is not reported, and a logger beside it is`, async () => {
    const alone = await studyPup({ lines: [name], expectation, stretches: STRETCHES });
    assert.equal([seen(alone), alone.newCode], [[], []]);
    const beside = await studyPup({ lines: ['keylog-device &', name], expectation, stretches: STRETCHES });
    assert.equal(seen(beside), ['keylog-device follows-keys']);
  });
}

const INNOCENT = ['top 100 > /dev/null &', 'sleep 9000 &', 'pingpong 500 &', 'spin 300 &', 'sieve 100000 &'];

test('innocent programs are not reported, and a logger among them is', async () => {
  const quiet = await studyPup({ lines: INNOCENT, expectation, stretches: STRETCHES });
  assert.equal([seen(quiet), quiet.newCode], [[], []]);
  assert.ok(quiet.tested >= 3, `${quiet.tested}`);
  const loud = await studyPup({ lines: [...INNOCENT, 'keylog-tap &'], expectation, stretches: STRETCHES });
  assert.equal(seen(loud), ['keylog-tap follows-keys']);
});

test('the same verdicts and numbers without compiled code', async () => {
  for (const line of ['keylog-delay &', 'keylog-hook &', 'cat']) {
    const wanted = { lines: [line], expectation, stretches: STRETCHES };
    assert.equal(await studyPup({ ...wanted, jit: false }), await studyPup(wanted));
  }
});

test('other ways to switch, to find current and to call the kernel: the same verdicts', async () => {
  for (const variant of ['pup-int2e', 'pup-sysenter', 'pup-callgate', 'pup-tss', 'pup-threads', 'pup-alien']) {
    const { expected } = await studyPup({ variant, lines: [], stretches: STRETCHES });
    const judgement = await studyPup({
      variant,
      lines: ['keylog-hook &'],
      expectation: expected,
      stretches: STRETCHES,
    });
    assert.equal(seen(judgement), ['keylog-hook follows-keys'], variant);
  }
});

test('at the serial console, a tap of the terminal is found and a reader of the keyboard is not', async () => {
  const wanted = { expectation, stretches: STRETCHES, device: 'serial' as const };
  assert.equal(seen(await studyPup({ ...wanted, lines: ['keylog-tap &'] })), ['keylog-tap follows-keys']);
  assert.equal(seen(await studyPup({ ...wanted, lines: ['keylog-device &'] })), []);
});

test('where nothing is known of the kernel, address spaces are told apart', async () => {
  const parameters = unknownParameters('not asked');
  const { expected } = await studyPup({ lines: [], stretches: STRETCHES, parameters });
  assert.is(expected.programs.length, 1);
  const judgement = await studyPup({
    lines: ['keylog-device &'],
    expectation: expected,
    stretches: STRETCHES,
    parameters,
  });
  assert.is(judgement.reports.length, 1);
  assert.not.equal(judgement.reports[0]!.spaces, [expected.programs[0]!.space]);
});

test('as a monitor: trains where nobody is expected, and judges by what that gave', async () => {
  const image = await catalogueImage('pup');
  const run = async (line: string, options: Record<string, string>) => {
    await using pup = await PupSession.start(image);
    const told: string[] = [];
    const guest = { name: 'pup', commandLine: '', memorySize: 16 << 20, prompt: PROMPT };
    const parameters = unknownParameters('not asked');
    const context: MonitorContext = {
      ...{ guest, parameters, options },
      print: () => {},
      tell: (_, text) => told.push(text),
    };
    const handle = await monitor.attach(pup.machine, context);
    if (!handle) throw new Error('expected a handle');
    await pup.until(PROMPT);
    pup.type(line);
    await pup.machine.run({ for: 30_000 });
    const result = { summary: handle.summary() as Judgement & { kind: string }, text: handle.text!(), told };
    assert.ok(handle.events!() > 100);
    handle[Symbol.dispose]!();
    return result;
  };
  const training = await run('', { stretches: '16' });
  assert.is(training.summary.kind, 'training');
  assert.equal(training.told, []);
  const expected = JSON.stringify(training.summary.expected);
  assert.ok(training.text.includes(expected));
  const { summary, told } = await run('keylog-relay &\n', { stretches: '16', expected });
  assert.is(summary.kind, 'judgement');
  assert.is(summary.reports.length, 4);
  assert.is(told.length, 4);
  assert.match(told[0]!, /^address space 0x\w+ follows the keys, and is not expected to: system calls?.*p=/);
});

test('wrong options say what was expected', async () => {
  await using pup = await PupSession.start(await catalogueImage('pup'));
  const guest = { name: 'pup', commandLine: '', memorySize: 16 << 20, prompt: PROMPT };
  const attach = (options: Record<string, string>) => {
    const parameters = unknownParameters('not asked');
    return monitor.attach(pup.machine, { guest, parameters, options, print: () => {}, tell: () => {} });
  };
  assert.throws(() => attach({ seed: 'x' }), /keylogger.seed: expected a number from 0, found "x"/);
  assert.throws(() => attach({ device: 'mouse' }), /expected keyboard or serial, found "mouse"/);
  assert.throws(() => attach({ train: 'yes' }), /keylogger.train: expected true or false, found "yes"/);
  assert.throws(() => attach({ sed: '1' }), /keylogger.sed: expected one of seed/);
  assert.throws(() => parseExpectation('{', 'x'), /x: expected what an earlier run .* found no JSON/);
  assert.throws(() => parseExpectation('{"programs":[{"name":3}]}', 'x'), /found at programs.0.name: /);
});

test.run();
