// The detector on pup: every exploit in every kernel is found where it says it is and stopped, and ordinary work is never reported.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine, x86 } from '../../emulator/index.ts';
import { loadAssets } from '../../emulator/node/assets.ts';
import { catalogueImage, catalogueMap, INTERACTIVE, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import { parametersOf, pupValues } from '../testing/pup-parameters.ts';
import monitor, { Ret2UserDetector, type TransferKind, violationText } from './index.ts';
import { isFound, isStopped, type TrialGuest, tryExploit } from './testing.ts';

/** What each exploit is, and the instruction that it has transfer. */
const EXPLOITS: Readonly<Record<string, readonly [kind: TransferKind, instruction: RegExp | undefined]>> = {
  fnptr: ['call', /^call e/],
  partial: ['call', /^call e/],
  'syscall-table': ['call', /^call/],
  idt: ['interrupt', /^int 0x42$/],
  gdt: ['call-gate', /^call far/],
  return: ['return', undefined],
  iret: ['iret', undefined],
  jump: ['call', /^call e/],
  usermap: ['call', /^call e/],
  timer: ['call', /^call/],
  fileops: ['call', /^call/],
  ret2dir: ['call', /^call e/],
};
const KINDS = Object.keys(EXPLOITS);

/** A pup at its prompt. */
async function ready(name: string): Promise<TrialGuest> {
  const image = await catalogueImage(name);
  await using pup = await PupSession.start(image);
  await pup.until(PROMPT);
  const parameters = parametersOf(await pupValues(await catalogueMap(name), image));
  const atPrompt = (shown: string) => shown.endsWith(PROMPT);
  return { snapshot: await pup.machine.save(), assets: await loadAssets(), parameters, atPrompt };
}

const pup = await ready('pup');

for (const jit of [true, false]) {
  for (const kind of KINDS) {
    test(`pup, JIT ${jit ? 'on' : 'off'}: ${kind} is found and stopped`, async () => {
      const trial = await tryExploit(pup, kind, 'block', jit);
      assert.ok(isStopped(trial), JSON.stringify(trial));
      const [first] = trial.violations;
      assert.is(trial.violations.length, 1);
      assert.is(first!.process?.name, 'ret2usr');
      assert.is(first!.target, kind === 'usermap' || kind === 'ret2dir' ? 'user-frame' : 'user-page');
      const [by, instruction] = EXPLOITS[kind]!;
      if (kind === 'syscall-table') assert.ok(['call', 'jump'].includes(first!.kind));
      else assert.is(first!.kind, by);
      if (instruction && first!.kind === by) assert.match(first!.instruction!, instruction);
      assert.match(violationText(first!), /^\d+\.\d+ blocked: .+ in ret2usr \d+ \(CR3 0x/);
    });
  }
}

for (const { name } of INTERACTIVE) {
  test(`${name}: every exploit that works there is reported, and goes on where it is not to be blocked`, async () => {
    const guest = name === 'pup' ? pup : await ready(name);
    for (const kind of KINDS) {
      const trial = await tryExploit(guest, kind, 'report', true);
      assert.ok(isFound(trial), `${kind}: ${JSON.stringify(trial)}`);
      assert.is(trial.cpl, 0, kind);
      assert.ok(trial.violations.every(({ blocked }) => !blocked));
    }
  });
}

const WORK = [
  ...['ls /bin | sort | wc', 'forkstorm 40', 'pingpong 60', 'crash all', 'threads 4', 'cat /etc/motd | sort | wc'],
  ...['sieve 3000 & sieve 2000 & wait', 'rootkit filter 5', 'ps'],
];

for (const jit of [true, false]) {
  for (const { name } of jit ? INTERACTIVE : INTERACTIVE.slice(0, 3)) {
    test(`${name}, JIT ${jit ? 'on' : 'off'}: ordinary work is not reported, from its power-on`, async () => {
      const image = await catalogueImage(name);
      await using session = await PupSession.start(image, { jit });
      const reports: string[] = [];
      const parameters = parametersOf(await pupValues(await catalogueMap(name), image));
      const decoder = await x86.loadDecoder();
      using detector = new Ret2UserDetector(session.machine, decoder, parameters, 'block', (one) =>
        reports.push(violationText(one)),
      );
      assert.is(detector.blind, 'no-user-code-yet');
      await session.until(PROMPT);
      for (const line of WORK) await session.command(line);
      assert.equal(reports, []);
      assert.is(detector.blind, undefined);
      assert.ok(detector.pages > 500, `${detector.pages}`);
    });
  }
}

test('as a monitor it tells of a violation, and refuses a mode that there is not', async () => {
  const machine = await Machine.restore(pup.snapshot, pup.assets);
  const told: Readonly<Record<string, unknown>>[] = [];
  const context = {
    guest: { name: 'pup', commandLine: '', memorySize: machine.memory.size, prompt: PROMPT },
    parameters: pup.parameters,
    print: () => {},
    tell: (record: Readonly<Record<string, unknown>>) => void told.push(record),
  };
  try {
    await monitor.attach(machine, { ...context, options: { mode: 'kill' } });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /ret2usr.mode: expected block or report, found kill/);
  }
  const handle = await monitor.attach(machine, { ...context, options: { mode: 'report' } });
  machine.type('ret2usr fnptr\n');
  await machine.run({ until: 'stage=ran', for: 5000 });
  const [record] = told;
  assert.is(told.length, 1);
  assert.equal([record!.by, record!.name, record!.blocked, record!.target], ['call', 'ret2usr', false, 'user-page']);
  JSON.stringify(record);
  const summary = handle!.summary() as { readonly violations: number; readonly mode: string };
  assert.equal([summary.violations, summary.mode], [1, 'report']);
  assert.match(handle!.text!(), /^1 reported, /);
  handle![Symbol.dispose]!();
  await machine.close();
});

test.run();
