// Profiles are written and read, found again in another boot, refused for another kernel, and overridden.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { virt } from '../../emulator/index.ts';
import { catalogueImage, catalogueMap, PROMPT, PupSession } from '../../guests/pup/testing/session.ts';
import { known, type ParameterValues } from '../parameters.ts';
import { located, stored } from './address-fields.ts';
import {
  addressIn,
  findAnchor,
  fixedAddress,
  locate,
  override,
  parseProfile,
  profileText,
  relativeAddress,
} from './index.ts';
import { profileOf } from './testing.ts';

async function atPrompt(name: string): Promise<PupSession> {
  const session = await PupSession.start(await catalogueImage(name));
  await session.until(PROMPT);
  return session;
}

const FUNCTIONS = ['schedule', 'fork_process', 'terminal_read', 'trap_dispatch', 'elf_load'];

async function pupProfile(session: PupSession, name = 'pup') {
  const { symbols } = await catalogueMap(name);
  const at = (symbol: string) => virt(symbols[symbol]!.address);
  const values: Partial<ParameterValues> = {
    kernelSplit: virt(0xc0000000),
    kernelEntries: [at('trap_stubs'), at('trap_entry')],
    dispatchTable: { address: at('system_calls'), length: 28 },
    current: { how: 'stack', mask: 0xfffff000, offset: 0, indirect: true },
    processId: { offset: 4, size: 4 },
    expectedAfterKey: ['sh', '0x10', 7],
  };
  return { values, profile: await profileOf(session.machine, name, values, FUNCTIONS.map(at)), at };
}

const messageOf = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing was thrown';
};

test('addresses count from the anchor in both directions, or are fixed', () => {
  const anchor = virt(0xc0103000);
  for (const address of [virt(0xc0103000), virt(0xc0100010), virt(0xc0200000)]) {
    assert.is(addressIn(relativeAddress(address, anchor), anchor), address);
    assert.is(addressIn(relativeAddress(address, anchor), virt(anchor + 0x500000)), virt(address + 0x500000));
  }
  assert.is(relativeAddress(virt(0xc0102ff0), anchor), '@-0x10');
  assert.is(addressIn(fixedAddress(virt(0xc0000000)), virt(1)), 0xc0000000);
});

test('an offset in a segment is stored as an address only where it is one', () => {
  const anchor = virt(0xc1800000);
  const offset = (value: number) => stored('current', { how: 'segment', segment: 'fs', offset: value }, anchor);
  assert.equal(offset(4), { how: 'segment', segment: 'fs', offset: 4 });
  const moving = offset(0xc1a00010);
  assert.equal(moving, { how: 'segment', segment: 'fs', offset: '@+0x200010' });
  assert.equal(located('current', moving, virt(0xc2800000)), { how: 'segment', segment: 'fs', offset: 0xc2a00010 });
});

test('a profile that was written and read gives the same values in another boot', async () => {
  await using first = await atPrompt('pup');
  const { profile, values } = await pupProfile(first);
  const read = parseProfile(profileText(profile), 'file');
  assert.equal(read, profile);
  await using second = await atPrompt('pup');
  await second.command('ls');
  const parameters = locate(read, second.machine);
  for (const [name, value] of Object.entries(values)) assert.equal(known(parameters, name as 'current'), value, name);
  assert.equal(parameters.keyMover, { state: 'unknown', reason: 'the test does not say' });
});

test('the profile of another kernel is refused, and so is a guest without a kernel yet', async () => {
  await using pup = await atPrompt('pup');
  const { profile } = await pupProfile(pup);
  for (const other of ['pup-int2e', 'pup-2g', 'pup-threads']) {
    await using session = await atPrompt(other);
    assert.match(
      messageOf(() => locate(profile, session.machine)),
      /^profile of pup: expected the same kernel, found another: \d of 5 pieces of code differ, the first at 0x[0-9a-f]+; infer/,
      other,
    );
  }
  await using fresh = await PupSession.start(await catalogueImage('pup'));
  assert.match(
    messageOf(() => locate(profile, fresh.machine)),
    /expected a guest that has set up a gate for vector 14, found none/,
  );
});

test('a kernel is recognised while probes lie in its code, and although it patched one piece in four', async () => {
  await using pup = await atPrompt('pup');
  const { profile, at } = await pupProfile(pup);
  using _probe = pup.machine.probe(at('schedule'), () => {});
  assert.is(locate(profile, pup.machine).processId.state, 'known');
  pup.machine.memory.write(at('schedule'), Uint8Array.of(0x90));
  assert.is(locate(profile, pup.machine).processId.state, 'known');
  pup.machine.memory.write(at('elf_load'), Uint8Array.of(0x90));
  assert.match(
    messageOf(() => locate(profile, pup.machine)),
    /2 of 5 pieces/,
  );
});

test('damaged, old and foreign files are refused with the reason', async () => {
  await using pup = await atPrompt('pup');
  const { profile } = await pupProfile(pup);
  const text = profileText(profile);
  const refused = (changed: string) => messageOf(() => parseProfile(changed, 'mine.json'));
  assert.match(refused(text.slice(0, 100)), /^mine\.json: expected a profile in JSON, found none: /);
  assert.match(refused('{}'), /expected a profile of version 1, found no version; make a new one/);
  assert.match(
    refused(text.replace('"version": 1', '"version": 7')),
    /expected a profile of version 1, found version 7/,
  );
  assert.match(refused('null'), /found no version/);
  const { keyMover, ...fewer } = profile.parameters;
  assert.is(keyMover.state, 'unknown');
  assert.match(refused(JSON.stringify({ ...profile, parameters: fewer })), /mine\.json: parameters\.keyMover: /);
  assert.match(
    refused(text.replace(/"length": 28(?=\s*\})/, '"length": "x"')),
    /parameters\.dispatchTable\.value\.length: /,
  );
  assert.match(refused(text.replace(/"@\+0x/, '"#0x')), /expected an address: /);
});

test('a user overrides a value, or one field of it', async () => {
  await using pup = await atPrompt('pup');
  const { profile } = await pupProfile(pup);
  const { address } = findAnchor(pup.machine)!;
  const value = <Name extends keyof ParameterValues>(setting: string, name: Name) =>
    known(locate(override(profile, setting, address), pup.machine), name);
  assert.equal(value('processId.offset=0x454', 'processId'), { offset: 0x454, size: 4 });
  assert.is(value('kernelSplit=0x80000000', 'kernelSplit'), 0x80000000);
  assert.is(value('keyMover=0xc0104000', 'keyMover'), 0xc0104000);
  assert.equal(value('expectedAfterKey=["a", 3]', 'expectedAfterKey'), ['a', 3]);
  assert.equal(value('current={"how":"global","address":0xc0110000}', 'current'), {
    how: 'global',
    address: 0xc0110000,
  });
  assert.is(override(profile, 'timerVector=32', address).parameters.timerVector.state, 'known');
  const refused = (setting: string) => messageOf(() => override(profile, setting, address));
  assert.match(refused('pid=3'), /^--set pid=3: expected PARAMETER=VALUE or .* with one of kernelSplit, /);
  assert.match(refused('timerVector=300'), /^--set timerVector=300: timerVector: /);
  assert.match(refused('processId.size=3'), /processId\.size: /);
  assert.match(refused('kernelText.from=here'), /kernelText\.from: expected an address/);
});

test.run();
