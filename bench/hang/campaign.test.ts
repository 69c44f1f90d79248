// A small campaign on pup: one fault of each kind, and a minute of health.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadAssets } from '../../emulator/node/assets.ts';
import { catalogueImage, catalogueMap, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import { pupParameters } from '../../monitors/testing/pup-parameters.ts';
import { healthyHours, learn, MIPS, runWithFault, targetsOf } from './campaign.ts';
import { FAULTS } from './faults.ts';
import { shellGuest } from './guests.ts';

const image = await catalogueImage('pup');
const pup = await PupSession.start(image, { mips: MIPS });
await pup.until(PROMPT);
const snapshot = await pup.machine.save();
await pup.machine.close();
const campaign = {
  ...{ name: 'pup', guest: shellGuest('pup'), snapshot, assets: await loadAssets(), jit: true },
  parameters: await pupParameters(await catalogueMap('pup'), image),
};
const limits = await learn(campaign);
const targets = await targetsOf(campaign);

test('places for faults are found without symbols', () => {
  for (const list of [targets.functions, targets.interruptCalls, targets.zeroStores, targets.nodes])
    assert.ok(list.length >= 2);
  assert.ok(targets.busiestVector >= 0x20);
});

test('one fault of each kind: who is silent was found, who answers was not accused', async () => {
  let silent = 0;
  for (let seed = 0; seed < FAULTS.length; seed++) {
    const run = await runWithFault(campaign, targets, limits, seed);
    if (run.oracle === 'silent') silent++;
    if (run.oracle === 'silent' || run.oracle === 'answers')
      assert.is(run.alarm !== undefined, run.oracle === 'silent', JSON.stringify(run));
    if (seed === 0) assert.equal(await runWithFault(campaign, targets, limits, seed), run);
  }
  assert.ok(silent >= 3, `${silent} hung`);
});

test('a healthy minute, at work and at rest, without an alarm', async () => {
  for (const load of [true, false]) {
    const { alarms, virtualHours } = await healthyHours(campaign, limits, load, (load ? 5 : 60) / 3600, 1, () => {});
    assert.equal(alarms, []);
    assert.ok(virtualHours > 0.001);
  }
});

test.run();
