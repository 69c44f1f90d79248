// The villains do what they say: loggers see the keys, the rootkit hides, hangs hang.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pupRecords } from '../records.ts';
import { catalogueImage, PROMPT, PupSession, scancodes } from './session.ts';

const image = await catalogueImage('pup');
const TEXT = 'echo secret\n';
const pressed = scancodes(TEXT).filter((code) => code < 0x80);
const characters = [...TEXT].map((character) => character.charCodeAt(0));
/** Virtual milliseconds in which a shell that lives would have answered long since. */
const SILENCE = 100;

/** A pup whose shell has just started something. */
async function started(line: string, sign: string): Promise<PupSession> {
  const pup = await PupSession.start(image);
  await pup.until(PROMPT);
  pup.type(`${line}\n`);
  await pup.until(sign);
  return pup;
}

/** All keys that a logger has reported, in order. */
const loggedKeys = (output: string, logger: string) =>
  pupRecords(output, 'villain')
    .filter(({ words, fields }) => words[0] === logger && fields.has('keys'))
    .flatMap(({ fields }) => fields.get('keys')!.split(',').map(Number));

for (const [logger, expected] of [
  ['keylog-device', pressed],
  ['keylog-batch', pressed],
  ['keylog-delay', pressed],
  ['keylog-relay', pressed],
  ['keylog-hook', pressed],
  ['keylog-tap', characters],
] as const) {
  test(`${logger} gets every key, and the shell does too`, async () => {
    await using pup = await started(`${logger} &`, 'stage=armed');
    pup.type(scancodes(TEXT));
    await pup.until('\nsecret\r\n');
    // The late ones write after a second.
    pup.type('sleep 130\n');
    await pup.until('sleep 130');
    await pup.until(PROMPT);
    assert.equal(loggedKeys(pup.output, logger).slice(0, expected.length), expected);
  });
}

test('keylog-poll sees keys that are held down for some time', async () => {
  await using pup = await started('keylog-poll &', 'stage=armed');
  const [a, b] = ['a', 'b'].map((key) => scancodes(key)[0]!) as [number, number];
  const release = a | 0x80;
  pup.type([a]);
  await pup.until('keys=');
  await pup.until('\r\n');
  pup.type([release, b]);
  await pup.until('keys=');
  await pup.until('\n');
  assert.equal(loggedKeys(pup.output, 'keylog-poll'), [a, b]);
});

test('keylog-shell is a shell that reports each line typed into it', async () => {
  await using pup = await started('keylog-shell', PROMPT);
  pup.type(scancodes(TEXT));
  await pup.until('\nsecret');
  assert.equal(loggedKeys(pup.output, 'keylog-shell'), characters);
});

for (const way of ['filter', 'unlink']) {
  test(`rootkit ${way} hides a process from ps while it runs`, async () => {
    await using pup = await started(`rootkit ${way} 30`, PROMPT);
    await pup.command('truth');
    const stages = pupRecords(pup.output, 'villain').map(({ fields }) => fields);
    assert.equal(
      stages.map((fields) => [fields.get('stage'), fields.get('listed')]),
      [
        ['before', '1'],
        ['hidden', '0'],
        ['restored', '1'],
      ],
    );
    const worker = pupRecords(pup.output, 'truth').find(({ fields }) => fields.get('pid') === stages[0]!.get('worker'));
    assert.ok(Number(worker!.fields.get('syscalls')) > 5, 'it went on while hidden');
  });
}

const FULL = ['loop-on', 'loop-off', 'double-lock', 'corrupt-list', 'timer-off', 'livelock', 'storm'];
for (const kind of [...FULL, 'lost-unlock']) {
  test(`after hang ${kind} the console is dead`, async () => {
    await using pup = await started(`hang ${kind} &`, `kind=${kind}`);
    pup.type('echo alive\n');
    assert.not.ok(await pup.shows('\nalive', SILENCE), pup.output);
  });
}

for (const kind of ['lost-wakeup', 'polite', 'deadlock']) {
  test(`hang ${kind} in the background leaves the shell alive`, async () => {
    await using pup = await started(`hang ${kind} &`, `kind=${kind}`);
    pup.type('echo alive\n');
    assert.ok(await pup.shows('\nalive', SILENCE), pup.output);
  });
}

test.run();
