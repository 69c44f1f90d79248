// The detector on Debian: every exploit against a driver is found and stopped, and ordinary work is not reported.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Machine, x86 } from '../../emulator/index.ts';
import { loadAssets } from '../../emulator/node/assets.ts';
import { runToPrompt, withGuest } from '../../guests/testing/boot.ts';
import { linuxCommand, linuxValues } from '../testing/linux-parameters.ts';
import { parametersOf } from '../testing/pup-parameters.ts';
import { Ret2UserDetector, type TransferKind, violationText } from './index.ts';
import { isStopped, type TrialGuest, tryExploit } from './testing.ts';

const KINDS: Readonly<Record<string, TransferKind>> = {
  ...({ fnptr: 'call', partial: 'call', operations: 'call', fileops: 'jump', restart: 'jump' } as const),
  ...({ idt: 'interrupt', gdt: 'call-gate', sysenter: 'sysenter', jump: 'call', tail: 'jump', iret: 'iret' } as const),
  ...({ return: 'return', usermap: 'call', ret2dir: 'call', timer: 'jump' } as const),
};
/** Runs programs of all sorts, and loads modules behind them. */
const WORK = [
  'rmmod villains; rmmod evdev',
  "awk 'BEGIN { for (i = 0; i < 60000; i++) a[i] = i }'",
  'insmod /lib/villains.ko; insmod /lib/evdev.ko',
  'for i in 1 2 3 4; do (ls /dev | sort | tail -1); done',
  'dd if=/dev/zero of=/tmp/a bs=64k count=100 2>/dev/null; md5sum /tmp/a; rm /tmp/a',
];

/** The guest at its prompt with the driver loaded, if the guest is here. */
let ready: TrialGuest | undefined;

test('the guest boots', () =>
  withGuest('debian-6.1-villains', async (guest) => {
    await runToPrompt(guest);
    const { machine } = guest;
    const parameters = parametersOf(await linuxValues(machine));
    await linuxCommand(machine, 'insmod /lib/villains.ko');
    const atPrompt = (shown: string) => /(^|\n)# $/.test(shown);
    ready = { snapshot: await machine.save(), assets: await loadAssets(), parameters, atPrompt };
  }));

for (const [kind, by] of Object.entries(KINDS)) {
  test(`Debian: ${kind} is found and stopped`, async () => {
    if (!ready) return void console.log(`skipped: "${kind}": the guest is not here`);
    const trial = await tryExploit(ready, kind, 'block', true);
    assert.ok(isStopped(trial), JSON.stringify(trial));
    const [first] = trial.violations;
    assert.equal([first!.kind, first!.process?.name], [by, 'ret2usr']);
    if (by === 'call' || by === 'jump') assert.match(first!.instruction!, by === 'call' ? /^call/ : /^jmp/);
  });
}

test('Debian: ordinary work is not reported, modules that are loaded included', async () => {
  if (!ready) return void console.log('skipped: ordinary work: the guest is not here');
  const machine = await Machine.restore(ready.snapshot, ready.assets);
  const reports: string[] = [];
  using detector = new Ret2UserDetector(machine, await x86.loadDecoder(), ready.parameters, 'block', (one) =>
    reports.push(violationText(one)),
  );
  for (const line of WORK) await linuxCommand(machine, line);
  assert.equal(reports, []);
  assert.ok(detector.pages > 5_000, `${detector.pages}`);
  await machine.close();
});

test.run();
